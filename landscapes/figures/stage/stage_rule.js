// The panel of one step: the optimizer's rule in mathematical type, in the colors of the arrows, with the step's numbers.

const GREEK = { alpha: "α", beta: "β", eta: "η", theta: "θ", lambda: "λ", rho: "ρ", varepsilon: "ε" };
const OPERATORS = { cdot: "·", le: "≤", infty: "∞", nabla: "∇", lVert: "‖", rVert: "‖" };
const ACCENTS = { hat: "^", tilde: "~" };
const escaped = (text) => String(text).replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

// MathML of a formula in the LaTeX of the rules. `known` has the symbols, longest first; `write` the MathML of one.
function mathml(text, known = [], write) {
  let rest = text;
  const take = (pattern) => {
    const found = rest.match(pattern);
    if (found) rest = rest.slice(found[0].length);
    return found;
  };
  const group = () => {
    if (!take(/^\s*\{/)) return atom();
    const inner = row(/^\s*\}/);
    take(/^\s*\}/);
    return inner;
  };
  const atom = () => {
    take(/^\s+/);
    const symbol = known.find((name) => rest.startsWith(name));
    if (symbol) return (rest = rest.slice(symbol.length)), write(symbol);
    const command = take(/^\\([a-zA-Z]+)/)?.[1];
    if (command === "frac") return `<mfrac>${group()}${group()}</mfrac>`;
    if (command === "sqrt") return `<msqrt>${group()}</msqrt>`;
    if (command === "operatorname") return `<mi>${escaped(take(/^\{([a-z]+)\}/)[1])}</mi>`;
    if (command === "quad") return `<mspace width="1em"></mspace>`;
    if (command === "left" || command === "right") return atom();
    if (ACCENTS[command]) return `<mover accent="true">${group()}<mo>${ACCENTS[command]}</mo></mover>`;
    if (GREEK[command]) return `<mi>${GREEK[command]}</mi>`;
    if (OPERATORS[command]) return `<mo stretchy="false">${OPERATORS[command]}</mo>`;
    const number = take(/^\d+/);
    if (number) return `<mn>${number[0]}</mn>`;
    const letter = take(/^./)?.[0] ?? "";
    if (/[a-zA-Z]/.test(letter)) return `<mi>${letter}</mi>`;
    return `<mo stretchy="false">${letter === "-" ? "−" : escaped(letter)}</mo>`;
  };
  const scripted = () => {
    const base = atom();
    let low, high;
    for (let found; (found = take(/^\s*([_^])/)); ) found[1] === "_" ? (low = group()) : (high = group());
    if (low) low = `<mpadded voffset="-0.13em">${low}</mpadded>`; // fonts without mathematical tables set it too high
    if (low && high) return `<msubsup>${base}${low}${high}</msubsup>`;
    return low ? `<msub>${base}${low}</msub>` : high ? `<msup>${base}${high}</msup>` : base;
  };
  const row = (end) => {
    const parts = [];
    while (rest.trim() && !(end && end.test(rest))) parts.push(scripted());
    return `<mrow>${parts.join("")}</mrow>`;
  };
  return row();
}

const asMath = (inner) => `<math>${inner}</math>`;
const shortNumber = (value) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "not finite";
  const size = Math.abs(value), text = size && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : String(Number(value.toPrecision(3)));
  return text.replace("e+", "e").replaceAll("-", "−");
};
const tuple = (numbers) =>
  `<mrow><mo stretchy="false">(</mo>${numbers.map((n) => `<mn>${shortNumber(n)}</mn>`).join("<mo>,</mo>")}<mo stretchy="false">)</mo></mrow>`;

// Writes the panel for the current step.
function showRule(stage) {
  if (!stage.explained) return;
  const panel = stage.root.querySelector(".stage-step"), now = currentStep(stage), { name, path, index } = now;
  const key = [stage.options.id, name].join();
  if (panel.dataset.key !== key) {
    panel.dataset.key = key;
    buildRule(stage, panel, name, path);
  }
  panel.classList.toggle("ended", index === undefined);
  panel.querySelector(".stage-step-title").textContent = index === undefined ? `The path of ${name} ends here; go back to see a step.` : `step ${path.steps[index]} → ${path.steps[index] + 1}`;
  if (index === undefined) return;
  const write = path.whole ? withNumbers : withNorms;
  for (const line of panel.querySelectorAll("[data-fill]")) line.innerHTML = write(path, index, line.dataset.fill);
  for (const cell of panel.querySelectorAll("[data-norm]")) cell.textContent = shortNumber(path.norms[cell.dataset.norm][index]);
  for (const cell of panel.querySelectorAll("[data-off]")) cell.textContent = percent(offPlane(path, cell.dataset.off, index));
  panel.querySelector(".stage-step-notes").textContent = notesOnStep(stage, now).join(" ");
  panel.querySelector(".stage-step-gain").innerHTML = gainOf(path, index);
  panel.querySelector(".stage-step-model").innerHTML = modelPlot(stage, now);
}

