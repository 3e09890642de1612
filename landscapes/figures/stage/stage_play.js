// Plays paths: traces whose meta has steps are drawn up to the current step. The surface does not change.

const PLAY_MILLISECONDS = 8000; // for all steps at normal speed
const REDUCED_MOTION_MILLISECONDS = 500; // between frames, for viewers who prefer reduced motion

function preparePlay(stage) {
  const { data, layout } = stage.figure;
  const before = stage.last;
  stage.tracks = data.flatMap((trace, index) => {
    const { steps, role } = trace.meta ?? {};
    if (role === "surface" && trace.z) trace.z = decoded(trace.z); // once for all that read it
    if (!steps) return [];
    for (const name of ["x", "y", "z", "customdata"]) if (trace[name]) trace[name] = decoded(trace[name]);
    const { x, y, z, customdata } = trace;
    return [{ index, steps, role: trace.meta.role, arrow: trace.meta.arrow, label: trace.meta.label, x, y, z, customdata }];
  });
  for (const track of stage.tracks) {
    track.whole = track.role === "head" ? stage.tracks.find((t) => t.role === "path" && t.label === track.label) : track;
  }
  stage.last = Math.max(0, ...stage.tracks.flatMap((track) => track.steps.at(-1) ?? 0));
  if (stage.last) stage.last = Math.max(stage.last, stage.options.steps ?? 0);
  stage.stops = [...new Set(stage.tracks.flatMap((track) => track.whole.steps))].sort((a, b) => a - b);
  if (layout.meta.kind === "history") stage.step ??= Infinity;
  else if (stage.step === undefined || stage.last !== before) stage.step = stage.last;
  const { step: sharedStep } = stage.memory.shared ?? {};
  stage.step = Math.min(sharedStep ?? stage.step, layout.meta.kind === "history" ? Infinity : stage.last);
  if (layout.meta.kind === "history") layout.shapes = withPlayhead(stage);
  const transport = stage.root.querySelector(".stage-transport");
  transport.hidden = !stage.last;
  // Hidden controls keep their space, so that stages side by side have the same height.
  transport.style.visibility = stage.options.transport ? "" : "hidden";
  transport.querySelector("input").max = stage.last;
  if (stage.step < stage.last) for (const track of stage.tracks) Object.assign(data[track.index], shown(stage, track));
  label(stage);
}

// Icons as paths, because fonts differ in the characters for playback controls.
const SHAPES = {
  play: "M4 2.5v11l9-5.5z", pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z", start: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M11 3v10L4 8z", forth: "M5 3v10l7-5z",
};
const icon = (name) => `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${SHAPES[name]}"/></svg>`;

