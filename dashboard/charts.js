// Small pictures, each with a sentence for those who cannot see it.
import {h, svg} from './dom.js';
import {count, percent, words, clock} from './format.js';

// In this order in every bar; a class of the same name colours it.
export const kOutcomes = ['match', 'accepted', 'noise', 'transient', 'mismatch', 'new_failed', 'not_comparable', 'shed',
  'old_failed', 'not_selected'];

/** How requests ended, as one stacked bar. */
export function outcomeBar(counts) {
  const present = kOutcomes.filter((name) => counts.outcomes[name] > 0);
  const sentence = present.map((name) => `${words(name)} ${count(counts.outcomes[name])}`).join(', ') || 'no requests';
  const bar = h('div', {class: 'outcomes', role: 'img', 'aria-label': `Outcomes: ${sentence}`, title: sentence});
  for (const name of present) {
    const part = h('span', {class: `outcome ${name}`});
    part.style.flexGrow = String(counts.outcomes[name]);
    bar.append(part);
  }
  return bar;
}

export function outcomeLegend(counts) {
  const total = counts.requests || 1;
  return h('ul', {class: 'legend'}, kOutcomes.filter((name) => counts.outcomes[name] > 0).map((name) =>
    h('li', {}, h('span', {class: `swatch ${name}`, 'aria-hidden': 'true'}), words(name), ' ',
      h('b', {}, count(counts.outcomes[name])), h('small', {}, percent(counts.outcomes[name] / total)))));
}

/** Minutes summed into `slots` equal spans that end now. */
function slotsOf(minutes, windowMinutes, now_s, slots) {
  const end = Math.floor(now_s / 60) + 1;
  const perSlot = Math.max(1, Math.ceil(windowMinutes / slots));
  const sums = Array.from({length: Math.ceil(windowMinutes / perSlot)}, () => ({compared: 0, different: 0, uncompared: 0}));
  for (const minute of minutes) {
    const slot = sums.length - 1 - Math.floor((end - 1 - minute.at_s / 60) / perSlot);
    if (slot < 0 || slot >= sums.length) continue;
    for (const name of ['compared', 'different', 'uncompared']) sums[slot][name] += minute[name];
  }
  return {sums, perSlot, end};
}

const rateOf = (slot) => (slot.compared > 0 ? slot.different / slot.compared : null);

/** Runs of neighbours that have a rate, as SVG paths: a minute without traffic is a gap, not a zero. */
function ratePaths(rates, x, y, baseline) {
  const line = [];
  const area = [];
  const dots = [];
  for (let from = 0; from < rates.length; ++from) {
    if (rates[from] === null) continue;
    let to = from;
    while (to + 1 < rates.length && rates[to + 1] !== null) ++to;
    const points = rates.slice(from, to + 1).map((rate, i) => `${x(from + i).toFixed(1)},${y(rate).toFixed(1)}`);
    if (from === to) dots.push([x(from), y(rates[from])]);
    else {
      line.push(`M${points.join('L')}`);
      area.push(`M${x(from).toFixed(1)},${baseline}L${points.join('L')}L${x(to).toFixed(1)},${baseline}Z`);
    }
    from = to;
  }
  return {line: line.join(''), area: area.join(''), dots};
}

function rateSentence(rates, windowMinutes) {
  const known = rates.filter((rate) => rate !== null);
  if (!known.length) return 'no comparisons in this span';
  const length = windowMinutes < 120 ? `${windowMinutes} minutes` : `${Math.round(windowMinutes / 60)} hours`;
  return `diff rate over the last ${length}: latest ${percent(known.at(-1))}, highest ${percent(Math.max(...known))}`;
}

/** The diff rate over time: as a line in a table, or with axes on a page of its own. */
export function rateChart(minutes, {windowMinutes, now_s, width = 132, height = 30, axes = false}) {
  const {sums, perSlot, end} = slotsOf(minutes, windowMinutes, now_s, axes ? 120 : 60);
  const rates = sums.map(rateOf);
  const top = Math.max(0.001, ...rates.filter((rate) => rate !== null));
  const busiest = Math.max(1, ...sums.map((slot) => slot.compared));
  const inset = axes ? {left: 44, right: 6, top: 8, bottom: 20} : {left: 1, right: 3, top: 3, bottom: 1};
  const inner = {width: width - inset.left - inset.right, height: height - inset.top - inset.bottom};
  const step = inner.width / sums.length;
  const x = (slot) => inset.left + (slot + 0.5) * step;
  const y = (rate) => inset.top + inner.height * (1 - rate / top);
  const baseline = inset.top + inner.height;
  const paths = ratePaths(rates, x, y, baseline);
  const sentence = rateSentence(rates, windowMinutes);

  const picture = svg('svg', {class: axes ? 'chart' : 'spark', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': sentence},
    svg('title', {}, sentence),
    sums.map((slot, i) => slot.compared > 0 && svg('rect', {
      class: 'volume', x: (inset.left + i * step + 0.3).toFixed(1), width: Math.max(0.6, step - 0.6).toFixed(1),
      y: (baseline - (inner.height * slot.compared) / busiest).toFixed(1), height: ((inner.height * slot.compared) / busiest).toFixed(1)})),
    svg('path', {class: 'area', d: paths.area}),
    svg('path', {class: 'line', d: paths.line}),
    paths.dots.map(([cx, cy]) => svg('circle', {class: 'dot', cx, cy, r: 1.8})),
    svg('line', {class: 'axis', x1: inset.left, x2: width - inset.right, y1: baseline, y2: baseline}));
  if (axes) {
    const start_s = (end - sums.length * perSlot) * 60;
    picture.append(
      svg('text', {x: inset.left - 6, y: inset.top + 4, class: 'tick end'}, percent(top)),
      svg('text', {x: inset.left - 6, y: baseline, class: 'tick end'}, '0%'),
      svg('text', {x: inset.left, y: height - 5, class: 'tick'}, clock(start_s)),
      svg('text', {x: width - inset.right, y: height - 5, class: 'tick end'}, 'now'));
  }
  return picture;
}
