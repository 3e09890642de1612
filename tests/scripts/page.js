// A page without a browser, as far as the scripts of the program need one: elements from HTML, events, a clock that a
// test moves, and a font whose letters have one width. plotly.js and the canvas are in drawing.js.

const VOID = ["input", "img", "path", "circle", "rect", "polyline", "br"];
const OWN = ["textContent", "innerHTML", "listeners", "children", "parent", "style", "classes", "attributes", "pixels", "brush"];
const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

class Style {
  setProperty(name, value) { this[name] = String(value); }
  removeProperty(name) { delete this[name]; }
  getPropertyValue(name) { return this[name] ?? ""; }
}

class Target {
  listeners = [];
  addEventListener(type, f, { signal, capture, once } = {}) {
    const entry = { type, f, capture: Boolean(capture), once };
    this.listeners.push(entry);
    signal?.addEventListener("abort", () => this.removeEventListener(type, f));
  }
  removeEventListener(type, f) { this.listeners = this.listeners.filter((each) => each.type !== type || each.f !== f); }
  hear(event, capture) {
    for (const each of [...this.listeners]) {
      if (each.type !== event.type || (capture !== undefined && each.capture !== capture) || event.isOver) continue;
      each.f.call(this, event);
      if (each.once) this.removeEventListener(each.type, each.f);
    }
    if (!capture) this[`on${event.type}`]?.(event);
  }
  dispatchEvent(event) {
    const path = [];
    for (let node = this; node; node = node.parent) path.push(node);
    if (this !== window && this !== document) path.push(...(path.at(-1) === root ? [document, window] : []));
    else if (this === document) path.push(window);
    if (!Object.hasOwn(event, "target")) Object.defineProperty(event, "target", { value: this });
    for (const node of path.toReversed()) if (!event.isStopped) node.hear(event, true);
    for (const node of event.bubbles ? path : [this]) if (!event.isStopped) node.hear(event, false);
    return true;
  }
}

class Happening {
  constructor(type, more = {}) {
    const stop = () => (this.isStopped = true);
    Object.assign(this, { type, bubbles: false, timeStamp: clock.now, ...more });
    Object.assign(this, { stopPropagation: stop, stopImmediatePropagation: () => (this.isStopped = this.isOver = true) });
    this.preventDefault = () => (this.isPrevented = true);
  }
}

