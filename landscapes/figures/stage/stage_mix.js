// Reweights the terms of the loss in the browser: the loss is the weighted sum of grids that the figure contains.

const SLIDER_DECADES = 4; // a slider ranges from 1/100 to 100 times the trained weight; its left end is 0
const FLOOR_SHARE = 1e-3, RANGE_MARGIN = 0.02, NUM_TICKS = 6; // as in landscapes/figures/scale.py
const MAX_SCENE_TICKS = 5; // as in landscapes/figures/surface_figure.py

function prepareMix(stage) {
  const { meta } = stage.figure.layout;
  const names = Object.keys(meta.terms ?? {});
  const panel = stage.root.querySelector(".stage-mix");
  panel.hidden = !names.length || !stage.options.mix;
  stage.grids = Object.fromEntries(names.map((name) => [name, decoded(meta.terms[name])]));
  stage.original = undefined;
  const given = JSON.stringify(meta.weights);
  // The viewer's weights are kept until the figure comes with other weights.
  if (given !== stage.given) stage.weights = { ...meta.weights };
  stage.given = given;
  if (panel.hidden) return;
  showSliders(stage, panel);
  if (JSON.stringify(stage.weights) !== given) queueMicrotask(() => mix(stage));
}

function showSliders(stage, panel) {
  const { weights, trained = weights } = stage.figure.layout.meta;
  const names = Object.keys(weights);
  const box = panel.querySelector("div");
  if (box.dataset.names !== JSON.stringify(names)) {
    box.dataset.names = JSON.stringify(names);
    box.replaceChildren(...names.map((name) => {
      const row = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 1, step: 0.005 });
      const text = Object.assign(document.createElement("span"), { textContent: termName(stage, name) });
      input.dataset.term = name;
      input.setAttribute("aria-label", `weight of ${termName(stage, name)}`);
      row.append(text, input, document.createElement("output"));
      return row;
    }));
  }
  stage.base = Object.fromEntries(names.map((name) => [name, trained[name] || 1]));
  for (const row of box.children) {
    const input = row.querySelector("input");
    input.value = position(stage, input.dataset.term);
    row.querySelector("output").textContent = short(stage.weights[input.dataset.term]);
  }
}

// The displayed name of a term.
function termName(stage, name) {
  return stage.figure.layout.meta.names?.[name] ?? name;
}

function position(stage, name) {
  const weight = stage.weights[name];
  return weight === 0 ? 0 : 0.5 + Math.log10(Math.abs(weight / stage.base[name])) / SLIDER_DECADES;
}

