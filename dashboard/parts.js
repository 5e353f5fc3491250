// What several pages show.
import {h, link} from './dom.js';
import {ago, count, duration, iso, words} from './format.js';

const kMarks = {pass: '✓', fail: '✕', hold: '‖'};

export const verdictBadge = (verdict) =>
  h('span', {class: `badge verdict ${verdict}`}, h('span', {'aria-hidden': 'true'}, kMarks[verdict] ?? '?'), verdict);

export const severityBadge = (severity) => severity && h('span', {class: `badge severity ${severity}`}, severity);
export const kindBadge = (kind) => h('span', {class: 'badge kind'}, words(kind));
export const stateBadge = (state) => h('span', {class: `badge state ${state}`}, state);
export const stageBadge = (stage) => h('span', {class: 'badge stage', title: 'stage'}, stage);

export const when = (microseconds) =>
  h('time', {datetime: iso(microseconds), title: iso(microseconds)}, ago(microseconds));

/** A stored value, or a word for its absence, which no text can imitate. */
export const value = (text, side) =>
  text === null ? h('span', {class: `value absent ${side}`}, 'absent') : h('code', {class: `value ${side}`}, text);

export const fromOldToNew = (old, new_) =>
  h('span', {class: 'change'}, value(old, 'old'), h('span', {class: 'arrow', 'aria-label': 'became'}, '→'), value(new_, 'new'));

/** Both sides' latency at one quantile, with their ratio. */
export function latencyPair(latency, quantile) {
  const old = latency.old?.[quantile];
  const new_ = latency.new?.[quantile];
  const ratio = old && new_ ? new_ / old : null;
  return h('span', {class: 'latency'}, duration(old), h('span', {class: 'arrow', 'aria-label': 'became'}, '→'), duration(new_),
    ratio !== null && h('span', {class: ratio > 1.2 ? 'ratio slow' : 'ratio', title: 'new over old'}, `×${ratio.toFixed(ratio < 10 ? 1 : 0)}`));
}

export const heading = (title, ...beside) => h('div', {class: 'heading'}, h('h1', {}, title), beside);

export const crumbs = (...steps) => h('nav', {class: 'crumbs', 'aria-label': 'Way up'},
  steps.map(([text, target]) => [h('a', {href: target, 'data-up': true}, text), h('span', {'aria-hidden': 'true'}, ' / ')]));

export const empty = (title, ...text) => h('div', {class: 'empty'}, h('h2', {}, title), h('p', {}, text));

/** One finding of a list. */
export function findingRow(finding) {
  return h('li', {class: 'item finding', 'data-row': true},
    h('div', {class: 'line'}, severityBadge(finding.severity), kindBadge(finding.kind),
      h('a', {class: 'main', href: link(['findings', finding.id]), 'data-key': `finding-${finding.id}`}, finding.signature || '(the whole answer)'),
      finding.state !== 'open' && stateBadge(finding.state),
      h('span', {class: 'fill'}), h('span', {class: 'many'}, h('b', {}, count(finding.requests)), ' ', finding.requests === 1 ? 'request' : 'requests')),
    h('div', {class: 'line'}, finding.example.path && fromOldToNew(finding.example.old, finding.example.new),
      h('span', {class: 'fill'}),
      h('small', {}, h('a', {href: link(['routes', finding.route])}, finding.route), ' · last ', when(finding.last_seen_us))));
}

const told = (side) => (side.failure ? words(side.failure) : side.status === null ? '–' : String(side.status));

/** One report of a list. */
export function reportRow(report) {
  return h('li', {class: 'item report', 'data-row': true},
    h('div', {class: 'line'}, severityBadge(report.severity) ?? kindBadge(report.outcome), h('span', {class: 'method'}, report.method),
      h('a', {class: 'main', href: link(['reports', report.id]), 'data-key': `report-${report.id}`}, report.target),
      h('span', {class: 'fill'}), h('small', {}, when(report.recorded_at_us))),
    h('div', {class: 'line'},
      h('span', {}, 'status ', h('b', {}, told(report.old)), ' → ', h('b', {}, told(report.new))),
      h('span', {}, report.difference_count === 1 ? '1 difference' : `${count(report.difference_count)} differences`),
      h('span', {}, duration(report.old.elapsed_us), ' → ', duration(report.new.elapsed_us)),
      h('span', {class: 'fill'}), h('small', {}, h('a', {href: link(['routes', report.route])}, report.route))));
}

/** A list that grows by pages: `more(cursor)` answers {items, next}. */
export function pagedList(page, row, more) {
  const list = h('ul', {class: 'items'}, page.items.map(row));
  const foot = h('p', {class: 'more'});
  const offer = (next) => {
    if (!next) return foot.replaceChildren();
    const button = h('button', {type: 'button', 'data-key': 'more'}, 'Show more');
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        const answer = await more(next);
        list.append(...answer.items.map(row));
        offer(answer.next);
      } catch (error) {
        button.disabled = false;
        button.textContent = `${error.message} Try again`;
      }
    });
    foot.replaceChildren(button);
  };
  offer(page.next);
  return [list, foot];
}
