// Building pages. What comes from the store becomes text nodes and attributes, never markup: bodies are hostile.

const kSvg = 'http://www.w3.org/2000/svg';

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

function decorate(node, attributes) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  return node;
}

/** An element: h('a', {class: 'x', href: '#/'}, 'text', node, [more], null). */
export function h(tag, attributes, ...children) {
  return append(decorate(document.createElement(tag), attributes), children);
}

/** The same for SVG. */
export function svg(tag, attributes, ...children) {
  return append(decorate(document.createElementNS(kSvg, tag), attributes), children);
}

/** A link within the page: link(['findings', 7], {state: 'open'}) is `#/findings/7?state=open`. */
export function link(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '' && value !== null && value !== undefined) query.set(name, value);
  }
  const text = query.toString();
  return '#/' + path.map(encodeURIComponent).join('/') + (text ? '?' + text : '');
}

/** Copies text; true when it worked. Without a secure context browsers have no clipboard but the old command. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', {class: 'offscreen'});
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** A button that copies what `text` returns and says so. */
export function copyButton(text, label, key) {
  const button = h('button', {type: 'button', class: 'copy', 'data-key': key}, label);
  button.addEventListener('click', async () => {
    button.textContent = (await copy(text())) ? 'Copied' : 'Select and copy by hand';
    setTimeout(() => { button.textContent = label; }, 1600);
  });
  return button;
}
