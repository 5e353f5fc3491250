// The first page: how it goes, route by route. And the page of one route.
import {get} from './api.js';
import {outcomeBar, outcomeLegend, rateChart} from './charts.js';
import {h, link} from './dom.js';
import {count, duration, percent, plural, shortCount, span, time, words} from './format.js';
import {crumbs, empty, findingRow, heading, latencyPair, pagedList, stageBadge, verdictBadge} from './parts.js';

const kWindows = [[60, '1 h'], [360, '6 h'], [1440, '24 h'], [10080, '7 d']];
const kDefaultWindow = 60;

const windowOf = (query) => kWindows.map(([minutes]) => minutes).find((minutes) => String(minutes) === query.window) ?? kDefaultWindow;

function windowPicker(path, query) {
  const chosen = windowOf(query);
  return h('div', {class: 'picker', role: 'group', 'aria-label': 'Span of the charts'}, kWindows.map(([minutes, text]) =>
    h('a', {href: link(path, {...query, window: minutes === kDefaultWindow ? '' : minutes}), 'aria-current': minutes === chosen ? 'true' : null, 'data-key': `window-${minutes}`}, text)));
}

const figure = (name, value, note, kind = '') =>
  h('div', {class: `figure ${kind}`}, h('dt', {}, name), h('dd', {}, value), note && h('dd', {class: 'note'}, note));

function figures(summary) {
  const {verdicts} = summary;
  return h('dl', {class: 'figures'},
    figure('Verdict', verdictBadge(summary.verdict),
      ['fail', 'hold', 'pass'].filter((name) => verdicts[name]).map((name) => `${verdicts[name]} ${name}`).join(', ')),
    figure('Diff rate', percent(summary.diff_rate), `${count(summary.outcomes.mismatch)} of ${shortCount(summary.compared)} compared`),
    figure('Not compared', percent(summary.uncompared_share), `${count(summary.uncompared)} of ${shortCount(summary.selected)} selected`),
    figure('To review', h('a', {href: link(['findings'])}, count(summary.unreviewed)), summary.unreviewed === 1 ? 'open finding' : 'open findings'),
    figure('Requests', shortCount(summary.requests),
      summary.earlier_requests ? `${shortCount(summary.earlier_requests)} before this epoch` : `up ${span(summary.uptime_s)}`));
}

const side = (name, {url, build}) => h('span', {class: 'side'}, h('b', {class: name}, name), ' ', h('code', {}, url), build && ` (${build})`);

const storeTrouble = (store) => store.degraded &&
  h('p', {class: 'trouble', role: 'status'}, h('b', {}, 'The store cannot be written. '), store.problem,
    `. Clients are served as before; ${plural(store.evidence_lost, 'report is', 'reports are')} lost so far.`);

const noTraffic = (summary) => empty('No traffic yet',
  'Send requests to ', h('code', {}, `http://${summary.listen}`), '. Each is answered by ', h('b', {}, 'old'), ' at ',
  h('code', {}, summary.old.url), ', copied to ', h('b', {}, 'new'), ' at ', h('code', {}, summary.new.url), ', and compared.',
  h('code', {class: 'try'}, `curl -i http://${summary.listen}/`));

function firstReason({reasons}) {
  if (!reasons.length) return null;
  const more = reasons.length - 1;
  return h('p', {class: 'reason'}, reasons[0].message, more > 0 && h('small', {}, ` +${more} more`));
}

function routeCard(route, chart) {
  const target = link(['routes', route.name]);
  const pattern = [route.methods.join(' '), route.path].filter(Boolean).join(' ') || 'everything else';
  return h('li', {class: 'item route', 'data-row': true},
    h('div', {class: 'name'}, h('a', {class: 'main', href: target, 'data-key': `route-${route.name}`}, route.name),
      h('div', {class: 'line'}, stageBadge(route.stage), h('code', {class: 'pattern'}, pattern))),
    h('div', {class: 'verdict-cell'}, verdictBadge(route.gate.verdict), firstReason(route.gate)),
    h('div', {class: 'rate'}, h('span', {class: 'label'}, 'Diff rate'), h('b', {}, percent(route.diff_rate)), rateChart(route.minutes, chart)),
    h('div', {class: 'ends'}, h('span', {class: 'label'}, 'Outcomes'), outcomeBar(route),
      h('small', {}, shortCount(route.requests), route.requests === 1 ? ' request' : ' requests')),
    h('div', {class: 'times'}, h('span', {class: 'label'}, 'p99'), latencyPair(route.latency, 'p99_us')),
    h('div', {class: 'open'}, h('a', {href: link(['findings'], {route: route.name})}, count(route.unreviewed)), h('span', {class: 'label'}, ' to review')));
}

const kColumns = ['Route', 'Verdict', 'Diff rate', 'Outcomes', 'p99 old → new', 'To review'];

