// Findings and reports: the lists, and one finding with its evidence.
import {get} from './api.js';
import {h, link} from './dom.js';
import {count, plural} from './format.js';
import {crumbs, empty, findingRow, fromOldToNew, heading, kindBadge, pagedList, reportRow, severityBadge, stateBadge, when} from './parts.js';

const kKinds = ['missing', 'extra', 'type', 'value', 'order', 'moved', 'undecodable', 'new_failed', 'not_comparable', 'shed', 'old_failed'];
const kStates = ['open', 'reopened', 'accepted', 'fixed'];

function choice(page, query, name, label, options) {
  const select = h('select', {'data-key': `filter-${name}`}, h('option', {value: ''}, 'all'),
    options.map((option) => h('option', {value: option, selected: query[name] === option}, option.replaceAll('_', ' '))));
  select.addEventListener('change', () => { location.hash = link([page], {...query, [name]: select.value}); });
  return h('label', {}, h('span', {}, label), select);
}

const filtersOf = (query, ...names) => Object.fromEntries(names.map((name) => [name, query[name] ?? '']));
const isFiltered = (filters) => Object.values(filters).some((value) => value !== '');

const nothing = (filters, page, what) => isFiltered(filters)
  ? empty(`No ${what} like this`, 'Nothing matches the filter. ', h('a', {href: link([page])}, `Show all ${what}.`))
  : empty(`No ${what}`, 'Old and new have agreed so far, or nothing has been compared yet. ', h('a', {href: link([])}, 'See the routes.'));

export const findings = {
  poll_ms: 10000,
  title: () => 'Findings',
  load: async (_, query, signal) => {
    const filters = filtersOf(query, 'route', 'kind', 'state');
    const [page, routes] = await Promise.all([get(['findings'], filters, signal), get(['routes'], {minutes: 1}, signal)]);
    return {page, filters, names: routes.items.map((route) => route.name)};
  },
  render: ({page, filters, names}, _, query) => [
    heading('Findings', h('p', {class: 'quiet'}, 'Differences of one kind at one place, worst and most frequent first.')),
    h('form', {class: 'filters', 'aria-label': 'Filter'},
      choice('findings', query, 'route', 'Route', [...new Set([...names, ...(query.route ? [query.route] : [])])]),
      choice('findings', query, 'kind', 'Kind', kKinds), choice('findings', query, 'state', 'State', kStates)),
    page.items.length ? pagedList(page, findingRow, (cursor) => get(['findings'], {...filters, cursor})) : nothing(filters, 'findings', 'findings')],
};

export const reports = {
  poll_ms: 10000,
  title: () => 'Reports',
  load: async (_, query, signal) => {
    const filters = filtersOf(query, 'route', 'finding');
    return {filters, page: await get(['reports'], filters, signal)};
  },
  render: ({page, filters}) => [
    heading('Reports', h('p', {class: 'quiet'}, 'Kept exchanges, the newest first: the evidence behind the findings.')),
    isFiltered(filters) && h('p', {class: 'filters'}, filters.route && ['Route ', h('b', {}, filters.route)],
      filters.finding && ['Finding ', h('b', {}, filters.finding)], h('a', {href: link(['reports'])}, 'Show all reports')),
    page.items.length ? pagedList(page, reportRow, (cursor) => get(['reports'], {...filters, cursor})) : nothing(filters, 'reports', 'reports')],
};

const kMeaning = {
  missing: 'Old has it, new does not.',
  extra: 'New has it, old does not.',
  type: 'Both have it, of another type.',
  value: 'Both have it, with another value.',
  order: 'The same elements in another order.',
  moved: 'The same element at another place.',
  undecodable: 'An answer could not be read as what it says it is.',
  new_failed: 'New gave no answer.',
  not_comparable: 'There were answers, but they could not be compared.',
  shed: 'Not asked or not compared, to protect the clients.',
  old_failed: 'Old gave no answer to compare with.',
};

export const finding = {
  poll_ms: 10000,
  title: ([id]) => `Finding ${id}`,
  load: ([id], _, signal) => get(['findings', id], {}, signal),
  render: (shown, [id]) => [
    crumbs(['Findings', link(['findings'])], [shown.route, link(['routes', shown.route])]),
    heading(h('code', {}, shown.signature || '(the whole answer)'), severityBadge(shown.severity), kindBadge(shown.kind), stateBadge(shown.state)),
    h('p', {}, kMeaning[shown.kind] ?? '', ' Seen in ', h('b', {}, plural(shown.requests, 'request')), ', first ', when(shown.first_seen_us), ', last ', when(shown.last_seen_us), '.'),
    shown.example.path && h('section', {class: 'panel'}, h('h2', {}, 'Latest example'),
      h('p', {class: 'path'}, h('code', {}, shown.example.path)), fromOldToNew(shown.example.old, shown.example.new)),
    h('h2', {}, 'Reports'),
    h('p', {class: 'quiet'}, `${count(shown.reports.items.length)}${shown.reports.next ? ' or more' : ''} kept of ${plural(shown.requests, 'request')}: the first, the latest, and a sample between.`),
    shown.reports.items.length ? pagedList(shown.reports, reportRow, (cursor) => get(['reports'], {finding: id, cursor}))
      : h('p', {class: 'quiet'}, 'The reports of this finding are no longer kept.')],
};
