// The stage draws a Plotly figure and keeps what the viewer did to it: camera, zoom, hidden traces, step and mix
// survive every change of data, and a switch between kinds of picture. What traces and layouts carry for it in
// `meta` is described in landscapes/figures. This file mounts, draws and reports clicks; stage_look.js dresses
// figures for the page, stage_play.js plays paths, stage_mix.js mixes terms.

const MEMORY = (globalThis.landscapesStages ??= new Map()); // by name, so that it outlives a change of page
const STILL = 4; // pixels that a hand may tremble during a click
const LATE = 700; // milliseconds within which gl3d may still answer where a click fell
const CONFIG = {
  displaylogo: false,
  scrollZoom: true,
  doubleClick: "reset",
  plotGlPixelRatio: 2 * Math.min(1, devicePixelRatio), // Plotly's own is 2, and more than a small page can show
  modeBarButtonsToRemove: [
    "toImage", "select2d", "lasso2d", "autoScale2d", "tableRotation", "resetCameraLastSave3d", "hoverClosest3d",
    "zoom3d", "pan3d", "orbitRotation",
  ],
};

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".stage");
  const stage = (root.stage ??= mount(root));
  stage.report = (name, value) => (name === "pick" ? setTriggerValue : setStateValue)(name, value);
  const [header, figure] = new TextDecoder().decode(data).split("\n");
  stage.receive(JSON.parse(header), figure);
  return () => stage.leave();
}

function mount(root) {
  root.innerHTML = `
    <div class="stage-plot" role="img"></div>
    <div class="stage-status" role="status"></div>
    <div class="stage-bar">
    <div class="stage-transport" hidden role="group" aria-label="Playback of the optimizers' paths">
      <button data-do="start" aria-label="To the first step" title="To the first step (Home)">${icon("start")}</button>
      <button data-do="back" aria-label="One step back" title="One step back (←)">${icon("back")}</button>
      <button data-do="play" aria-label="Play" title="Play or pause (space)">${icon("play")}</button>
      <button data-do="forth" aria-label="One step on" title="One step on (→)">${icon("forth")}</button>
      <input type="range" min="0" max="0" step="1" aria-label="Optimizer step">
      <output></output>
      <select aria-label="Playback speed" title="Playback speed">
        ${[0.25, 0.5, 1, 2, 4].map((s) => `<option value="${s}"${s === 1 ? " selected" : ""}>${s}×</option>`).join("")}
      </select>
    </div>
    <details class="stage-mix" hidden><summary>weights</summary><div></div></details>
    </div>`;
  root.tabIndex = 0;
  const $ = (selector) => root.querySelector(selector);
  const stage = { root, plot: $(".stage-plot"), status: $(".stage-status"), options: {}, id: null, hits: {} };
  const end = new AbortController();
  const listen = (target, type, f, options) => target.addEventListener(type, f, { signal: end.signal, ...options });

  stage.receive = (options, text) => {
    stage.memory = recall(options.name);
    stage.options = options;
    root.style.setProperty("--stage-height", options.height);
    root.classList.toggle("presenter", options.presenter);
    root.classList.toggle("picking", options.pick);
    stage.plot.setAttribute("aria-label", options.description);
    stage.status.textContent = options.status;
    const ink = pageInk(root);
    const id = options.id + ink;
    if (id === stage.id) return;
    stage.id = id;
    stage.waiting = { text, ink };
    if (!stage.pressed) draw(stage); // a redraw under a drag would throw the drag away
  };
  stage.leave = () => {
    end.abort();
    resized.disconnect();
    pause(stage);
    keep(stage);
    if (globalThis.Plotly && stage.figure) Plotly.purge(stage.plot);
    root.stage = undefined;
  };

  const resized = new ResizeObserver(() => {
    cancelAnimationFrame(stage.resizing);
    stage.resizing = requestAnimationFrame(() => {
      if (stage.figure && stage.plot.offsetWidth) refit(stage);
    });
  });
  resized.observe(stage.plot);
  listenForPicks(stage, listen);
  listenForPlay(stage, listen, $);
  listenForMix(stage, $(".stage-mix"));
  listen(window, "landscapes-stage", ({ detail }) => follow(stage, detail));
  return stage;
}