export const overview = {
  poll_ms: 5000,
  title: () => 'Routes',
  load: async (_, query, signal) => {
    const [summary, routes] = await Promise.all([get(['summary'], {}, signal), get(['routes'], {minutes: windowOf(query)}, signal)]);
    return {summary, routes};
  },
  render: ({summary, routes}, _, query) => {
    const chart = {windowMinutes: windowOf(query), now_s: routes.now_us / 1e6};
    return [
      heading('Routes', h('p', {class: 'sides'}, side('old', summary.old), side('new', summary.new))),
      storeTrouble(summary.store),
      summary.requests + summary.earlier_requests === 0 ? noTraffic(summary) : [figures(summary), outcomeBar(summary), outcomeLegend(summary)],
      h('div', {class: 'above-list'}, h('h2', {}, plural(routes.items.length, 'route')), h('span', {class: 'fill'}), windowPicker([], query)),
      h('div', {class: 'columns', 'aria-hidden': 'true'}, kColumns.map((name) => h('span', {}, name))),
      h('ul', {class: 'items routes'}, routes.items.map((route) => routeCard(route, chart))),
      h('p', {class: 'foot'}, `twinrun ${summary.version}, up ${span(summary.uptime_s)}`)];
  },
};

function reasons(gate) {
  if (!gate.reasons.length) return h('p', {class: 'quiet'}, 'The evidence says that the new side may take over this route.');
  return h('ul', {class: 'reasons'}, gate.reasons.map((reason) =>
    h('li', {}, h('code', {}, words(reason.code)), ' ', reason.message)));
}

/** The statistic behind the verdict: what rates the evidence still allows, against the limit. */
function strata(gate) {
  if (!gate.strata?.length) return null;
  return h('table', {class: 'numbers'},
    h('caption', {}, 'Rate of mismatches, by severity'),
    h('thead', {}, h('tr', {}, ['Severity', 'Verdict', 'Limit', 'At least', 'At most', 'Clean requests to pass'].map((name) => h('th', {scope: 'col'}, name)))),
    h('tbody', {}, gate.strata.map((stratum) => h('tr', {},
      h('th', {scope: 'row'}, stratum.severity), h('td', {}, stratum.verdict), h('td', {}, percent(stratum.delta)), h('td', {}, percent(stratum.lower)),
      h('td', {}, percent(stratum.upper)), h('td', {}, stratum.clean_requests_to_pass === null ? '–' : shortCount(stratum.clean_requests_to_pass))))));
}

function latencies({latency}) {
  const row = (name, quantile) => h('tr', {}, h('th', {scope: 'row'}, name), h('td', {}, duration(latency.old?.[quantile])),
    h('td', {}, duration(latency.new?.[quantile])));
  return h('table', {class: 'numbers'}, h('caption', {}, 'Latency of selected requests'),
    h('thead', {}, h('tr', {}, ['', 'old', 'new'].map((name) => h('th', {scope: 'col'}, name)))),
    h('tbody', {}, row('p50', 'p50_us'), row('p99', 'p99_us')));
}

const causes = (route) => route.causes.length > 0 && h('table', {class: 'numbers'}, h('caption', {}, 'Why requests were not compared'),
  h('thead', {}, h('tr', {}, ['Outcome', 'Cause', 'Requests'].map((name) => h('th', {scope: 'col'}, name)))),
  h('tbody', {}, route.causes.map((each) => h('tr', {}, h('th', {scope: 'row'}, words(each.outcome)), h('td', {}, words(each.cause)),
    h('td', {}, count(each.count))))));

/** In the pixels of this window, so that the writing in the chart keeps its size. */
const chartWidth = () => Math.max(280, document.getElementById('main').clientWidth - 70);

export const route = {
  poll_ms: 5000,
  title: ([name]) => name,
  load: async ([name], query, signal) => {
    const [shown, findings] = await Promise.all([get(['routes', name], {minutes: windowOf(query)}, signal),
      get(['findings'], {route: name, limit: 20}, signal)]);
    return {route: shown, findings};
  },
  render: ({route: shown, findings}, [name], query) => [
    crumbs(['Routes', link([])]),
    heading(shown.name, stageBadge(shown.stage), h('code', {class: 'pattern'}, [shown.methods.join(' '), shown.path].filter(Boolean).join(' ') || 'everything else')),
    h('section', {class: 'panel'}, h('h2', {}, 'Verdict ', verdictBadge(shown.gate.verdict)), reasons(shown.gate)),
    h('section', {class: 'panel'},
      h('div', {class: 'above-list'}, h('h2', {}, 'Diff rate ', h('b', {}, percent(shown.diff_rate))), h('span', {class: 'fill'}), windowPicker(['routes', name], query)),
      rateChart(shown.minutes, {windowMinutes: windowOf(query), now_s: Date.now() / 1000, width: chartWidth(), height: 170, axes: true}),
      h('p', {class: 'quiet'}, 'Line: share of compared requests that differed. Bars: how many were compared.')),
    h('section', {class: 'panel'}, h('h2', {}, 'Outcomes of ', plural(shown.requests, 'request')), outcomeBar(shown), outcomeLegend(shown)),
    h('div', {class: 'tables'}, [latencies(shown), strata(shown.gate), causes(shown)].filter(Boolean).map((table) => h('div', {class: 'scroll'}, table))),
    h('div', {class: 'above-list'}, h('h2', {}, 'Findings'), h('span', {class: 'fill'}),
      h('a', {href: link(['reports'], {route: name})}, 'All reports of this route')),
    findings.items.length ? pagedList(findings, findingRow, (cursor) => get(['findings'], {route: name, limit: 20, cursor}))
      : h('p', {class: 'quiet'}, 'Nothing differs on this route.'),
    h('p', {class: 'foot'}, `Epoch ${shown.epoch}. Verdict as of ${time(Date.parse(shown.gate.computed_at) * 1000)}.`)],
};