// Number of points of a trace up to the current step.
function count(steps, step) {
  let low = 0, high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

function shown(stage, { role, arrow, whole }) {
  if (arrow) return arrowCut(stage, arrow);
  const end = count(whole.steps, stage.step);
  const begin = role === "head" ? Math.max(0, end - 1) : 0;
  const cut = { x: whole.x.slice(begin, end), y: whole.y.slice(begin, end) };
  if (whole.z) cut.z = whole.z.slice(begin, end);
  if (whole.z && role === "head") cut.z = Array.from(cut.z, (z) => z + markerLift(stage));
  if (whole.customdata) cut.customdata = whole.customdata.slice(begin, end);
  return cut;
}

// Height of markers above the paths of a scene.
function markerLift({ figure: { layout } }) {
  const [low, high] = layout.scene?.zaxis.range ?? [0, 0];
  return (layout.meta.stand ?? 0) * (high - low);
}

async function showStep(stage, step) {
  if (stage.memory.shared) stage.memory.shared.step = undefined;
  const { kind } = stage.figure.layout.meta;
  if (kind === "history") return playhead(stage, step);
  step = Math.max(0, Math.min(stage.last, step));
  if (!stage.last || step === stage.step) return;
  stage.step = step;
  label(stage);
  if (stage.restyling || stage.drawing) return; // after the current frame, the loop below draws the newest step
  stage.restyling = true;
  try {
    for (let drawn; drawn !== stage.step; ) {
      drawn = stage.step;
      await redraw(stage, stage.tracks);
      placeTitles(stage);
      await new Promise(requestAnimationFrame);
    }
  } finally {
    stage.restyling = false;
  }
}

function seek(stage, step) {
  showStep(stage, step);
  broadcast(stage, { step });
}

// In a history the current step is a vertical line; the figure's own lines stay.
function playhead(stage, step) {
  stage.step = step;
  stage.figure.layout.shapes = withPlayhead(stage);
  return Plotly.relayout(stage.plot, { shapes: stage.figure.layout.shapes });
}

function withPlayhead({ step, ink, figure: { layout } }) {
  const line = { color: `${ink}0.55)`, width: 1.5, dash: "dot" };
  const shape = { name: "playhead", type: "line", xref: "x", yref: "paper", x0: step, x1: step, y0: 0, y1: 1, line };
  const others = (layout.shapes ?? []).filter(({ name }) => name !== shape.name);
  return Number.isFinite(step) ? [...others, shape] : others;
}

function label(stage) {
  const { root, step, last, playing } = stage;
  const slider = root.querySelector(".stage-transport input");
  slider.value = step;
  slider.setAttribute("aria-valuetext", `step ${step} of ${last}`);
  slider.style.setProperty("--played", `${(100 * step) / (last || 1)}%`);
  root.querySelector(".stage-transport output").textContent = `step ${step} / ${last}`;
  const button = root.querySelector('[data-do="play"]');
  const name = playing ? "Pause" : "Play";
  if (button.ariaLabel !== name) Object.assign(button, { ariaLabel: name, innerHTML: icon(name.toLowerCase()) });
  root.dataset.step = step;
  stage.memory.step = step;
  const detail = { stage: stage.options.name, step };
  window.dispatchEvent(new CustomEvent("landscapes-step", { detail })); // for what the model does there
  showRule(stage);
}

function play(stage) {
  if (!stage.last) return;
  const from = stage.step >= stage.last ? 0 : stage.step;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  stage.playing = { from, at: performance.now(), speed: stage.memory.speed };
  let latest = 0;
  const frame = (now) => {
    if (!stage.playing) return;
    const { from, at, speed } = stage.playing;
    // The step follows the clock and not the number of frames, so a slow machine keeps the speed.
    const step = Math.min(stage.last, Math.floor(from + ((now - at) * speed * stage.last) / PLAY_MILLISECONDS));
    if (!still || now - latest > REDUCED_MOTION_MILLISECONDS || step === stage.last) {
      latest = now;
      if (step !== stage.step) seek(stage, Math.max(0, step));
    }
    if (step >= stage.last) pause(stage);
    else requestAnimationFrame(frame);
  };
  seek(stage, from);
  label(stage);
  requestAnimationFrame(frame);
}

// Plays the first figure that has paths, once, if the page asks for it.
function playFirst(stage) {
  if (!stage.options.autoplay || stage.autoplayed || !stage.last) return;
  stage.autoplayed = true;
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play(stage);
}

function pause(stage) {
  stage.playing = undefined;
  if (stage.figure) label(stage);
}

const next = (stage) => stage.stops.find((s) => s > stage.step) ?? stage.last;
const previous = (stage) => stage.stops.findLast((s) => s < stage.step) ?? 0;
const ACTIONS = {
  play: (stage) => (stage.playing ? pause(stage) : play(stage)),
  start: (stage) => (pause(stage), seek(stage, 0)),
  end: (stage) => (pause(stage), seek(stage, stage.last)),
  back: (stage) => (pause(stage), seek(stage, previous(stage))),
  forth: (stage) => (pause(stage), seek(stage, next(stage))),
};
// Presentation remotes send PageUp and PageDown.
const KEYS = { " ": "play", ArrowLeft: "back", ArrowRight: "forth", Home: "start", End: "end" };
const REMOTE = { PageUp: "back", PageDown: "forth", ...KEYS };

function listenForPlay(stage, listen, $) {
  const slider = $(".stage-transport input");
  listen($(".stage-transport"), "click", ({ target }) => ACTIONS[target.closest("button")?.dataset.do]?.(stage));
  listen(slider, "input", () => {
    const step = Number(slider.value); // before pausing puts it back
    pause(stage);
    seek(stage, step);
  });
  listen($(".stage-transport select"), "change", ({ target }) => {
    stage.memory.speed = Number(target.value);
    if (stage.playing) stage.playing = { from: stage.step, at: performance.now(), speed: stage.memory.speed };
  });
  listen(document, "keydown", (event) => {
    if (stage.plot.contains(event.target) && event.key.startsWith("Arrow") && stage.figure?.layout.scene) return;
    const focused = stage.root.contains(event.target);
    const free = stage.options.presenter && stage.options.transport && !event.target.closest("input, textarea, select, button, [role=slider]");
    const action = (free ? REMOTE : KEYS)[event.key];
    const typing = event.target.matches("input:not([type=range]), select, textarea, summary, .stage-mix *, .stage-slice *");
    if (!action || typing || !(focused || free) || !stage.last || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.matches("button")) return; // a button already answers to space
    event.preventDefault();
    event.stopPropagation();
    ACTIONS[action](stage);
  }, { capture: true });
}

// Plotly's typed arrays: {dtype, bdata: base64, shape: "2, 3"}. Two-dimensional ones become arrays of rows.
const TYPES = {
  f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array,
  i4: Int32Array, u4: Uint32Array,
};

function decoded(spec) {
  if (!spec?.bdata) return spec;
  const bytes = Uint8Array.from(atob(spec.bdata), (letter) => letter.charCodeAt(0));
  const flat = new TYPES[spec.dtype](bytes.buffer);
  const shape = String(spec.shape ?? flat.length).split(",").map(Number);
  return shape.length === 1 ? flat : rows(flat, shape[1]);
}

function rows(flat, width) {
  return Array.from({ length: flat.length / width }, (_, i) => flat.subarray(i * width, (i + 1) * width));
}
