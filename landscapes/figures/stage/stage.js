// The stage draws a Plotly figure. It keeps the viewer's camera, zoom, hidden traces, step and weights when the data or
// the kind of figure changes. landscapes/figures describes the `meta` of traces and layouts that it reads. This file
// mounts the stage and draws; stage_click.js reports clicks, stage_frame.js writes the legend and the notes,
// stage_camera.js turns and zooms, stage_sketch.js draws until plotly.js has loaded and WebGL has drawn,
// stage_turning.js draws less while the scene turns, stage_titles.js places the titles of a scene and stage_labels.js
// labels its paths, stage_layout.js sets margins and font sizes, stage_look.js sets colors, stage_play.js plays paths,
// stage_redraw.js draws them again, stage_mix.js reweights terms, stage_step.js and stage_rule.js explain one step,
// stage_slice.js moves the slice of a volume, stage_laser.js points, stage_share.js makes the address and the QR code
// of what is shown.

const MEMORY = (globalThis.landscapesStages ??= new Map()); // by stage name; kept when the page changes
const PURGE_DELAY_MILLISECONDS = 1000; // Plotly's own timers have ended by then
const CONFIG = {
  displayModeBar: false, // it covers the picture and offers an upload; the stage has its own toolbar
  showSendToCloud: false,
  plotlyServerURL: "",
  scrollZoom: false, // the wheel scrolls the page; with Ctrl, stage_camera.js zooms
  doubleClick: false, // stage_click.js resets the view; Plotly cannot reset a scene
  showTips: false,
  plotGlPixelRatio: 2 * Math.min(1, devicePixelRatio), // Plotly's default of 2 exceeds the resolution of a zoomed-out page
};

export default function showStage({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".stage");
  const stage = (root.stage ??= mount(root));
  const [header, figure] = new TextDecoder().decode(data).split("\n");
  const call = { options: JSON.parse(header), figure, setStateValue, setTriggerValue };
  stage.earlier = stage.call;
  show(stage, call);
  // Streamlit ends the last call when the stage leaves the page. It also ends a call that newer data overtook, after it
  // has run, and even if it ran after the newer call: then the picture of that one comes back.
  return () => {
    if (!root.isConnected) stage.leave();
    else if (stage.call === call && stage.earlier) show(stage, stage.earlier);
  };
}

function show(stage, call) {
  stage.call = call;
  stage.report = (name, value) => (name === "pick" ? call.setTriggerValue : call.setStateValue)(name, value);
  stage.receive(call.options, call.figure);
}