// MathML of a symbol, in the color of its arrow.
const coloredIn = ({ arrows }) => (symbol) => {
  const role = arrows[symbol]?.role, inner = mathml(symbol);
  return role ? `<mrow class="step-${role}">${inner}</mrow>` : inner;
};

function buildRule(stage, panel, name, path) {
  const symbols = Object.keys(path.vectors).sort((a, b) => b.length - a.length);
  const colored = coloredIn(path);
  const choices = Object.keys(stage.explained).map((each) =>
    `<button data-path="${escaped(each)}" aria-pressed="${each === name}" style="--path: ${stage.explained[each].color}">${escaped(each)}</button>`);
  const equations = path.lines.flatMap((line) => line.split(/,\s*\\quad /));
  const lines = equations.map((line) =>
    `<li><div class="stage-step-rule">${asMath(mathml(line, symbols, colored))}</div><div class="stage-step-filled" data-fill="${escaped(line)}"></div></li>`);
  const rows = Object.keys(path.arrows).map((symbol) =>
    `<tr><th scope="row">${asMath(colored(symbol))}</th><td data-norm="${escaped(symbol)}"></td>${path.whole ? "" : `<td data-off="${escaped(symbol)}"></td>`}</tr>`);
  const head = `<tr><td></td><th scope="col">length</th>${path.whole ? "" : '<th scope="col">off the plane</th>'}</tr>`;
  panel.innerHTML = `
    <div class="stage-step-paths" role="group" aria-label="Path whose step is explained">${choices.join("")}</div>
    <div class="stage-step-title"></div>
    <div class="stage-step-notes"></div>
    <ol>${lines.join("")}</ol>
    <table>${head}${rows.join("")}</table>
    <div class="stage-step-gain"></div>
    <div class="stage-step-model"></div>`;
}

const sidesOf = (line) => [line.split(" = ")[0], line.slice(line.indexOf(" = ") + 3)];
const scalarsOf = (path, index) =>
  ({ ...path.knobs, "\\eta": path.numbers["\\eta"][index], "\\alpha_t": path.numbers["\\alpha_t"]?.[index] });
const namesOf = (path, values) =>
  [...Object.keys(path.vectors), ...Object.keys(values).filter((name) => values[name] !== undefined)].sort((a, b) => b.length - a.length);
const atStep = (text, path, index) => text.replace(/\^t\b/g, `^{${path.numbers.t[index]}}`);

// The right side of a formula with the step's scalars, and the length of what it comes to: a network's vectors have too
// many entries.
function withNorms(path, index, line) {
  const [left, right] = sidesOf(line), values = scalarsOf(path, index), colored = coloredIn(path);
  const write = (symbol) => (values[symbol] === undefined ? colored(symbol) : `<mn>${shortNumber(values[symbol])}</mn>`);
  const names = namesOf(path, values), shown = left === "\\theta_{t+1}" ? "\\theta_t" : left;
  const filled = shown === left ? asMath(`<mo>=</mo>${mathml(atStep(right, path, index), names, write)}`) : "";
  const length = path.norms[shown]?.[index];
  return `${filled} ${length === undefined ? "" : asMath(`<mo>‖</mo>${mathml(shown, names, colored)}<mo>‖</mo><mo>=</mo><mn>${shortNumber(length)}</mn>`)}`;
}

// How far the step brings the loss down, or a reward up, and how far its model says.
function gainOf({ gains, sense }, index) {
  const [actual, rounding, predicted] = ["actual", "rounding", "predicted"].map((name) => gains[name]?.[index] ?? undefined);
  if (actual === undefined) return "";
  const symbols = ["L(\\theta_t)", "L(\\theta_{t+1})"], [more, less] = sense === "maximize" ? symbols.reverse() : symbols;
  const value = Math.abs(actual) > rounding ? shortNumber(actual) : `0 ± ${shortNumber(rounding)}`;
  const model = predicted === undefined ? "" : `; the <span class="model">model</span> predicts ${shortNumber(predicted)}`;
  return `${asMath(`${mathml(`${more} - ${less}`)}<mo>=</mo><mn>${value}</mn>`)}${model}`;
}