function recall(name) {
  if (!MEMORY.has(name)) MEMORY.set(name, { views: {}, hidden: new Set(), speed: 1 });
  return MEMORY.get(name);
}

function loaded(url) {
  if (globalThis.Plotly) return Promise.resolve();
  return (globalThis.landscapesPlotly ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = done;
    script.onerror = () => {
      globalThis.landscapesPlotly = undefined;
      fail(new Error(`plotly.js did not load from ${url}; reload the page`));
    };
    document.head.append(script);
  }));
}

async function draw(stage) {
  if (stage.drawing) return; // the one under way takes what is waiting when it is done
  stage.drawing = true;
  try {
    stage.root.classList.toggle("empty", !stage.figure);
    await loaded(stage.options.plotly);
    while (stage.waiting) {
      const { text, ink } = stage.waiting;
      stage.waiting = undefined;
      if (stage.figure) keep(stage);
      const figure = JSON.parse(text);
      stage.ink = ink;
      tint(figure, INKS, ink);
      dress(stage, figure);
      settle(stage, figure);
      stage.figure = figure;
      prepareMix(stage);
      preparePlay(stage);
      await paint(stage);
      if (!stage.bound) bind(stage);
      stage.root.classList.remove("empty");
      stage.root.dataset.drawn = stage.options.id;
    }
  } catch (error) {
    if (stage.root.stage !== stage) return; // taken off the page in the middle of a drawing
    stage.id = null; // so that the next message tries again
    stage.status.textContent = error.message;
    console.error(error);
  } finally {
    stage.drawing = false;
  }
}

const paint = (stage) => Plotly.react(stage.plot, stage.figure.data, stage.figure.layout, config(stage));

function config(stage) {
  const button = (format, title, icon) => ({ name: title, title, icon, click: () => save(stage, format) });
  return (stage.config ??= {
    ...CONFIG,
    modeBarButtonsToAdd: [
      button("png", "Save as PNG", Plotly.Icons.camera),
      button("svg", "Save as SVG", Plotly.Icons.disk),
    ],
  });
}

// The viewer's own camera, zoom and hidden traces, by kind of picture.
function keep(stage) {
  const { views, hidden } = stage.memory;
  const { layout, data } = stage.plot;
  const kind = layout?.meta?.kind;
  if (!kind) return;
  if (!stage.moved) delete views[kind];
  else if (layout.scene) views[kind] = { camera: layout.scene.camera };
  else views[kind] = { x: layout.xaxis.range, y: layout.yaxis.range, box: layout.meta.box };
  for (const { visible, legendgroup } of data) {
    if (legendgroup) visible === "legendonly" ? hidden.add(legendgroup) : hidden.delete(legendgroup);
  }
}

function settle(stage, { layout, data }) {
  const { views, hidden } = stage.memory;
  const { kind, box } = layout.meta;
  const view = views[kind];
  stage.home = layout.scene && structuredClone(layout.scene.camera);
  // A zoom is kept on the same stretch of space; on another it would show nothing, or something else.
  stage.moved = Boolean(view && (layout.scene || JSON.stringify(view.box) === JSON.stringify(box)));
  if (layout.scene) layout.scene.camera = stage.moved ? view.camera : fitted(stage);
  else if (stage.moved) {
    layout.xaxis.range = view.x;
    layout.yaxis.range = view.y;
  }
  for (const trace of data) if (hidden.has(trace.legendgroup)) trace.visible = "legendonly";
}