function mount(root) {
  root.innerHTML = `
    <div class="stage-picture">
    <div class="stage-head">
      <ul class="stage-legend" aria-label="Legend" hidden></ul>
      <div class="stage-status" role="status"></div>
      <div class="stage-tools" role="group" aria-label="View of the picture">${TOOLBAR}${SHARE_BUTTON}</div>
    </div>
    <div class="stage-canvas">
      <div class="stage-plot" role="img" tabindex="0"></div>
      <div class="stage-titles" aria-hidden="true"></div>
      <div class="stage-scale" aria-hidden="true" hidden></div>
      <div class="stage-labels" aria-hidden="true"><svg></svg></div>
      <section class="stage-step" aria-label="What this step does" hidden></section>
    </div>
    <ul class="stage-notes" aria-label="Notes" hidden></ul>
    </div>
    <label class="stage-slice" hidden><span>slice</span><input type="range" min="0" max="0" step="1"><output></output></label>
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
    </div>
    ${SHARE_PANEL}`;
  root.tabIndex = -1;
  const $ = (selector) => root.querySelector(selector);
  const stage = { root, plot: $(".stage-plot"), status: $(".stage-status"), options: {}, id: null, hits: {} };
  const end = new AbortController();
  const listen = (target, type, f, options) => target.addEventListener(type, f, { signal: end.signal, ...options });

  stage.receive = (options, text) => {
    stage.memory = recall(options.name);
    stage.options = options;
    root.style.setProperty("--stage-height", options.height);
    if (options.fill) fillWindow(stage);
    root.classList.toggle("presenter", options.presenter);
    root.classList.toggle("picking", options.pick);
    stage.plot.setAttribute("aria-label", options.description);
    stage.status.textContent = options.status;
    $("[data-share]").hidden = !options.share;
    if (adoptView(stage)) stage.id = null;
    const ink = pageInk(root);
    const id = [options.id, ink, options.steps].join();
    if (id === stage.id) return;
    stage.id = id;
    stage.waiting = { text, ink };
    if (!stage.pressed) draw(stage); // a redraw would abort a drag
  };
  stage.leave = () => {
    end.abort();
    resized.disconnect();
    stage.texts?.disconnect();
    pause(stage);
    removeLaser(stage);
    removeCode(stage);
    storeView(stage);
    clearTimeout(stage.picking);
    clearTimeout(stage.resting);
    root.stage = undefined;
    if (stage.bound) purgeLater(stage);
  };

  const resized = new ResizeObserver(() => {
    cancelAnimationFrame(stage.resizing);
    stage.resizing = requestAnimationFrame(() => {
      if (stage.bound && stage.plot.offsetWidth) refit(stage);
    });
  });
  resized.observe(stage.plot);
  listen(window, "resize", () => stage.options.fill && fillWindow(stage));
  listenForView(stage, listen);
  listenForLegend(stage, listen);
  listenForPicks(stage, listen);
  listenForPlay(stage, listen, $);
  listenForMix(stage, $(".stage-mix"));
  listenForRule(stage, listen);
  listenForSlice(stage, listen, $);
  listenForLaser(stage, listen);
  listenForShare(stage, listen, $);
  listen(window, "landscapes-stage", ({ detail }) => follow(stage, detail));
  return stage;
}

// Purges the plot after Plotly's timers and the current drag, which fail on a purged plot ("_guiEditing" of undefined).
function purgeLater(stage) {
  const later = () => setTimeout(() => Plotly.purge(stage.plot), PURGE_DELAY_MILLISECONDS);
  if (stage.pressed) window.addEventListener("mouseup", later, { capture: true, once: true });
  else later();
}

function recall(name) {
  if (!MEMORY.has(name)) MEMORY.set(name, { views: {}, hidden: new Set(), speed: 1 });
  return MEMORY.get(name);
}

async function draw(stage) {
  if (stage.drawing) return; // the current drawing continues with the waiting figure
  stage.drawing = true;
  try {
    stage.root.classList.toggle("empty", !stage.figure);
    while (stage.waiting) {
      const { text, ink } = stage.waiting, before = landscapeOf(stage.plot.layout);
      stage.waiting = undefined;
      if (stage.figure) storeView(stage);
      stage.figure = JSON.parse(text);
      stage.ink = ink;
      tint(stage.figure, INKS, ink);
      applyPageStyle(stage);
      restoreView(stage);
      prepareMix(stage);
      prepareArrows(stage);
      preparePlay(stage);
      prepareSlice(stage);
      beginExplaining(stage);
      showLegend(stage);
      showNotes(stage);
      const { step } = stage;
      arrange(stage);
      if (before !== landscapeOf(stage.figure.layout) && !document.hidden) await sketch(stage);
      await loaded(stage.options.plotly);
      if (isDrawnBefore(stage)) await pauseBeforeDrawing(stage);
      if (stage.root.stage !== stage) return;
      if (stage.waiting) continue;
      await paint(stage);
      endSketch(stage);
      if (stage.root.stage !== stage) return;
      if (!stage.bound) bind(stage);
      stage.root.classList.remove("empty");
      stage.root.dataset.drawn = stage.memory.drawn = stage.options.id;
      if (stage.size !== sizeOf(stage)) await refit(stage); // its size has changed during the drawing
      if (stage.step !== step && stage.tracks.length) await redraw(stage, stage.tracks);
      playFirst(stage);
    }
  } catch (error) {
    if (stage.root.stage !== stage) return; // removed from the page during the drawing
    stage.id = null; // the next message draws again
    stage.status.textContent = error.message;
    console.error(error);
  } finally {
    stage.drawing = false;
  }
}