function listenForMix(stage, panel) {
  panel.addEventListener("input", ({ target }) => {
    const { term } = target.dataset;
    const p = Number(target.value);
    const weight = stage.base[term] * 10 ** ((p - 0.5) * SLIDER_DECADES);
    stage.weights[term] = p === 0 ? 0 : p === 0.5 ? stage.base[term] : Number(weight.toPrecision(3));
    target.parentElement.querySelector("output").textContent = short(stage.weights[term]);
    stage.stale = true;
    if (!stage.mixing) mixLoop(stage);
  });
  panel.addEventListener("change", () => stage.report("weights", { ...stage.weights }));
  panel.addEventListener("dblclick", ({ target }) => {
    if (!target.dataset.term) return;
    target.value = 0.5;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

async function mixLoop(stage) {
  stage.mixing = true;
  while (stage.stale) {
    stage.stale = false;
    await mix(stage);
    await new Promise(requestAnimationFrame);
  }
  stage.mixing = false;
}

const flatten = (grid) => (ArrayBuffer.isView(grid) ? [grid] : grid);

// Σ wᵢ·Lᵢ. Terms of weight 0 are left out, so that their values need not be finite.
function weightedSum(stage) {
  const grids = Object.entries(stage.grids).filter(([name]) => stage.weights[name]);
  const lines = flatten(Object.values(stage.grids)[0]);
  return lines.map((line, i) => {
    const sum = new Float32Array(line.length);
    for (const [name, grid] of grids) {
      const weight = stage.weights[name];
      flatten(grid)[i].forEach((value, j) => (sum[j] += weight * value));
    }
    return sum.map((value) => (Number.isFinite(value) ? value : NaN));
  });
}

// The name of the height with the current weights, as in landscapes/recipes/words.py.
function heightName(stage) {
  const { value, sum, symbols } = stage.figure.layout.meta;
  if (!sum || JSON.stringify(stage.weights) === stage.given) return value;
  const terms = Object.entries(stage.weights).filter(([, weight]) => weight).map(([name, weight], i) => {
    const size = Math.abs(weight), sign = i ? (weight < 0 ? " − " : " + ") : weight < 0 ? "−" : "";
    return sign + (size === 1 ? "" : `${short(size)}·`) + symbols[name];
  });
  return sum.replace("{sum}", terms.join("") || "0");
}

// The same scale as in landscapes/figures/scale.py.
function scaleOf(lines, { scale, sense, errors }, weights) {
  let low = Infinity, high = -Infinity;
  for (const line of lines) for (const value of line) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [0, 1];
  const floor = FLOOR_SHARE * (high - low) || FLOOR_SHARE * Math.max(Math.abs(low), 1);
  const linear = scale === "linear", down = sense === "minimize";
  const height = (v) => {
    if (linear) return v;
    const log = Math.log10(Math.max(down ? v - low : high - v, 0) + floor);
    return down ? log : -log;
  };
  const value = (h) => (down ? 10 ** h + low - floor : high + floor - 10 ** -h);
  const ends = [height(low), height(high)];
  const margin = RANGE_MARGIN * (ends[1] - ends[0]) || 0.5;
  const [bottom, top] = [ends[0] - margin, ends[1] + margin];
  const roundStep = (count) => {
    const size = (top - bottom) / count, magnitude = 10 ** Math.floor(Math.log10(size));
    return magnitude * [1, 2, 5, 10].find((m) => m * magnitude >= size * 0.999);
  };
  const levels = (count) => {
    const size = linear ? roundStep(count) : (top - bottom) / count;
    const start = linear ? (Math.floor(low / size + 1e-6) + 1) * size : bottom + size;
    const end = linear ? Math.max(start, (Math.ceil(high / size - 1e-6) - 1) * size) : top;
    return { start, end, size };
  };
  const at = Array.from({ length: NUM_TICKS }, (_, i) => ends[0] + (i * (ends[1] - ends[0])) / (NUM_TICKS - 1));
  const step = roundStep(MAX_SCENE_TICKS), sceneTicks = [];
  for (let tick = Math.ceil(bottom / step) * step; tick <= top + 1e-9 * step; tick += step) sceneTicks.push(tick);
  const error = Object.entries(weights).reduce((sum, [name, w]) => sum + (w && Math.abs(w) * errors[name]), 0);
  const rounded = (v) => short(v, 3, error);
  const ticks = linear ? {} : { tickmode: "array", tickvals: at, ticktext: at.map((h) => rounded(value(h))) };
  const lowest = rounded(Math.abs(low)) === "0" ? "" : `${low > 0 ? "−" : "+"} ${rounded(Math.abs(low))} `;
  const gap = down ? `L ${lowest}+ ${short(floor, 2)}` : `${rounded(high)} − L + ${short(floor, 2)}`;
  const factor = short(1 + error / floor);
  const note = (text) => text.replace(/(about a factor of )[^ <·;,]*/, `$1${factor}`);
  const title = (name) => (linear ? name : `${name} (log scale, ${down ? "" : "−"}log₁₀(${gap}))`);
  const shownTicks = linear ? { tickmode: "array", tickvals: sceneTicks } : ticks;
  return { height, range: [bottom, top], ticks, sceneTicks: shownTicks, title, levels, note };
}

async function mix(stage) {
  const { data, layout } = stage.figure;
  const { meta } = layout;
  const loss = weightedSum(stage);
  const surface = data.find((trace) => trace.meta?.role === "surface");
  const bounded = data.find((trace) => trace.meta?.role === "bounded"); // the term that the loss is a bound of
  const boundedTerm = bounded ? flatten(stage.grids[bounded.meta.term]) : [];
  const scale = scaleOf([...loss, ...boundedTerm], meta, stage.weights), value = heightName(stage);
  const { meta: surfaceMeta } = surface;
  const template = (surfaceMeta.hover ??= surface.hovertemplate);
  Object.assign(surface, { name: value, hovertemplate: template.replace(meta.value, value) });
  const toHeights = (lines) => lines.map((line) => line.map(scale.height));
  const heights = toHeights(loss);
  const axes = ["x", "y"].map((name) => (surface[name] = decoded(surface[name])));
  const [low, high] = scale.range;
  if (bounded) Object.assign(bounded, meta.kind === "line" ? { y: toHeights(boundedTerm)[0] } : { z: toHeights(boundedTerm) });
  if (meta.kind === "line") {
    Object.assign(surface, { y: heights[0], customdata: facts(stage, loss)[0] });
    mixTerms(stage, axes[0], layout.yaxis, scale);
    Object.assign(layout.yaxis, scale.ticks);
    stage.words.y = scale.title(value);
  } else {
    Object.assign(surface, { z: heights, ...(surface.customdata && { customdata: facts(stage, loss) }) });
    for (const trace of data) if (trace.meta?.role === "gap") trace.z = gaps(stage, loss);
    if (meta.kind === "surface") {
      Object.assign(surface, { cmin: low, cmax: high });
      surface.contours = { ...surface.contours, z: { ...surface.contours.z, ...scale.levels(meta.lines) } };
      layout.scene.zaxis.range = [low - meta.depth * (high - low), high + meta.headroom * (high - low)];
      Object.assign(layout.scene.zaxis, scale.sceneTicks);
      stage.words.z = scale.title(value);
    } else {
      Object.assign(surface, { zmin: low, zmax: high });
      surface.contours = { ...surface.contours, ...scale.levels(meta.lines) };
      surface.colorbar = { ...surface.colorbar, ...scale.ticks };
      stage.words.bar = scale.title(value);
    }
  }
  liftPaths(stage, axes, loss, scale);
  // The known optimum, the draws and the gap labels hold only for the weights of the figure.
  const unchanged = JSON.stringify(stage.weights) === stage.given;
  for (const trace of data) if (trace.meta?.label === "known optimum") trace.opacity = unchanged ? 1 : 0;
  for (const trace of data) if (["draws", "gap labels"].includes(trace.meta?.role)) trace.visible = unchanged;
  meta.notes = meta.notes?.map(scale.note);
  stage.root.dataset.mixed = JSON.stringify(stage.weights);
  showLegend(stage);
  showNotes(stage);
  arrange(stage);
  await paint(stage);
}

// Hover data of each point: the loss, and the gap to the term that it bounds if there is one.
function facts(stage, loss) {
  if (!stage.figure.layout.meta.bounds) return loss;
  const gap = gaps(stage, loss);
  return loss.map((line, j) => Array.from(line, (value, i) => [value, gap[j][i]]));
}

function gaps(stage, loss) {
  const { bounds, sense } = stage.figure.layout.meta;
  const truth = flatten(stage.grids[bounds]), sign = sense === "minimize" ? 1 : -1;
  return loss.map((line, j) => line.map((value, i) => sign * (value - truth[j][i])));
}

function mixTerms(stage, x, yaxis, scale) {
  let [low, high] = scale.range;
  const several = Object.values(stage.weights).filter(Boolean).length > 1; // a single term equals the loss
  for (const trace of stage.figure.data) {
    if (trace.meta?.role !== "term") continue;
    const { term } = trace.meta;
    const weight = stage.weights[term];
    trace.y = decoded(stage.grids[term]).map((value) => weight * value);
    trace.name = `${termName(stage, term)} × ${short(weight)}`;
    trace.hovertemplate = `${trace.name}: %{y:.5g}<extra></extra>`;
    if (!(several && weight)) trace.visible = false;
    else if (trace.visible !== "legendonly") trace.visible = true;
    if (!trace.visible) continue;
    for (const value of trace.y) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  const margin = 0.03 * (high - low);
  yaxis.range = [low - margin, high + margin];
}

// Moves paths and marks to the new surface. Their hover text keeps the loss under the weights of their run.
function liftPaths(stage, axes, loss, scale) {
  const { meta } = stage.figure.layout;
  const solid = meta.kind === "surface", line = meta.kind === "line";
  const [floor, ceiling] = stage.figure.layout.scene?.zaxis.range ?? scale.range;
  const lift = meta.lift * (ceiling - floor);
  const onPicture = (value) => scale.height(value) + lift;
  if (line) {
    // Along a line, paths are at their true losses. The figure has no terms of those, so other weights hide the paths.
    const unchanged = JSON.stringify(stage.weights) === stage.given;
    for (const track of stage.tracks) {
      const trace = stage.figure.data[track.index];
      track.opacity ??= trace.opacity ?? 1;
      trace.opacity = unchanged ? track.opacity : 0;
    }
  }
  for (const track of line ? [] : stage.tracks) {
    if (track.role === "head" || track.arrow) continue;
    const on = Array.from(track.x, (x, i) => between(axes, loss, [x, track.y[i]]));
    const raised = track.role === "start" ? markerLift(stage) : 0;
    const lowered = track.role === "casing" ? (meta.lift - meta.outline) * (ceiling - floor) : 0;
    const shadow = floor + meta.shadow * (ceiling - floor);
    const heights = Float32Array.from(on, (value) => (track.role === "shadow" ? shadow : onPicture(value) + raised - lowered));
    if (solid) track.z = heights;
    track.customdata = track.customdata?.map((facts, i) => Float64Array.of(facts[0], facts[1], on[i], facts[3]));
  }
  for (const track of stage.tracks) Object.assign(stage.figure.data[track.index], shown(stage, track));
  for (const mark of line || solid ? stage.figure.data : []) {
    if (mark.meta?.role !== "marks") continue;
    const places = Array.from(decoded(mark.x), (x, i) => (line ? [x] : [x, decoded(mark.y)[i]]));
    const raised = solid ? markerLift(stage) : 0;
    mark[solid ? "z" : "y"] = places.map((place) => onPicture(between(axes, loss, place)) + raised);
  }
}

// Linear interpolation on the grid lines[y][x], or lines[0][x].
function between(axes, lines, place) {
  const [i, s] = cell(axes[0], place[0]);
  if (place.length === 1) return lines[0][i] * (1 - s) + lines[0][i + 1] * s;
  const [j, t] = cell(axes[1], place[1]);
  const row = (line) => line[i] * (1 - s) + line[i + 1] * s;
  return row(lines[j]) * (1 - t) + row(lines[j + 1]) * t;
}

function cell(axis, at) {
  const i = Math.max(0, Math.min(axis.length - 2, count(axis, at) - 1));
  const share = (at - axis[i]) / (axis[i + 1] - axis[i]);
  return [i, share >= 0 && share <= 1 ? share : NaN];
}

// The number as text, with at most `digits` significant digits and none below its error.
function short(value, digits = 3, error = 0) {
  if (error > 0 && Number.isFinite(error)) {
    const unit = 10 ** Math.floor(Math.log10(error));
    value = Math.round(value / unit) * unit;
  }
  return String(Number(value.toPrecision(digits)) || 0).replace("-", "−");
}
