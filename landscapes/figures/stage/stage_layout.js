// Type and margins: sizes from what there is to write, so that nothing is cut and nothing lies over anything else.

const BAR = 12; // pixels of a color bar's thickness
const LINE = 1.25; // line height
const SLIM = 560; // pixels of width below which a color bar lies under its picture
const FILLED = 0.62; // share of the stage's smaller side that a surface fills, or its axes have short names
const PHONE = 430, FINE = 11; // below this width type is no larger than this
const HALL = 36; // in presenter mode the stage's height is this many times its type's
const RISES = [0, 0.1, 0.2, 0.3, 0.4]; // radians by which a scene is seen from higher up, where its surface does not fill the stage
const SYMBOLS = { x: "c₁", y: "c₂", z: "L" };

// The titles as words that can be broken anew; those of a scene are written over it by stage_camera.js.
function takeTitles(stage) {
  const { layout, data } = stage.figure, { labels = [], notes } = layout.meta ?? {}, { xaxis, yaxis, scene } = layout;
  const text = (owner) => plain(owner?.title?.text);
  stage.words = scene
    ? { x: text(scene.xaxis), y: text(scene.yaxis), z: text(scene.zaxis) }
    : { x: notes ? labels[0] : text(xaxis), y: text(yaxis), bar: text(data.find((trace) => trace.colorbar)?.colorbar) };
  for (const axis of [scene?.xaxis, scene?.yaxis, scene?.zaxis]) if (axis) axis.title = { text: "" };
  layout.annotations = layout.annotations?.filter(({ name }) => name !== "notes");
}

// Type as large as the figure's, larger in a hall and smaller on a phone.
function setType(stage) {
  const { figure: { layout, data }, options: { presenter }, plot, root } = stage;
  const given = layout.template?.layout?.font?.size ?? 13;
  let size = presenter ? Math.max(given - 4, Math.min(root.offsetHeight, root.offsetWidth) / HALL) : given;
  if (plot.offsetWidth < PHONE) size = Math.min(size, presenter ? given - 5 : FINE);
  const before = stage.type?.size ?? given;
  stage.type = { size, ticks: layout.scene ? Math.min(16, size - 1) : size - 1 };
  root.style.setProperty("--stage-type", `${size}px`);
  const ticks = { size: stage.type.ticks, color: `${stage.ink}0.8)` };
  for (const name of ["xaxis", "yaxis", "zaxis"]) {
    // gl3d draws type larger than the page does, the more so the larger it is.
    if (layout.scene) layout.scene[name] = { ...layout.scene[name], tickfont: ticks };
  }
  for (const label of layout.scene?.annotations ?? []) label.font = { ...label.font, size };
  if (layout.scene || (size === given && size === before)) return;
  layout.font = { ...layout.font, size };
  for (const name of Object.keys(layout)) {
    if (!/^[xy]axis\d*$/.test(name)) continue;
    layout[name] = { ...layout[name], tickfont: ticks, title: { ...layout[name].title, font: { size } } };
  }
  for (const trace of data) {
    const bar = trace.colorbar;
    if (bar) trace.colorbar = { ...bar, tickfont: ticks, title: { ...bar.title, font: { size } } };
  }
}

const sizeOf = ({ plot }) => `${plot.offsetWidth} ${plot.offsetHeight}`;

// Fits the picture to the stage. A camera that the viewer has taken stays.
function arrange(stage) {
  const { layout } = stage.figure;
  setType(stage);
  stage.size = sizeOf(stage);
  Object.assign(layout, { autosize: false, width: stage.plot.offsetWidth, height: stage.plot.offsetHeight });
  if (!layout.scene && stage.symbols) {
    stage.symbols = undefined;
    showNotes(stage);
  }
  if (layout.scene) {
    const camera = aim(stage);
    layout.margin = { l: 0, r: 0, t: 0, b: 0, autoexpand: false };
    if (!stage.moved) layout.scene.camera = camera;
    else if (stage.bound && stage.plot.layout.scene) layout.scene.camera = stage.plot.layout.scene.camera;
  } else if (layout.meta.kind === "contour" && !layout.meta.narrow) setMargins(stage);
  else if (layout.meta.kind === "line") breakTitles(stage);
}

// The camera of the picture's own view, with whole titles where there is room for them, or else with symbols that
// the notes explain. A surface that leaves its stage empty is seen from higher up, where it covers more of its box.
function aim(stage) {
  stage.titles = stage.words;
  let home, camera;
  for (const rise of isUpright(stage) ? [0] : RISES) {
    home = turned(stage.home, 0, rise);
    camera = fitted(stage, home);
    if (filled(stage, camera) >= FILLED) break;
  }
  const { size } = stage.type, long = Object.keys(SYMBOLS).filter((axis) => widthOf(stage.words[axis], size) > 4 * size);
  const symbols = long.length > 0 && filled(stage, camera) < FILLED;
  if (symbols) {
    for (const axis of long) stage.titles = { ...stage.titles, [axis]: SYMBOLS[axis] };
    camera = fitted(stage, home);
  }
  if (symbols !== Boolean(stage.symbols)) {
    stage.symbols = symbols ? Object.fromEntries(long.map((axis) => [SYMBOLS[axis], stage.words[axis]])) : undefined;
    showNotes(stage);
    camera = fitted(stage, home);
  }
  return camera;
}

const isUpright = ({ root }) => root.offsetWidth < root.offsetHeight;