function bind(stage) {
  stage.bound = true;
  const { plot } = stage;
  const moved = (change) => {
    if (stage.placing) return;
    const names = Object.keys(change ?? {}).filter((name) => /scene\.camera|[xy]axis\.(range|autorange)/.test(name));
    if (!names.length) return;
    stage.moved = !names.some((name) => name.endsWith("autorange"));
    broadcastView(stage);
  };
  plot.on("plotly_relayout", moved);
  plot.on("plotly_relayouting", moved);
  plot.on("plotly_hover", ({ points }) => hit(stage, points[0]));
  plot.on("plotly_click", ({ points }) => hit(stage, points[0]));
  plot.on("plotly_unhover", () => (stage.over = undefined));
}

// Clicks. gl3d reports one when the button goes down, so an orbit would pick: wait for the release, and for a hand
// that stayed still. On axes the place is computed from the pixel, not from the nearest grid point.
function listenForPicks(stage, listen) {
  listen(stage.plot, "pointerdown", (event) => {
    if (event.target.closest(".modebar, .legend")) return;
    stage.pressed = [event.clientX, event.clientY];
    stage.root.focus({ preventScroll: true });
  }, { capture: true });
  const release = (event) => {
    if (!stage.pressed) return;
    const [x, y] = stage.pressed;
    stage.pressed = undefined;
    const still = Math.hypot(event.clientX - x, event.clientY - y) < STILL;
    if (still && event.type === "pointerup" && event.button === 0) picked(stage, event);
    if (stage.waiting) draw(stage);
  };
  listen(window, "pointerup", release, { capture: true });
  listen(window, "pointercancel", release, { capture: true });
}

function hit(stage, point) {
  if (!stage.figure?.layout.scene) return;
  stage.over = point;
  if (stage.asked && performance.now() - stage.asked < LATE) tell(stage, [point.x, point.y]);
}

function picked(stage, event) {
  const { layout } = stage.figure ?? {};
  if (!layout) return;
  if (layout.scene) {
    if (stage.over) tell(stage, [stage.over.x, stage.over.y]);
    else stage.asked = performance.now();
    return;
  }
  const { xaxis, yaxis } = stage.plot._fullLayout;
  const { left, top } = stage.plot.getBoundingClientRect();
  const at = (axis, pixel) => (pixel >= 0 && pixel <= axis._length ? axis.p2d(pixel) : NaN);
  const place = [at(xaxis, event.clientX - left - xaxis._offset), at(yaxis, event.clientY - top - yaxis._offset)];
  if (place.some(Number.isNaN)) return;
  if (layout.meta.kind === "history") seek(stage, Math.round(place[0]));
  else tell(stage, place.slice(0, layout.meta.box?.length ?? 0));
}

function tell(stage, place) {
  stage.asked = undefined;
  const inside = stage.figure.layout.meta.box?.every(([low, high], i) => place[i] >= low && place[i] <= high);
  if (stage.options.pick && place.length && inside) stage.report("pick", place.map(Number));
}

// Stages of one group share camera, zoom and step.
function broadcast(stage, news) {
  const { link: group } = stage.options;
  if (group) window.dispatchEvent(new CustomEvent("landscapes-stage", { detail: { group, source: stage, ...news } }));
}

function broadcastView(stage) {
  cancelAnimationFrame(stage.telling);
  stage.telling = requestAnimationFrame(() => {
    const { scene, xaxis, yaxis, meta } = stage.plot.layout;
    if (scene) broadcast(stage, { kind: meta.kind, view: { "scene.camera": scene.camera } });
    else broadcast(stage, { kind: meta.kind, view: { "xaxis.range": xaxis.range, "yaxis.range": yaxis.range } });
  });
}

async function follow(stage, { group, source, kind, view, step }) {
  if (source === stage || group !== stage.options.link || !stage.figure) return;
  if (step !== undefined) showStep(stage, step);
  if (!view || kind !== stage.figure.layout.meta.kind || kind === "history") return;
  stage.moved = true;
  await place(stage, structuredClone(view));
}

// Moves the view without taking that for the viewer's doing.
async function place(stage, view) {
  stage.placing = (stage.placing ?? 0) + 1;
  try {
    await Plotly.relayout(stage.plot, view);
  } finally {
    stage.placing -= 1;
  }
}
