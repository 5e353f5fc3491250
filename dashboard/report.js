// One report: the request, the differences, and both answers side by side.
import {get} from './api.js';
import {bodies} from './bodies.js';
import {copyButton, h, link} from './dom.js';
import {count, duration, plural, time, words} from './format.js';
import {crumbs, fromOldToNew, heading, kindBadge, severityBadge, value, when} from './parts.js';

/** The page of a report keeps its place in the link: `at` is the pointer of the difference that is shown. */
const placeLink = (report, path) => link(['reports', report.id], {at: path});

function differenceRow(report, difference, at) {
  return h('li', {class: `item difference${difference.path === at ? ' chosen' : ''}`, 'data-row': true},
    h('div', {class: 'line'}, severityBadge(difference.severity), kindBadge(difference.kind),
      h('a', {class: 'main', href: placeLink(report, difference.path), 'data-key': `difference-${difference.path}`}, difference.path),
      difference.identity && h('small', {}, difference.identity)),
    h('div', {class: 'line'}, fromOldToNew(difference.old, difference.new)));
}

function differences(report, at) {
  const kept = report.differences.length;
  if (!kept) {
    return h('p', {class: 'quiet'}, report.cause ? `There is nothing to compare: ${words(report.cause)}.` : 'No difference was kept.');
  }
  const some = kept < report.difference_count;
  return [some && h('p', {class: 'trouble'}, `${count(kept)} of ${plural(report.difference_count, 'difference')} were kept.`),
    h('ul', {class: 'items'}, report.differences.map((difference) => differenceRow(report, difference, at)))];
}

const kLower = (header) => header.name.toLowerCase();

/** Fields of both answers by name, repeated ones by position; order of old, then what only new has. */
function pairedHeaders(old, new_) {
  const names = [...new Set([...old, ...new_].map(kLower))];
  return names.flatMap((name) => {
    const left = old.filter((header) => kLower(header) === name);
    const right = new_.filter((header) => kLower(header) === name);
    return Array.from({length: Math.max(left.length, right.length)}, (_, i) => ({name, i, old: left[i], new: right[i]}));
  });
}

function headerRow(pair, report, at) {
  const path = `/headers/${pair.name}`;
  const found = report.differences.find((each) => each.path === path || each.path === `${path}/${pair.i}`);
  const cell = (header, side) => h('td', {'data-side': side}, header ? header.value : value(null, side));
  return h('tr', {class: found ? 'differs' : pair.old?.value === pair.new?.value ? '' : 'other',
    'data-place': found?.path ?? null, 'data-chosen': found && found.path === at ? 'true' : null},
    h('th', {scope: 'row'}, pair.name), cell(pair.old, 'old'), cell(pair.new, 'new'));
}

function headers(report, at) {
  const pairs = pairedHeaders(report.old.headers, report.new.headers);
  if (!pairs.length) return h('p', {class: 'quiet'}, 'No header fields were kept.');
  return h('div', {class: 'scroll'}, h('table', {class: 'pairs'},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Field'), h('th', {scope: 'col'}, 'old'), h('th', {scope: 'col'}, 'new'))),
    h('tbody', {}, pairs.map((pair) => headerRow(pair, report, at)))));
}

function answerFigure(report, side, at) {
  const {failure, status, elapsed_us} = report[side];
  const differs = report.differences.some((each) => each.path === '/status');
  return h('div', {class: `answer ${side}`, 'data-place': differs ? '/status' : null, 'data-chosen': differs && at === '/status' ? 'true' : null},
    h('b', {class: side}, side), failure ? h('span', {class: 'failure'}, words(failure)) : h('span', {class: differs ? 'differs' : ''}, `status ${status ?? '–'}`),
    h('span', {class: 'quiet'}, duration(elapsed_us)));
}

function curl(report, side) {
  return h('div', {class: 'curl'}, h('div', {class: 'line'}, h('b', {class: side}, side), h('span', {class: 'fill'}),
    copyButton(() => report.curl[side], 'Copy', `copy-${side}`)), h('pre', {tabindex: '0', 'aria-label': `curl line for ${side}`}, report.curl[side]));
}

function requestPart(report) {
  const {request} = report;
  return h('details', {class: 'panel'}, h('summary', {}, 'Request and curl line'),
    h('table', {class: 'pairs'}, h('tbody', {}, request.headers.map((header) => h('tr', {}, h('th', {scope: 'row'}, header.name), h('td', {}, header.value))))),
    (request.body.text || request.body.base64) && h('pre', {tabindex: '0', 'aria-label': 'Request body'}, request.body.text ?? `base64: ${request.body.base64}`),
    h('p', {class: 'quiet'}, 'Repeats this request from a shell. ',
      report.curl.left_out.length > 0 && ['Left out, because redacted: ', h('b', {}, report.curl.left_out.join(', ')), '. ']),
    request.method !== 'GET' && request.method !== 'HEAD' && h('p', {class: 'trouble'}, `${request.method} may change what it reaches.`),
    curl(report, 'old'), curl(report, 'new'));
}

export const report = {
  title: ([id]) => `Report ${id}`,
  load: ([id], _, signal) => get(['reports', id], {}, signal),
  render: (shown, _, query) => [
    crumbs(['Reports', link(['reports'])], [shown.route, link(['routes', shown.route])]),
    heading([h('span', {class: 'method'}, shown.method), ' ', h('code', {}, shown.target)], severityBadge(shown.severity), kindBadge(shown.outcome)),
    h('p', {class: 'quiet'}, when(shown.recorded_at_us), ` (${time(shown.recorded_at_us)}), score ${shown.score.toFixed(3)}, epoch ${shown.epoch}`),
    h('div', {class: 'answers'}, answerFigure(shown, 'old', query.at), answerFigure(shown, 'new', query.at)),
    h('h2', {}, plural(shown.difference_count, 'difference')), differences(shown, query.at),
    h('h2', {}, 'Bodies'), bodies(shown, query.at),
    h('h2', {}, 'Header fields'), headers(shown, query.at),
    requestPart(shown)],
  shown: (query) => {
    const place = [...document.querySelectorAll('[data-place]')].find((element) => element.dataset.place === query.at);
    place?.scrollIntoView({block: 'center'});
  },
};
