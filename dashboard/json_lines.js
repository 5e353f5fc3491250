// JSON text as an aligned pair of line lists. Reads by itself, because JSON.parse would round numbers, drop repeated
// members and reorder them, and what is shown here is evidence.

const kMaxDepth = 200;
const kString = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const kScalar = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[0-9.eE+-]*|true|false|null/y;

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  skipSpace() {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) ++this.at;
  }

  take(character) {
    this.skipSpace();
    if (this.text[this.at] !== character) return false;
    ++this.at;
    return true;
  }

  /** The raw text that a sticky pattern matches here. */
  match(pattern) {
    this.skipSpace();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) throw new SyntaxError(`not JSON at ${this.at}`);
    this.at = pattern.lastIndex;
    return found[0];
  }

  list(end, readItem) {
    const items = [];
    if (this.take(end)) return items;
    do items.push(readItem(items.length)); while (this.take(','));
    if (!this.take(end)) throw new SyntaxError(`not JSON at ${this.at}`);
    return items;
  }

  member(pointer, depth) {
    const raw = this.match(kString);
    if (!this.take(':')) throw new SyntaxError(`not JSON at ${this.at}`);
    const name = JSON.parse(raw);
    const child = this.value(`${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1);
    return {...child, key: raw, name};
  }

  value(pointer, depth) {
    if (depth > kMaxDepth) throw new SyntaxError('too deep to show');
    if (this.take('{')) return {pointer, kind: 'object', items: this.list('}', () => this.member(pointer, depth))};
    if (this.take('[')) return {pointer, kind: 'array', items: this.list(']', (i) => this.value(`${pointer}/${i}`, depth + 1))};
    return {pointer, kind: 'leaf', raw: this.match(kScalar)};
  }
}

/** A tree of nodes {pointer, kind, key?, name?, items? | raw?}; null when the text is not JSON. */
export function parse(text) {
  try {
    const reader = new Reader(text);
    const tree = reader.value('', 0);
    reader.skipSpace();
    return reader.at === text.length ? tree : null;
  } catch {
    return null;
  }
}

const kOpen = {object: '{', array: '['};
const kClose = {object: '}', array: ']'};

function* linesOf(node, indent) {
  const start = node.key ? `${node.key}: ` : '';
  if (node.kind === 'leaf') yield {pointer: node.pointer, indent, key: start, text: node.raw};
  else if (!node.items.length) yield {pointer: node.pointer, indent, key: start, text: kOpen[node.kind] + kClose[node.kind]};
  else {
    yield {pointer: node.pointer, indent, key: start, text: kOpen[node.kind]};
    for (const item of node.items) yield* linesOf(item, indent + 1);
    yield {pointer: `${node.pointer}\u0000end`, indent, key: '', text: kClose[node.kind]};
  }
}

function* apart(old, new_, indent) {
  const left = old ? [...linesOf(old, indent)] : [];
  const right = new_ ? [...linesOf(new_, indent)] : [];
  for (let i = 0; i < Math.max(left.length, right.length); ++i) yield {old: left[i] ?? null, new: right[i] ?? null, same: false};
}

/** Members by name, in the order of old; what only new has comes where new has it. Linear, whatever the names. */
function pairedMembers(old, new_) {
  const oldNames = new Set(old.items.map((item) => item.name));
  const onlyNew = new_.items.map((item, at) => ({item, at})).filter(({item}) => !oldNames.has(item.name));
  const partners = new Map();
  new_.items.forEach((item, at) => {
    if (!partners.has(item.name)) partners.set(item.name, []);
    partners.get(item.name).push({item, at});
  });
  const pairs = [];
  const taken = new Map();
  let next = 0;
  for (const item of old.items) {
    const index = taken.get(item.name) ?? 0;
    const partner = partners.get(item.name)?.[index];
    taken.set(item.name, index + 1);
    while (partner && next < onlyNew.length && onlyNew[next].at < partner.at) pairs.push([null, onlyNew[next++].item]);
    pairs.push([item, partner?.item ?? null]);
  }
  const repeated = [...taken].flatMap(([name, count]) => (partners.get(name) ?? []).slice(count));
  return [...pairs, ...onlyNew.slice(next).concat(repeated).map(({item}) => [null, item])];
}

/** Elements in order, but for those that the differ says have no partner. */
function pairedElements(old, new_, alone) {
  const pairs = [];
  let i = 0;
  let k = 0;
  while (i < old.items.length || k < new_.items.length) {
    const left = old.items[i] ?? null;
    const right = new_.items[k] ?? null;
    if (left && (!right || alone.missing.has(left.pointer))) { pairs.push([left, null]); ++i; }
    else if (right && (!left || alone.extra.has(right.pointer))) { pairs.push([null, right]); ++k; }
    else { pairs.push([left, right]); ++i; ++k; }
  }
  return pairs;
}

function* together(old, new_, indent, alone) {
  if (!old || !new_ || old.kind !== new_.kind) return yield* apart(old, new_, indent);
  const [first, ...restOld] = old.kind === 'leaf' || !old.items.length || !new_.items.length ? linesOf(old, indent) : [];
  if (first) {
    const other = [...linesOf(new_, indent)];
    if (restOld.length || other.length > 1) return yield* apart(old, new_, indent);
    return yield {old: first, new: other[0], same: first.text === other[0].text};
  }
  const line = (node, text, end) => ({pointer: node.pointer + (end ? '\u0000end' : ''), indent, key: !end && node.key ? `${node.key}: ` : '', text});
  yield {old: line(old, kOpen[old.kind]), new: line(new_, kOpen[old.kind]), same: true};
  const pairs = old.kind === 'object' ? pairedMembers(old, new_) : pairedElements(old, new_, alone);
  for (const [left, right] of pairs) yield* together(left, right, indent + 1, alone);
  yield {old: line(old, kClose[old.kind], true), new: line(new_, kClose[old.kind], true), same: true};
}

/** Rows {old, new, same} of both documents; a side is null where it has nothing. `alone` holds pointers. */
export const alignedJson = (old, new_, alone) => [...together(old, new_, 0, alone)];

/** The same for text, whose lines have no pointer: equal ones at both ends, and between them whatever there is. */
export function alignedText(old, new_) {
  const left = old === '' ? [] : old.split('\n');
  const right = new_ === '' ? [] : new_.split('\n');
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) ++start;
  let end = 0;
  while (end < shorter - start && left.at(-1 - end) === right.at(-1 - end)) ++end;
  const line = (text) => (text === undefined ? null : {pointer: null, indent: 0, key: '', text});
  const rows = left.slice(0, start).map((text) => ({old: line(text), new: line(text), same: true}));
  const middleOld = left.slice(start, left.length - end);
  const middleNew = right.slice(start, right.length - end);
  for (let i = 0; i < Math.max(middleOld.length, middleNew.length); ++i) rows.push({old: line(middleOld[i]), new: line(middleNew[i]), same: false});
  if (end) rows.push(...left.slice(-end).map((text) => ({old: line(text), new: line(text), same: true})));
  return rows;
}
