// Which page the address names, loading it, keeping it fresh, and saying so when that fails.
import {token} from './api.js';
import {h} from './dom.js';
import {finding, findings, reports} from './findings.js';
import {startKeys} from './keys.js';
import {report} from './report.js';
import {overview, route} from './routes.js';
import {startTheme} from './theme.js';

// A page: title, load(arguments, query, signal), render(data, arguments, query), and perhaps poll_ms and shown(query).
const kPages = [
  {pattern: [''], page: overview, section: 'routes'},
  {pattern: ['routes'], page: overview, section: 'routes'},
  {pattern: ['routes', '*'], page: route, section: 'routes'},
  {pattern: ['findings'], page: findings, section: 'findings'},
  {pattern: ['findings', '*'], page: finding, section: 'findings'},
  {pattern: ['reports'], page: reports, section: 'reports'},
  {pattern: ['reports', '*'], page: report, section: 'reports'},
];

const main = document.getElementById('main');
const banner = document.getElementById('banner');
const freshness = document.getElementById('freshness');

let visit = null;  // the page that is shown: {place, arguments, query, abort, timer, loaded}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function placeOf(hash) {
  const [path, query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const steps = path.split('/').map(decoded);
  const place = kPages.find(({pattern}) => pattern.length === steps.length && pattern.every((step, i) => step === steps[i] || (step === '*' && steps[i])));
  return {place, arguments: steps.slice(1), query: Object.fromEntries(new URLSearchParams(query))};
}

function skeleton() {
  return h('div', {class: 'loading', 'aria-busy': 'true'}, h('p', {class: 'offscreen'}, 'Loading'), [80, 40, 95, 88, 92].map((width) => {
    const bar = h('div', {class: 'bone', 'aria-hidden': 'true'});
    bar.style.width = `${width}%`;
    return bar;
  }));
}

function tokenForm(message) {
  const field = h('input', {type: 'password', id: 'token', autocomplete: 'off', required: true, 'data-key': 'token'});
  const form = h('form', {class: 'token panel'}, h('h1', {}, 'Token'), h('p', {}, 'This twinrun asks for one of its admin tokens. It is kept until this tab is closed.'),
    token.get() && h('p', {class: 'trouble', role: 'alert'}, `That token was not accepted: ${message}.`),
    h('label', {for: 'token'}, 'Admin token'), field, h('button', {type: 'submit'}, 'Open'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    token.set(field.value.trim());
    show();
  });
  return form;
}

function failurePanel(error) {
  const titles = {away: 'twinrun does not answer', missing: 'There is nothing here', refused: 'The API refused'};
  return h('div', {class: 'empty', role: 'alert'}, h('h1', {}, titles[error.reason] ?? 'This page failed'), h('p', {}, error.message),
    h('p', {}, h('button', {type: 'button', onclick: () => show()}, 'Try again'), ' ', h('a', {href: '#/'}, 'To the routes')));
}

/** What a person has done to the page and would miss after it is drawn again. */
function remember() {
  return {key: document.activeElement?.dataset?.key, y: window.scrollY,
    open: [...main.querySelectorAll('details')].map((details) => details.open)};
}

function restore({key, y, open}) {
  main.querySelectorAll('details').forEach((details, i) => { details.open = open[i] ?? details.open; });
  const again = key && [...main.querySelectorAll('[data-key]')].find((element) => element.dataset.key === key);
  again?.focus({preventScroll: true});
  window.scrollTo(0, y);
}

function draw(nodes, keep) {
  const memory = keep ? remember() : null;
  main.replaceChildren(...[nodes].flat(Infinity).filter((node) => node instanceof Node));
  if (memory) restore(memory);
}

function fresh(now) {
  freshness.textContent = now;
  freshness.classList.remove('stale');
  banner.hidden = true;
}

function stale(error) {
  banner.replaceChildren(h('b', {}, 'Out of date. '), `${error.message} Shown is what was known at ${visit.loaded.toLocaleTimeString()}.`);
  banner.hidden = false;
  freshness.textContent = 'retrying';
  freshness.classList.add('stale');
}

/** Drawing again would take an open menu or a selection away from who is using it. */
const isBusy = () => document.activeElement?.tagName === 'SELECT' || String(getSelection()) !== '' || document.querySelector('dialog[open]') ||
  main.querySelectorAll('.items').length > 0 && main.dataset.grown === 'true';

async function load(mine) {
  const {place, arguments: given, query} = mine;
  try {
    const data = await place.page.load(given, query, mine.abort.signal);
    if (visit !== mine) return;
    if (!mine.loaded || !isBusy()) draw(place.page.render(data, given, query), Boolean(mine.loaded) || mine.keep);
    if (!mine.loaded && !mine.keep) window.scrollTo(0, 0);
    if (!mine.loaded) place.page.shown?.(query);
    mine.loaded = new Date();
    fresh(place.page.poll_ms ? 'live' : '');
  } catch (error) {
    if (visit !== mine || error.name === 'AbortError') return;
    if (error.reason === 'token') return draw(tokenForm(error.message));
    if (error.reason === undefined) console.error(error);
    if (mine.loaded) stale(error);
    else draw(failurePanel(error));
  }
  if (visit === mine && place.page.poll_ms) mine.timer = setTimeout(() => refresh(mine), place.page.poll_ms);
}

function refresh(mine) {
  if (document.hidden) mine.timer = setTimeout(() => refresh(mine), 1000);
  else load(mine);
}

function show() {
  const next = placeOf(location.hash);
  const samePage = visit && next.place === visit.place && next.arguments.join() === visit.arguments.join();
  visit?.abort.abort();
  clearTimeout(visit?.timer);
  visit = {...next, abort: new AbortController(), timer: 0, loaded: null, keep: samePage};
  document.body.dataset.section = next.place?.section ?? '';
  document.querySelectorAll('nav [data-page]').forEach((item) => {
    if (item.dataset.page === next.place?.section) item.setAttribute('aria-current', 'page');
    else item.removeAttribute('aria-current');
  });
  banner.hidden = true;
  delete main.dataset.grown;
  if (!next.place) {
    document.title = 'twinrun';
    return draw(failurePanel({reason: 'missing', message: 'No page has this address.'}));
  }
  document.title = `${next.place.page.title(next.arguments)} · twinrun`;
  if (!samePage) draw(skeleton());
  load(visit);
}

main.addEventListener('click', (event) => {
  if (event.target.matches('.more button')) main.dataset.grown = 'true';
});
window.addEventListener('hashchange', show);
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
startTheme();
startKeys();
show();