// The right side of a formula with the step's numbers, and what it comes to.
function withNumbers(path, index, line) {
  const [left, right] = sidesOf(line), values = scalarsOf(path, index);
  const next = added(path.vectors["\\theta_t"][index], path.vectors.s_t[index]);
  const vector = (symbol) => (symbol === "\\theta_{t+1}" ? next : path.vectors[symbol]?.[index]);
  const known = namesOf(path, values);
  const write = (symbol) => (vector(symbol) ? tuple(vector(symbol)) : `<mn>${shortNumber(values[symbol])}</mn>`);
  const result = vector(left) ? asMath(`<mo>=</mo>${tuple(vector(left))}`) : "";
  return `${asMath(`<mo>=</mo>${mathml(atStep(right, path, index), known, write)}`)} ${result}`;
}

// The share of a vector that lies off the plane, ‖v − Πv‖ / ‖v‖.
function offPlane(path, symbol, index) {
  const whole = path.norms[symbol][index], inside = lengthOf(path.vectors[symbol][index]);
  return whole > 0 ? Math.sqrt(Math.max(0, 1 - (inside / whole) ** 2)) : 0;
}
const percent = (share) => `${(100 * share).toFixed(share > 0.995 && share < 0.9999 ? 1 : 0)} %`;

function notesOnStep(stage, now) {
  const { path, index } = now, factor = magnification(now, shorterSide(stage)), notes = [];
  if (!path.whole) notes.push(`${percent(offPlane(path, "s_t", index))} of this step lies off the plane.`);
  if (path.batch) notes.push(`The gradient and L are those of ${path.batch} examples.`);
  if (modelLevel(stage, now).length) notes.push("Dotted: the level line of the model through this point.");
  const opposite = Object.values(path.arrows).some(({ sign }) => sign < 0);
  if (opposite) notes.push("Arrows of vectors that are stepped against point the other way and have one length.");
  if (factor !== 1) notes.push(`The step is drawn ${shortNumber(factor)} times as long as it is.`);
  return notes;
}

// The model of the step and the loss along the step, as a small plot.
function modelPlot(stage, { path, index }) {
  const { meta } = stage.figure.layout, along = path.along[index];
  if (!path.model || !(path.norms.s_t[index] > 0) || isReweighted(stage)) return "";
  const taus = Array.from({ length: 41 }, (_, i) => i / 20);
  const model = taus.map((tau) => modelValue(meta, path, index, tau));
  const seen = [...along, model[0], model[20]].filter((value) => Number.isFinite(value));
  const margin = 0.15 * (Math.max(...seen) - Math.min(...seen)) || 1, low = Math.min(...seen) - margin, high = Math.max(...seen) + margin;
  const place = (tau, value) => [10 + 100 * tau, 4 + (82 * (high - value)) / (high - low)].map((c) => c.toFixed(1));
  const points = (xs, values) => values.flatMap((value, i) => (Number.isFinite(value) && value <= high && value >= low ? [place(xs[i], value).join()] : []));
  const dots = path.shares.map((tau, i) => (Number.isFinite(along[i]) ? place(tau, along[i]) : undefined)).filter(Boolean);
  const bar = (tau) => `<path class="mark" d="M${place(tau, high)}L${place(tau, low)}"/>`;
  const words = path.model.split(/,\s*\\quad /).map((each) => asMath(mathml(each)));
  return `<figure><svg viewBox="0 0 220 90" role="img" aria-label="Loss and model along the step">${bar(0)}${bar(1)}
    <polyline class="loss" points="${points(path.shares, along).join(" ")}"/>${dots.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="2.6"/>`).join("")}
    <polyline class="model" points="${points(taus, model).join(" ")}"/></svg>
    <figcaption>Along the step, from its start to its end and as far again: <span class="loss">loss</span>,
    <span class="model">model</span> ${words.join(" ")}</figcaption></figure>`;
}

function listenForRule(stage, listen) {
  listen(stage.root.querySelector(".stage-step"), "click", ({ target }) => {
    const name = target.closest("button")?.dataset.path;
    if (!name) return;
    explainPath(stage, name);
    broadcast(stage, { explain: name });
  });
}
