// Explains one step: its vectors as arrows at the current point, and the optimizer's rule with the numbers of the step.
// layout.meta.steps has them for every drawn step of each path; landscapes/figures/step_data.py describes it.

const STEP_COLORS = { gradient: "#D55E00", momentum: "#56B4E9", direction: "#CC79A7", ascent: "#E69F00", step: "#111111" };
const ARROW_SHARE = 0.22; // of the picture's shorter side: the length of an arrow that shows a direction
const MIN_STEP_SHARE = 0.08; // shorter steps are drawn longer, by a factor that the panel states
const HEAD_SHARE = 0.028, SHAFT_POINTS = 24;
const MODEL_REACH = [-0.6, 2.6]; // in steps
const MODEL_RINGS = [0.5, 1, 1.5], RING_POINTS = 48; // level lines of the model in a scene, by their size; 1 passes through the point

// Adds a trace for each kind of arrow, before the figure is drawn.
function prepareArrows(stage) {
  const { data, layout: { meta, scene } } = stage.figure;
  const before = Boolean(stage.explained);
  stage.explained = meta.steps && Object.keys(meta.steps).length ? meta.steps : undefined;
  stage.root.classList.toggle("explaining", Boolean(stage.explained));
  stage.root.querySelector(".stage-step").hidden = !stage.explained;
  stage.beginExplaining = Boolean(stage.explained) && !before;
  if (!stage.explained) return;
  const surface = data.find((trace) => trace.meta?.role === "surface");
  stage.ground = surface;
  const type = scene ? "scatter3d" : "scatter";
  const look = { type, mode: "lines", showlegend: false, hoverinfo: "skip", x: [null], y: [null], ...(scene ? { z: [null] } : {}) };
  const dark = brightness(stage.root) < 128;
  for (const [role, color] of Object.entries(STEP_COLORS)) {
    const ink = role === "step" && dark && scene ? "#ffffff" : color, width = scene ? 7 : 3.5;
    if (!scene) data.push({ ...look, line: { color: "rgba(255,255,255,0.9)", width: width + 3 }, meta: { role: "arrow", arrow: role, steps: [] } });
    data.push({ ...look, line: { color: ink, width }, meta: { role: "arrow", arrow: role, steps: [] } });
  }
  const model = { role: "arrow", arrow: "model", steps: [] };
  if (!scene) data.push({ ...look, line: { color: "rgba(255,255,255,0.9)", width: 4 }, meta: model });
  data.push({ ...look, line: { color: dark && scene ? "#ffffff" : "#111111", width: scene ? 4 : 2, dash: "dot" }, meta: model });
}

// Shows a step at once: a path that has just been drawn stands at its end, where no step begins.
function beginExplaining(stage) {
  if (!stage.explained) return;
  if (stage.beginExplaining && stage.step >= stage.last && stage.memory.shared?.step === undefined) {
    stage.step = stage.stops[Math.floor(stage.stops.length / 8)] ?? 0;
    for (const track of stage.tracks) Object.assign(stage.figure.data[track.index], shown(stage, track));
    label(stage);
  } else for (const track of stage.tracks) if (track.arrow) Object.assign(stage.figure.data[track.index], shown(stage, track));
}

function explainPath(stage, name) {
  stage.memory.explainedPath = name;
  if (!stage.explained) return;
  showRule(stage);
  redraw(stage, stage.tracks.filter((track) => track.arrow));
}

const brightness = (root) => rgb(root, "--st-background-color").reduce((sum, c) => sum + c, 0) / 3;

// The explained path: the chosen one, or the first that the viewer has not hidden.
function explainedPath(stage) {
  const names = Object.keys(stage.explained), { hidden, explainedPath: chosen } = stage.memory;
  return names.includes(chosen) ? chosen : (names.find((name) => !hidden.has(name)) ?? names[0]);
}

// The current step of the explained path: its index among the drawn steps and its vectors; undefined after the last.
function currentStep(stage) {
  const name = explainedPath(stage), path = stage.explained[name];
  const index = count(path.steps, stage.step) - 1;
  const ended = index < 0 || stage.step >= stage.last || stage.step > path.steps.at(-1);
  return ended ? { name, path } : { name, path, index };
}

const scaledBy = (v, k) => v.map((c) => c * k);
const added = (v, w) => v.map((c, i) => c + w[i]);
const lengthOf = (v) => Math.hypot(...v);
const roundUp = (k) => { const p = 10 ** Math.floor(Math.log10(k)); return p * [1, 2, 5, 10].find((m) => m * p >= k * 0.999); };

// The factor by which the step, and what has its units, is drawn longer than it is.
function magnification({ path, index }, side) {
  const length = path.norms.s_t[index];
  return length > 0 && length < MIN_STEP_SHARE * side ? roundUp((MIN_STEP_SHARE * side) / length) : 1;
}

const shorterSide = (stage) => Math.min(...stage.figure.layout.meta.box.map(([low, high]) => high - low));

// The shaft and the head of an arrow on the picture.
function arrowPoints(stage, from, along, side) {
  const length = lengthOf(along);
  if (!(length > 1e-4 * side)) return [];
  const tip = added(from, along), back = scaledBy(along, -Math.min(0.5, (HEAD_SHARE * side) / length));
  const turn = ([x, y]) => [-0.5 * y, 0.5 * x];
  const shaft = Array.from({ length: SHAFT_POINTS + 1 }, (_, i) => added(from, scaledBy(along, i / SHAFT_POINTS)));
  return [...shaft, added(tip, added(back, turn(back))), tip, added(tip, added(back, scaledBy(turn(back), -1)))];
}