// How much of the stage's smaller side the drawn surface fills.
function filled(stage, camera) {
  const { root, plot, figure } = stage, project = projection(camera, plot.offsetWidth, plot.offsetHeight);
  const points = surfacePoints(figure, halves(figure.layout.scene), figure.layout.scene);
  if (!points.length) return 1;
  const box = around(points.map(project));
  return isUpright(stage) ? (box.right - box.left) / root.offsetWidth : (box.bottom - box.top) / root.offsetHeight;
}

const homeView = (stage) =>
  stage.figure.layout.scene ? { "scene.camera": aim(stage) } : structuredClone(stage.ranges);

// After a change of size: type, margins, and the camera as long as the viewer has not taken it.
async function refit(stage) {
  const { layout } = stage.figure, drawn = stage.plot.layout;
  for (const name of ["xaxis", "yaxis"]) if (stage.moved && layout[name]) layout[name].range = drawn[name].range;
  arrange(stage);
  await paint(stage);
}

// The widest of an axis' tick labels: those given, or numbers as round as Plotly makes them.
function tickWidth({ ticktext, range }, size) {
  if (ticktext) return Math.max(...ticktext.map((text) => widthOf(plain(text), size)));
  const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(range[1] - range[0]) / 2 || 1)));
  const label = (end) => `${end < 0 ? "−" : ""}${Math.abs(end).toFixed(Math.min(4, digits - (digits > 0)))}`;
  return Math.max(...range.map((end) => widthOf(label(end), size)));
}

// A contour with its color bar: to the right of it, or below where that leaves more of a narrow stage.
function setMargins(stage) {
  const { figure: { layout, data }, type: { size, ticks }, words } = stage;
  const { offsetWidth: width, offsetHeight: height } = stage.plot;
  const trace = data.find((each) => each.colorbar), bar = trace?.colorbar;
  const [[left, right], [low, high]] = layout.meta.box;
  const ratio = layout.yaxis.scaleanchor ? (right - left) / (high - low) : 0;
  const below = bar && width < Math.min(SLIM, height);
  const besides = bar && { ticktext: bar.ticktext, range: [trace.zmin, trace.zmax] };
  const sides = { y: tickWidth({ range: [low, high] }, ticks), bar: bar && tickWidth(besides, ticks) };
  const lines = { x: [""], y: [""], bar: [""] };
  const tall = (name) => LINE * size * lines[name].length;
  let area, margin;
  for (let round = 0; round < 3; round++) {
    margin = {
      l: EDGE + tall("y") + 10 + sides.y,
      r: EDGE + (bar && !below ? 14 + BAR + sides.bar + 10 + tall("bar") : ticks),
      t: EDGE + ticks / 2,
      b: EDGE + 1.7 * ticks + 6 + tall("x") + (below ? 14 + BAR + 1.7 * ticks + tall("bar") : 0),
    };
    area = [width - margin.l - margin.r, height - margin.t - margin.b];
    if (ratio) area = area[0] > ratio * area[1] ? [ratio * area[1], area[1]] : [area[0], area[0] / ratio];
    lines.x = wrapped(words.x, area[0], size);
    lines.y = wrapped(words.y, area[1], size);
    if (bar) lines.bar = wrapped(words.bar, below ? area[0] : area[1], size);
  }
  // In the middle, and right below the legend.
  const across = (width - margin.l - margin.r - area[0]) / 2, down = height - margin.t - margin.b - area[1];
  const { l, r, t, b } = margin;
  layout.margin = { l: l + across, r: r + across, t, b: b + down, autoexpand: false };
  for (const name of ["x", "y"]) {
    const axis = layout[`${name}axis`], title = { ...axis.title, text: lines[name].join("<br>"), standoff: 6 };
    layout[`${name}axis`] = { ...axis, automargin: false, title };
  }
  if (!bar) return;
  const title = { ...bar.title, text: lines.bar.join("<br>"), side: below ? "bottom" : "right" };
  const drawn = { ...bar, title, thickness: BAR, lenmode: "fraction", len: 1, xpad: 0, ypad: 0 };
  if (below) {
    const y = -(1.7 * ticks + 6 + tall("x") + 14) / area[1];
    Object.assign(drawn, { orientation: "h", x: 0.5, xanchor: "center", xref: "paper", y, yanchor: "top", yref: "paper" });
  } else Object.assign(drawn, { orientation: "v", x: 1 + 14 / area[0], xanchor: "left", y: 0.5, yanchor: "middle" });
  // Plotly leaves ticks and title of the other orientation behind.
  const shown = stage.plot._fullData?.find((each) => each.colorbar)?.colorbar.orientation;
  const stale = shown && shown !== drawn.orientation ? stage.plot.querySelectorAll(".infolayer .colorbar") : [];
  for (const node of stale) node.remove();
  trace.colorbar = drawn;
}

// A line's titles on as many lines as they need.
function breakTitles({ figure: { layout }, plot: { offsetWidth: width, offsetHeight: height }, type: { size }, words }) {
  layout.margin = { ...layout.margin, l: EDGE, r: EDGE + 2 * size, t: EDGE + size / 2, b: EDGE };
  for (const [name, room] of [["x", width - 8 * size], ["y", height - 6 * size]]) {
    const axis = layout[`${name}axis`];
    axis.title = { ...axis.title, text: wrapped(words[name], room, size).join("<br>"), standoff: 0.7 * size };
  }
}