class Node extends Target {
  constructor(tag, text = "") {
    super();
    Object.assign(this, { tagName: tag.toUpperCase(), children: [], style: new Style(), classes: new Set(), attributes: {}, text });
    const attributes = this.attributes;
    this.dataset = new Proxy({}, {
      get: (_, name) => attributes[`data-${dashed(String(name))}`],
      set: (_, name, value) => ((attributes[`data-${dashed(name)}`] = String(value)), true),
      ownKeys: () => Object.keys(attributes), getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    });
    this.classList = {
      add: (name) => this.classes.add(name), remove: (name) => this.classes.delete(name), contains: (name) => this.classes.has(name),
      toggle: (name, on = !this.classes.has(name)) => (on ? this.classes.add(name) : this.classes.delete(name)),
    };
  }
  setAttribute(name, value) {
    if (name === "class") this.className = value;
    else if (name === "style") for (const part of value.split(";")) this.style.setProperty(...part.split(": "));
    else if (["value", "min", "max", "step", "disabled", "selected", "tabindex"].includes(name)) this[name] = value;
    else if (name === "hidden") this.hidden = true;
    else this.attributes[name] = String(value);
  }
  getAttribute(name) { return name === "class" ? this.className : (this.attributes[name] ?? null); }
  removeAttribute(name) { delete this.attributes[name]; }
  get className() { return [...this.classes].join(" "); }
  set className(text) { this.classes.clear(), text.split(" ").filter(Boolean).forEach((name) => this.classes.add(name)); }
  get firstChild() { return this.children[0]; }
  get firstElementChild() { return this.children.find((child) => child.tagName !== "#TEXT"); }
  get lastChild() { return this.children.at(-1); }
  get parentElement() { return this.parent; }
  get isConnected() { return this === root || Boolean(this.parent?.isConnected); }
  get textContent() { return this.text + this.children.map((child) => child.textContent).join(""); }
  set textContent(text) { this.children = [], (this.text = String(text)); }
  get innerText() { return this.textContent; }
  get innerHTML() { return this.markup ?? ""; }
  set innerHTML(text) { this.markup = text, (this.text = ""), (this.children = parsed(text)), this.children.forEach((child) => (child.parent = this)); }
  append(...nodes) { nodes.forEach((node) => this.appendChild(node instanceof Node ? node : new Node("#text", String(node)))); }
  appendChild(node) { node.remove(), this.children.push(node), (node.parent = this); return node; }
  after(node) { node.parent = this.parent, this.parent.children.splice(this.parent.children.indexOf(this) + 1, 0, node); }
  replaceChildren(...nodes) { this.children = [], (this.text = ""), this.append(...nodes); }
  remove() { if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this); this.parent = undefined; }
  contains(node) { return node === this || Boolean(node?.parent && this.contains(node.parent)); }
  get all() { return this.children.filter(({ tagName }) => tagName !== "#TEXT").flatMap((child) => [child, ...child.all]); }
  querySelectorAll(selector) { return this.all.filter((node) => node.matches(selector)); }
  querySelector(selector) { return this.querySelectorAll(selector)[0] ?? null; }
  matches(selector) { return split(selector, ",").some((each) => fits(this, split(each.trim(), " "))); }
  closest(selector) { return this.matches(selector) ? this : (this.parent?.closest(selector) ?? null); }
  focus() { document.activeElement = this; }
  select() { document.selected = this; }
  click() { this.dispatchEvent(new Happening("click", { bubbles: true })); }
  getContext() { return (this.brush ??= globalThis.brushOf(this)); }
  get box() { return Object.entries(globalThis.sizes ?? {}).find(([selector]) => this.matches(selector))?.[1]; }
  get offsetWidth() { return this.box?.size[0] ?? this.parent?.offsetWidth ?? 0; }
  get offsetHeight() { return this.box?.size[1] ?? 20; }
  get clientWidth() { return this.offsetWidth; }
  getBoundingClientRect() {
    const [left, top] = this.box?.place ?? [0, 0], [width, height] = [this.offsetWidth, this.offsetHeight];
    return { left, top, width, height, right: left + width, bottom: top + height };
  }
  // What a page shows of an element: its kind, state and own text.
  get shown() {
    const own = Object.entries(this).filter(([name, value]) => !OWN.includes(name) && ["string", "number", "boolean"].includes(typeof value) && name !== "text" && name !== "markup" && name !== "tagName");
    const style = Object.entries(this.style).map(([name, value]) => `${name}: ${value}`).join("; ");
    const parts = [...Object.entries(this.attributes), ...own.filter(([, value]) => value !== false && value !== "")].map(([name, value]) => `${name}=${value}`);
    const text = this.children.some(({ tagName }) => tagName !== "#TEXT") ? this.children.filter(({ tagName }) => tagName === "#TEXT").map(({ text: each }) => each).join("").trim() : this.textContent.trim();
    return [[this.tagName.toLowerCase(), ...this.classes].join("."), ...parts, style && `{${style}}`, text && `“${text}”`].filter(Boolean).join(" ");
  }
}

function split(text, mark) {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    depth += "([".includes(letter) - ")]".includes(letter);
    if (letter === mark && !depth) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.filter(Boolean);
}

