// Both bodies in one table of aligned rows, with the differences marked.
import {h, link} from './dom.js';
import {bytes} from './format.js';
import {alignedJson, alignedText, parse} from './json_lines.js';

const kMaxCharacters = 1_000_000;  // above, aligning would make the page wait
const kContext = 3;                // equal rows around a difference
const kMinFold = 6;                // fewer equal rows are not worth a button
const kPiecesAtOnce = 2000;
const kPrefix = '/body';

const textOf = (answer) => answer.body.text;

/** Differences by the pointer within the body. */
function placesOf(report) {
  const places = new Map();
  for (const difference of report.differences) {
    if (difference.path === kPrefix || difference.path.startsWith(kPrefix + '/')) places.set(difference.path.slice(kPrefix.length), difference);
  }
  return places;
}

function aloneIn(places) {
  const of = (kind) => new Set([...places].filter(([, difference]) => difference.kind === kind).map(([pointer]) => pointer));
  return {missing: of('missing'), extra: of('extra')};
}

/** The difference that a row shows. What lies below a missing or extra place is marked, but the place names it. */
function differenceOf(row, places) {
  if (row.first) return places.get('') ?? null;
  const left = row.old && places.get(row.old.pointer);
  if (left && left.kind !== 'extra') return left;
  const right = row.new && places.get(row.new.pointer);
  return right && (right.kind === 'extra' || !row.old) ? right : null;
}

function cell(line, side) {
  const content = h('span', {class: 'text'});
  if (line) {
    content.style.paddingInlineStart = `${line.indent * 1.1}em`;
    content.append(line.key && h('span', {class: 'key'}, line.key), line.text);
  }
  return h('div', {class: `cell ${side}${line ? '' : ' nothing'}`, 'data-side': side}, content);
}

/** `differs`: the differ says so. `other`: the texts are not alike, but a rule or a number's value makes them equal. */
function rowElement(row, places, report, at) {
  const difference = differenceOf(row, places);
  const alone = !row.old || !row.new || row.old.pointer === null;
  const kind = difference || (!row.same && alone) ? 'differs' : row.same ? 'same' : 'other';
  const element = h('div', {class: `row ${kind}${row.old ? '' : ' only-new'}${row.new ? '' : ' only-old'}`,
    'data-place': difference?.path ?? null, 'data-chosen': difference && difference.path === at ? 'true' : null},
    cell(row.old, 'old'), cell(row.new, 'new'));
  if (difference) {
    element.append(h('a', {class: 'anchor', href: link(['reports', report.id], {at: difference.path}), title: `${difference.kind}: ${difference.path}`,
      'aria-label': `Link to ${difference.path}`, tabindex: '-1'}, '#'));
  }
  return element;
}

function fold(rows, make) {
  const button = h('button', {type: 'button', class: 'fold'}, `⋯ ${rows.length} equal lines`);
  button.addEventListener('click', () => button.replaceWith(...drawn(rows.values(), make)));
  return button;
}

/** Rows in pieces to draw: lists of equal rows that are folded, and single rows. */
function* piecesOf(rows) {
  for (let from = 0; from < rows.length;) {
    let to = from;
    while (to < rows.length && rows[to].same) ++to;
    const head = from === 0 ? 0 : kContext;
    const tail = to === rows.length ? 0 : kContext;
    if (to - from - head - tail >= kMinFold) {
      yield* rows.slice(from, from + head);
      yield rows.slice(from + head, to - tail);
      yield* rows.slice(to - tail, to);
    } else {
      yield* rows.slice(from, to);
    }
    if (to < rows.length) yield rows[to++];
    from = to;
  }
}

/** Draws pieces up to `kPiecesAtOnce`, and a button for more: a body can have a million lines. */
function drawn(pieces, make) {
  const elements = [];
  for (let i = 0; i < kPiecesAtOnce; ++i) {
    const {value: piece, done} = pieces.next();
    if (done) return elements;
    elements.push(Array.isArray(piece) ? fold(piece, make) : make(piece));
  }
  const button = h('button', {type: 'button', class: 'fold'}, 'Show more lines');
  button.addEventListener('click', () => button.replaceWith(...drawn(pieces, make)));
  return [...elements, button];
}

function noteOf(answer, side) {
  if (answer.failure) return `${side} gave no answer`;
  const kept = answer.body_truncated ? `${bytes(answer.body_bytes)}, only the beginning was kept` : bytes(answer.body_bytes);
  return answer.body.encoding === 'base64' ? `${kept}, binary` : kept;
}

function hexDump(base64) {
  const binary = atob(base64.slice(0, 1024));
  const lines = [];
  for (let at = 0; at < binary.length; at += 16) {
    const row = [...binary.slice(at, at + 16)];
    const hex = row.map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join(' ');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${row.map((c) => (c >= ' ' && c <= '~' ? c : '·')).join('')}`);
  }
  return lines.join('\n');
}

/** Where rows cannot be aligned: each side as it is. */
function plain(report) {
  const block = (answer, side) => h('pre', {class: `whole ${side}`, tabindex: '0', 'aria-label': `Body of ${side}`},
    answer.body.encoding === 'base64' ? hexDump(answer.body.base64) : textOf(answer).slice(0, kMaxCharacters));
  return h('div', {class: 'wholes'}, block(report.old, 'old'), block(report.new, 'new'));
}

/** Text differs as a whole: what names the body leads to the first line that is not alike. */
function textRows(old, new_) {
  const rows = alignedText(old, new_);
  const first = rows.find((row) => !row.same);
  if (first) first.first = true;
  return rows;
}

function rowsOf(report, places) {
  const texts = [textOf(report.old), textOf(report.new)];
  if (report.old.failure || report.new.failure || texts.some((text) => text === undefined) || texts[0].length + texts[1].length > kMaxCharacters) return null;
  const trees = texts.map(parse);
  if (!trees[0] || !trees[1]) return textRows(...texts);
  return alignedJson(trees[0], trees[1], aloneIn(places)).map((row) => ({...row, same: row.same && !differenceOf(row, places)}));
}

export function bodies(report, at) {
  const places = placesOf(report);
  const rows = rowsOf(report, places);
  const heads = h('div', {class: 'row heads'}, ['old', 'new'].map((side) =>
    h('div', {class: 'cell'}, h('b', {class: side}, side), ' ', h('small', {}, noteOf(report[side], side)))));
  if (rows && !rows.length) return h('div', {class: 'bodies'}, heads, h('p', {class: 'quiet'}, 'Both bodies are empty.'));
  return h('div', {class: 'bodies', role: 'region', 'aria-label': 'Bodies of old and new'}, heads,
    rows ? drawn(piecesOf(rows), (row) => rowElement(row, places, report, at)) : plain(report));
}