async function paint(stage) {
  await Plotly.react(stage.plot, stage.figure.data, stage.figure.layout, CONFIG);
  placeTitles(stage);
}

// Stores the viewer's camera or zoom by kind of figure.
function storeView(stage) {
  const { views } = stage.memory;
  const { layout } = stage.plot;
  const kind = layout?.meta?.kind;
  if (!kind) return;
  if (!stage.moved) delete views[kind];
  else if (layout.scene) views[kind] = { camera: layout.scene.camera };
  else views[kind] = { x: layout.xaxis.range, y: layout.yaxis.range, box: layout.meta.box };
}

// Applies the stored camera or zoom and the hidden traces to a new figure.
function restoreView(stage) {
  const { figure: { data, layout }, memory: { views, hidden } } = stage;
  const { kind, box } = layout.meta;
  takeSharedView(stage, layout);
  const view = views[kind];
  stage.home = layout.scene && structuredClone(layout.scene.camera);
  stage.ranges = ranges(layout);
  // A zoom is restored only if the figure has the same ranges.
  stage.moved = Boolean(view && (layout.scene || JSON.stringify(view.box) === JSON.stringify(box)));
  if (stage.moved && layout.scene) layout.scene.camera = view.camera;
  else if (stage.moved) {
    layout.xaxis.range = view.x;
    layout.yaxis.range = view.y;
  }
  for (const trace of data) if (hidden.has(group(trace)) && trace.visible !== false) trace.visible = "legendonly";
}

// The layout change that resets every axis to the figure's range.
function ranges(layout) {
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis\d*$/.test(name));
  const home = ([name, { range }]) => (range ? [`${name}.range`, [...range]] : [`${name}.autorange`, true]);
  return Object.fromEntries(axes.map(home));
}

function bind(stage) {
  stage.bound = true;
  const { plot } = stage;
  const moved = (change) => {
    placeTitles(stage);
    if (stage.placing) return;
    const names = Object.keys(change ?? {}).filter((name) => /scene\.camera|[xy]axis\.(range|autorange)/.test(name));
    if (!names.length) return;
    stage.moved = !names.some((name) => name.endsWith("autorange"));
    broadcastView(stage);
  };
  plot.on("plotly_relayout", moved);
  plot.on("plotly_relayouting", moved);
  plot.on("plotly_afterplot", () => reduceAgain(stage));
  plot.on("plotly_hover", ({ points }) => hit(stage, points[0]));
  plot.on("plotly_click", ({ points }) => hit(stage, points[0]));
  plot.on("plotly_unhover", () => (stage.over = undefined));
}

// Stages of one group share camera, zoom and step.
function broadcast(stage, update) {
  const { link: group } = stage.options;
  if (group) window.dispatchEvent(new CustomEvent("landscapes-stage", { detail: { group, source: stage, ...update } }));
}

function broadcastView(stage, home = false) {
  cancelAnimationFrame(stage.telling);
  stage.telling = requestAnimationFrame(() => {
    if (stage.root.stage !== stage) return;
    const { scene, xaxis, yaxis, meta } = stage.plot.layout;
    const view = scene ? { "scene.camera": scene.camera } : { "xaxis.range": xaxis.range, "yaxis.range": yaxis.range };
    broadcast(stage, { kind: meta.kind, view, home });
  });
}

async function follow(stage, { group, source, kind, view, home, step, turning, explain, slice }) {
  if (source === stage || group !== stage.options.link || !stage.bound) return;
  if (explain) explainPath(stage, explain);
  if (step !== undefined) showStep(stage, step);
  if (slice !== undefined) moveSlice(stage, slice, false);
  if (turning !== undefined) setTurning(stage, turning, false);
  if (!view || kind !== stage.figure.layout.meta.kind || kind === "history") return;
  stage.moved = !home;
  await place(stage, home ? homeView(stage) : structuredClone(view));
}

// Changes the view without recording it as the viewer's.
async function place(stage, view) {
  stage.placing = (stage.placing ?? 0) + 1;
  try {
    await Plotly.relayout(stage.plot, view);
    placeTitles(stage);
  } finally {
    stage.placing -= 1;
  }
}
