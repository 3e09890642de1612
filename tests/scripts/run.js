// Runs scripts of the program on a page without a browser and writes what happens as JSON. The input is
// {scripts: {name: text}, pages: [{name, script, html, sizes, data, quiet, steps: [name, …]}]}, with names of steps.js. Steps
// see the functions below and, through `inner`, everything inside the script of their page. With
// {script, expression, given} it writes what the expression comes to.

const { Node } = require("./page.js");
const { log, text, tell, clock } = require("./drawing.js");
const groups = require("./steps.js");

const entry = JSON.parse(require("node:fs").readFileSync(0, "utf-8")), { scripts, pages } = entry;
const find = (on) => (on instanceof Node || on === document || on === window ? on : document.querySelector(on));
const happen = (on, type, more = {}) => { const event = new Happening(type, { bubbles: true, ...more }); find(on).dispatchEvent(event); return event; };
const click = (on, more) => happen(on, "click", more);
const key = (name, on = document.body, more = {}) => happen(on, "keydown", { key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const input = (on, value, type = "input") => { find(on).value = value; return happen(on, type); };
const point = (type, on, [clientX, clientY], more = {}) => happen(on, type, { clientX, clientY, button: 0, buttons: 1, ...more });
async function drag(on, path, more) {
  point("pointerdown", on, path[0], more);
  for (const at of path.slice(1)) { point("pointermove", on, at, more); await clock.pass(20); }
  point("pointerup", on, path.at(-1), more);
}
const bytes = (header, body) => new TextEncoder().encode(`${JSON.stringify(header)}\n${body}`);
const tellStages = (detail) => window.dispatchEvent(new Happening("landscapes-stage", { detail }));
const tellStep = (stage, step) => window.dispatchEvent(new Happening("landscapes-step", { detail: { stage, step } }));
const say = (...values) => log.push(`  = ${values.map((each) => text(each)).join(" | ")}`);

// Evaluates an expression inside a script, whose export is `entrance`.
function inside(script) {
  const text = script.replaceAll(/export default (function )?/g, (_, word) => `var entrance = ${word ?? ""}`);
  return new Function(`${text}; return (code) => eval(code);`)();
}

async function record({ name, script, html, sizes = {}, steps, data = {}, quiet = false }) {
  document.body.innerHTML = html;
  document.activeElement = document.body;
  globalThis.landscapesStages?.clear();
  globalThis.sizes = sizes;
  for (const each of [window, document]) each.listeners = [];
  clock.due = [];
  const inner = inside(scripts[script]);
  const reports = { setStateValue: (...values) => log.push(`  state ${text(values)}`), setTriggerValue: (...values) => log.push(`  trigger ${text(values)}`) };
  const lines = [];
  let before = new Map();
  const show = (given) => inner("entrance")({ data: given, parentElement: document.body, ...reports });
  Object.assign(globalThis, { inner, find, happen, click, key, input, point, drag, bytes, say, show, tellStages, tellStep, data, reports, tell, Node });
  globalThis.pass = clock.pass;
  for (const [words, act] of steps.flatMap((group) => groups[group])) {
    log.length = 0;
    const result = await act();
    await clock.pass(60);
    if (result !== undefined) say(result);
    const now = new Map();
    for (const node of document.body.all) now.set(text(node.shown), (now.get(text(node.shown)) ?? 0) + 1);
    const changed = [...now].filter(([line, count]) => count > (before.get(line) ?? 0)).map(([line]) => `  + ${line}`);
    const gone = [...before].filter(([line, count]) => count > (now.get(line) ?? 0)).length;
    if (!quiet || lines.length) lines.push(words, ...log, ...changed, ...(gone ? [`  − ${gone} as before`] : []));
    else lines.push(`${words}, as elsewhere`);
    before = now;
  }
  return [name, lines.map((line) => line.replaceAll("\u00a0", " ")).join("\n") + "\n"];
}

(async () => {
  Object.assign(globalThis, entry.given);
  if (entry.expression) return process.stdout.write(JSON.stringify(inside(entry.script)(entry.expression)));
  const found = {};
  for (const page of pages) {
    const [name, lines] = await record(page);
    found[name] = (found[name] ?? "") + lines;
  }
  process.stdout.write(JSON.stringify(found));
})();