function fits(node, compounds) {
  const own = compounds.at(-1), outer = compounds.slice(0, -1);
  const isOwn = (own.match(/:not\([^)]*\)|\[[^\]]*\]|\.[\w-]+|^\w+/g) ?? []).every((part) => {
    if (part.startsWith(":not")) return !node.matches(part.slice(5, -1));
    if (part.startsWith(".")) return node.classes.has(part.slice(1));
    if (!part.startsWith("[")) return node.tagName === part.toUpperCase();
    const [, name, value] = /^\[([\w-]+)(?:="?([^"\]]*)"?)?\]$/.exec(part);
    const found = node.attributes[name] ?? null;
    return value === undefined ? found !== null : found === value;
  });
  if (!isOwn || !outer.length) return isOwn;
  for (let above = node.parent; above; above = above.parent) if (fits(above, outer)) return true;
  return false;
}

const unescaped = (text) => text.replace(/&(amp|lt|gt|quot);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name]);

function parsed(text) {
  const top = new Node("top"), open = [top];
  for (const [, closing, tag, inside, ending, letters] of text.matchAll(/<(\/?)([\w-]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*(\/?)>|([^<]+)/g)) {
    if (letters !== undefined) {
      if (letters.trim()) open.at(-1).append(new Node("#text", unescaped(letters.replace(/\s+/g, " "))));
    } else if (closing) open.pop();
    else {
      const node = open.at(-1).appendChild(new Node(tag));
      for (const [, name, value] of inside.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) node.setAttribute(name, unescaped(value ?? ""));
      if (!ending && !VOID.includes(tag)) open.push(node);
    }
  }
  return top.children;
}

// Time stands still until a test moves it; then what was due happens in its order.
const clock = {
  now: 1000, due: [], count: 0,
  add(at, f) { clock.due.push({ at, f, id: ++clock.count }); return clock.count; },
  drop(id) { clock.due = clock.due.filter((each) => each.id !== id); },
  async pass(milliseconds) {
    const end = clock.now + milliseconds;
    for (let turn = 0; turn < 30; turn++) await null;
    for (let next; (next = clock.due.toSorted((a, b) => a.at - b.at || a.id - b.id)[0]) && next.at <= end; ) {
      clock.drop(next.id);
      clock.now = Math.max(clock.now, next.at);
      next.f(clock.now);
      for (let turn = 0; turn < 30; turn++) await null;
    }
    clock.now = end;
  },
};

const window = new Target(), document = new Target(), root = new Node("html");
Object.assign(window, { innerWidth: 1200, innerHeight: 800 });
Object.assign(document, {
  documentElement: root, head: root.appendChild(new Node("head")), body: root.appendChild(new Node("body")), hidden: false,
  createElement: (tag) => new Node(tag), querySelector: (selector) => root.querySelector(selector),
  querySelectorAll: (selector) => root.querySelectorAll(selector), execCommand: () => true, contains: () => true,
});
root.matches = () => false;
const style = (node) => ({
  color: { "var(--st-background-color)": "rgb(255, 255, 255)" }[node.style.color] ?? "rgb(49, 51, 63)", fontFamily: "Letters",
  getPropertyValue: (name) => ({ "--st-background-color": "#ffffff" })[name] ?? `color of ${name.slice(5)}`,
});
Object.assign(globalThis, {
  window, document, Happening, clock, innerWidth: 1200, innerHeight: 800, devicePixelRatio: 1,
  addEventListener: window.addEventListener.bind(window), getComputedStyle: style, location: new URL("http://host/explore?lesson=ravine"),
  matchMedia: () => ({ matches: false }), CustomEvent: Happening, Event: Happening, Image: class extends Node { constructor() { super("img"); } },
  ResizeObserver: class { observe() {} disconnect() {} }, requestAnimationFrame: (f) => clock.add(clock.now + 16, f),
  cancelAnimationFrame: clock.drop, setTimeout: (f, wait = 0, ...more) => clock.add(clock.now + wait, () => f(...more)), clearTimeout: clock.drop,
});
Object.defineProperty(globalThis, "performance", { value: { now: () => clock.now } });
Object.defineProperty(globalThis, "navigator", { value: { clipboard: { writeText: async (text) => (document.copied = text) } } });
module.exports = { Node, clock };
