// The keyboard: moving through rows is moving the focus, so that enter and screen readers need nothing of ours.
import {h} from './dom.js';
import {toggleTheme} from './theme.js';

const kHelp = [
  ['j', 'next row, or next difference of a report'],
  ['k', 'row or difference before'],
  ['enter', 'open the row'],
  ['esc', 'one step up, or close this help'],
  ['1 2 3', 'routes, findings, reports'],
  ['c', 'copy the curl line of a report, for new'],
  ['t', 'light or dark'],
  ['?', 'this help'],
];

const dialog = document.getElementById('keys');

function toggleHelp() {
  if (dialog.open) return dialog.close();
  dialog.replaceChildren(h('h2', {id: 'keys-title'}, 'Keyboard'),
    h('dl', {}, kHelp.map(([keys, meaning]) => [h('dt', {}, keys.split(' ').map((key) => h('kbd', {}, key))), h('dd', {}, meaning)])),
    h('form', {method: 'dialog'}, h('button', {}, 'Close')));
  dialog.showModal();
}

function move(step) {
  const rows = [...document.querySelectorAll('#main [data-row] a.main')];
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.closest('[data-row]').contains(document.activeElement));
  const next = now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, now + step));
  rows[next].focus();
  rows[next].closest('[data-row]').scrollIntoView({block: 'nearest'});
}

function up() {
  const crumbs = [...document.querySelectorAll('#main [data-up]')];
  if (crumbs.length) crumbs[0].click();
  else document.activeElement?.blur?.();
}

function copyCurl() {
  const button = document.querySelector('[data-key="copy-new"]');
  if (!button) return;
  button.closest('details').open = true;
  button.click();
  button.scrollIntoView({block: 'center'});
}

const kActions = {
  j: () => move(1),
  k: () => move(-1),
  Escape: up,
  1: () => { location.hash = '#/'; },
  2: () => { location.hash = '#/findings'; },
  3: () => { location.hash = '#/reports'; },
  c: copyCurl,
  t: toggleTheme,
  '?': toggleHelp,
};

const isTyping = (target) => target.matches('input, textarea, select') || target.isContentEditable;

export function startKeys() {
  document.getElementById('help').addEventListener('click', toggleHelp);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (dialog.open && event.key !== '?') return;
    const action = kActions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