// Height of the drawn surface at a point, NaN outside of the picture.
function heightAt({ ground }, point) {
  for (const name of ["x", "y", "z"]) ground[name] = decoded(ground[name]);
  return between([ground.x, ground.y], ground.z, point);
}

function lifted(stage, points, above = 0) {
  const { layout } = stage.figure, cut = { x: points.map(([x]) => x), y: points.map(([, y]) => y) };
  if (layout.scene) {
    const [low, high] = layout.scene.zaxis.range, lift = (layout.meta.lift * 1.3 + above) * (high - low);
    cut.z = points.map((point) => heightAt(stage, point) + lift);
  }
  return cut.x.length ? cut : { x: [null], y: [null], ...(layout.scene ? { z: [null] } : {}) };
}

function arrowCut(stage, kind) {
  const now = currentStep(stage);
  if (now.index === undefined) return lifted(stage, []);
  if (kind === "model") return stage.figure.layout.scene ? modelCut(stage, now) : lifted(stage, modelLevel(stage, now));
  const { path, index } = now, side = shorterSide(stage), factor = magnification(now, side);
  const at = path.at[index], vector = (symbol) => path.vectors[symbol][index];
  const points = Object.entries(path.arrows).flatMap(([symbol, { role, base, sign }]) => {
    if (role !== kind) return [];
    const start = base ? added(at, scaledBy(vector(base), factor)) : at;
    const length = path.norms[symbol][index];
    const scale = sign < 0 ? (length > 0 ? (-ARROW_SHARE * side) / length : 0) : factor;
    return arrowPoints(stage, start, scaledBy(vector(symbol), scale), side);
  });
  return lifted(stage, points);
}

// The model of the step along the step, L + τ·slope + ½τ²·curvature at θ + τs, at its own heights.
function modelCut(stage, { path, index }) {
  const { layout: { meta, scene } } = stage.figure;
  if (!path.model || isReweighted(stage)) return lifted(stage, []);
  const s = path.vectors.s_t[index], [low, high] = scene.zaxis.range;
  const cut = { x: [], y: [], z: [] };
  for (let i = 0; i <= 32; i++) {
    const tau = MODEL_REACH[0] + (i / 32) * (MODEL_REACH[1] - MODEL_REACH[0]);
    const height = heightOf(meta, modelValue(meta, path, index, tau));
    if (!(height >= low && height <= high)) continue;
    const [x, y] = added(path.at[index], scaledBy(s, tau));
    cut.x.push(x), cut.y.push(y), cut.z.push(height);
  }
  for (const size of MODEL_RINGS) {
    const ring = modelRing(path, index, size, 1), { slope, curvature } = path.numbers;
    const height = heightOf(meta, valueAfter(meta, path, index, slope[index] + (0.5 + 0.5 * size * size) * curvature[index]));
    if (!ring.length || !(height >= low && height <= high) || !ring.every(([x, y]) => isWithin(meta.box, x, y))) continue;
    cut.x.push(null, ...ring.map(([x]) => x)), cut.y.push(null, ...ring.map(([, y]) => y)), cut.z.push(null, ...ring.map(() => height));
  }
  return cut.x.length ? cut : lifted(stage, []);
}

const isWithin = (box, ...point) => box.every(([low, high], k) => point[k] >= low && point[k] <= high);

// The level line of a model with a diagonal P around its minimizer θ + s, `size` times that through θ: an ellipse with
// Σ Pᵢuᵢ² = size²·s·Ps and Pᵢ = −bᵢ/sᵢ. Lengths are `factor` times as long as they are. [] where P is not known.
function modelRing({ vectors, linear, at }, index, size, factor) {
  if (!linear) return [];
  const s = vectors.s_t[index], metric = vectors[linear][index].map((b, i) => -b / s[i]);
  const energy = metric.reduce((sum, p, i) => sum + p * s[i] * s[i], 0), radii = metric.map((p) => factor * size * Math.sqrt(energy / p));
  if (!radii.every((r) => r > 0 && Number.isFinite(r))) return [];
  const middle = added(at[index], scaledBy(s, factor));
  return Array.from({ length: RING_POINTS + 1 }, (_, k) => (2 * Math.PI * k) / RING_POINTS)
    .map((turn) => added(middle, [radii[0] * Math.cos(turn), radii[1] * Math.sin(turn)]));
}

// In a contour plot: the level line of the model through the current point.
function modelLevel(stage, now) {
  return !now.path.model || isReweighted(stage) ? [] : modelRing(now.path, now.index, 1, magnification(now, shorterSide(stage)));
}

const isReweighted = ({ weights, given }) => Boolean(weights) && JSON.stringify(weights) !== given;

function modelValue(meta, path, index, tau) {
  const { slope, curvature } = path.numbers;
  return valueAfter(meta, path, index, tau * slope[index] + 0.5 * tau * tau * curvature[index]);
}

const valueAfter = ({ sense }, { loss }, index, change) => loss[index] + (sense === "minimize" ? change : -change);

// As in landscapes/figures/scale.py.
function heightOf({ scale, sense, low, high, floor }, value) {
  if (scale === "linear") return value;
  const gap = sense === "minimize" ? value - low : high - value;
  const height = Math.log10(Math.max(gap, 0) + floor);
  return sense === "minimize" ? height : -height;
}
