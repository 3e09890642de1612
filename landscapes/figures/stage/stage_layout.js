// Font sizes and margins, computed from the texts so that nothing is cut off or overlaps.

const COLOR_BAR_PIXELS = 12; // thickness
const LINE_HEIGHT = 1.25; // in font sizes
const MIN_WIDTH_FOR_SIDE_BAR = 560; // pixels; in a narrower stage the color bar is below the picture
const MIN_FILLED_SHARE = 0.62; // of the stage's smaller side; if the surface fills less, long axis titles become symbols
const PHONE_WIDTH = 430, PHONE_FONT_SIZE = 11; // pixels; in a narrower stage the font is at most this large
const PRESENTER_LINES = 45; // in presenter mode the window's height is this many font sizes: 24 px at 1080
const PRESENTER_COLUMNS = 34; // and the width of a picture beside another at least so many
const ELEVATIONS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]; // radians by which the camera is raised until the surface fills the stage
const MAX_TITLE_LINES = 2; // of a contour plot
const TICK_COUNTS = { axis: [5, 6, 7, 8, 9, 10], bar: [4, 5, 6, 7] }; // into which Plotly may divide them
const MIN_CONTOUR_SHARE = 0.61; // of the stage's smaller side; a contour plot that fills less grows or is stretched
const GROWTHS = [0, 20, 40, 60, 80, 100, 120, 140]; // pixels by which a picture on a page that scrolls is made taller
const STRETCHES = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]; // of the shorter axis of a contour plot; the notes say so
const MIN_FILLING_HEIGHT = 300, PAGE_MARGIN = 8; // pixels, of a picture that fills the window and below the page
const SYMBOLS = { x: "c₁", y: "c₂", z: "L" };
const symbolsOf = ({ figure: { layout } }) => (layout.meta.kind === "volume" ? { ...SYMBOLS, z: "c₃" } : SYMBOLS);

// Takes the titles out of the layout as plain texts; stage_camera.js writes those of a scene.
function takeTitles(stage) {
  const { layout, data } = stage.figure, { labels = [], notes } = layout.meta ?? {}, { xaxis, yaxis, scene } = layout;
  const text = (owner) => plain(owner?.title?.text);
  stage.words = scene
    ? { x: text(scene.xaxis), y: text(scene.yaxis), z: text(scene.zaxis) }
    : { x: notes ? labels[0] : text(xaxis), y: text(yaxis), bar: text(data.find((trace) => trace.colorbar)?.colorbar) };
  takeLabels(stage);
  for (const axis of [scene?.xaxis, scene?.yaxis, scene?.zaxis]) if (axis) axis.title = { text: "" };
  layout.annotations = layout.annotations?.filter(({ name }) => name !== "notes");
  keepPanels(stage);
}

// Sets the font size: the figure's, a larger one in presenter mode, or a smaller one on a phone.
function setType(stage) {
  const { figure: { layout, data }, options: { presenter }, plot, root } = stage;
  const given = layout.template?.layout?.font?.size ?? 13;
  let size = presenter ? Math.max(given - 7, Math.min(innerHeight / PRESENTER_LINES, root.offsetWidth / PRESENTER_COLUMNS)) : given;
  if (plot.offsetWidth < PHONE_WIDTH) size = Math.min(size, presenter ? given - 7 : PHONE_FONT_SIZE);
  const before = stage.type?.size ?? given;
  stage.type = { size, ticks: layout.scene ? Math.min(16, size - 1) : size - 1 };
  root.style.setProperty("--stage-type", `${size}px`);
  const ticks = { size: stage.type.ticks, color: `${stage.ink}0.8)` };
  for (const name of ["xaxis", "yaxis", "zaxis"]) {
    // gl3d draws text larger than the page does, and large text more so.
    if (layout.scene) layout.scene[name] = { ...layout.scene[name], tickfont: ticks };
  }
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

// Fits the figure to the stage. A camera set by the viewer stays.
function arrange(stage) {
  const { layout } = stage.figure;
  setType(stage);
  stage.root.style.removeProperty("--canvas-height");
  clearNotes(stage);
  stage.size = sizeOf(stage);
  Object.assign(layout, { autosize: false, width: stage.plot.offsetWidth, height: stage.plot.offsetHeight });
  if (layout.scene) {
    const camera = aim(stage);
    stage.size = sizeOf(stage);
    layout.height = stage.plot.offsetHeight;
    layout.margin = { l: 0, r: 0, t: 0, b: 0, autoexpand: false };
    if (!stage.moved) layout.scene.camera = camera;
    else if (stage.bound && stage.plot.layout.scene) layout.scene.camera = stage.plot.layout.scene.camera;
  } else if (layout.meta.kind === "contour" && !layout.meta.narrow) fitContour(stage);
  else if (layout.meta.kind === "line") breakTitles(stage);
  else if (layout.meta.kind !== "contour") fitPanels(stage);
}

// Removes what the arrangement added to the notes. The next one starts without, or each would undo the one before.
function clearNotes(stage) {
  if (!stage.symbols && !stage.stretched) return;
  stage.symbols = stage.stretched = undefined;
  showNotes(stage);
}

// The figure's default camera, raised until the surface fills the stage. If it still does not, long axis titles are
// replaced by symbols that the notes explain.
function aim(stage) {
  clearNotes(stage);
  stage.titles = stage.words;
  let home, camera;
  for (const rise of isUpright(stage) ? [0] : ELEVATIONS) {
    home = turned(stage.home, 0, rise);
    camera = fitted(stage, home);
    if (filled(stage, camera) >= MIN_FILLED_SHARE) break;
  }
  const { size } = stage.type, names = symbolsOf(stage), long = Object.keys(names).filter((axis) => widthOf(stage.words[axis], size) > 4 * size);
  if (!long.length || filled(stage, camera) >= MIN_FILLED_SHARE) return camera;
  stage.titles = { ...stage.words, ...Object.fromEntries(long.map((axis) => [axis, names[axis]])) };
  stage.symbols = Object.fromEntries(long.map((axis) => [names[axis], stage.words[axis]]));
  showNotes(stage);
  return fitted(stage, home);
}

const isUpright = ({ root }) => root.offsetWidth < root.offsetHeight;

// Share of the stage's smaller side that the surface fills.
function filled(stage, camera) {
  const { root, plot, figure } = stage, project = projection(camera, plot.offsetWidth, plot.offsetHeight);
  const points = surfacePoints(figure, halves(figure.layout.scene), figure.layout.scene);
  if (!points.length) return 1;
  const box = around(points.map(project));
  return isUpright(stage) ? (box.right - box.left) / root.offsetWidth : (box.bottom - box.top) / root.offsetHeight;
}

const homeView = (stage) =>
  stage.figure.layout.scene ? { "scene.camera": aim(stage) } : structuredClone(stage.ranges);

// After a change of size: sets fonts, margins and, unless the viewer has set it, the camera.
async function refit(stage) {
  const { layout } = stage.figure, drawn = stage.plot.layout;
  for (const name of ["xaxis", "yaxis"]) if (stage.moved && layout[name]) layout[name].range = drawn[name].range;
  arrange(stage);
  await paint(stage);
}

// Gives the picture the part of the window that the texts of the page leave, whatever their lines. Called again whenever
// a part of the page changes its height.
function fillWindow(stage) {
  const { root } = stage, page = root.closest('[data-testid="stMainBlockContainer"]');
  const parts = [...(page?.querySelector('[data-testid="stVerticalBlock"]')?.children ?? [])];
  stage.texts ??= new ResizeObserver(() => stage.options.fill && fillWindow(stage));
  for (const part of parts) stage.texts.observe(part);
  const bottom = Math.max(...parts.map((part) => part.getBoundingClientRect().bottom));
  const content = bottom - page?.getBoundingClientRect().top;
  // Pictures side by side have the same height.
  const picture = Math.max(...[...page?.querySelectorAll(".stage-picture") ?? []].map((each) => each.offsetHeight));
  // On a phone held upright the page scrolls.
  const least = innerWidth < innerHeight ? Math.min(0.7 * innerHeight, 1.35 * root.offsetWidth) : MIN_FILLING_HEIGHT;
  const height = `${Math.floor(Math.max(least, innerHeight - PAGE_MARGIN - (content - picture)))}px`;
  if (Number.isFinite(content) && root.style.getPropertyValue("--stage-height") !== height) {
    root.style.setProperty("--stage-height", height);
  }
}

// Width of an axis' widest tick label: of its texts, or of numbers with as many decimals as a step of Plotly's can have.
function tickWidth({ ticktext, range }, size, counts = TICK_COUNTS.axis) {
  if (ticktext) return Math.max(...ticktext.map((text) => widthOf(plain(text), size)));
  const decimals = counts.map((count) => {
    const rough = Math.abs(range[1] - range[0]) / count || 1, power = Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].find((each) => each * 10 ** power > 0.999 * rough);
    return (step === 2.5) - (step === 10) - power;
  });
  const digits = Math.max(0, Math.min(4, Math.max(...decimals)));
  return Math.max(...range.map((end) => widthOf(`${end < 0 ? "−" : ""}${Math.abs(end).toFixed(digits)}`, size)));
}

// Fits a contour plot. Titles of many lines would leave little room for it: symbols take their place, which the notes
// explain, as in a scene.
function fitContour(stage) {
  let words = stage.words, fit = bestFit(stage, words);
  const symbols = { x: SYMBOLS.x, y: SYMBOLS.y, bar: SYMBOLS.z };
  const long = Object.keys(symbols).filter((name) => fit.lines[name].length > MAX_TITLE_LINES);
  if (long.length) {
    stage.symbols = Object.fromEntries(long.map((name) => [symbols[name], stage.words[name]]));
    words = { ...words, ...Object.fromEntries(long.map((name) => [name, symbols[name]])) };
    showNotes(stage);
    fit = bestFit(stage, words);
  }
  if (fit.stretch > 1) {
    stage.stretched = `${fit.isWide ? "vertical" : "horizontal"} axis stretched ${fit.stretch} times`;
    showNotes(stage);
    fit = bestFit(stage, words);
  }
  if (fit.growth) stage.root.style.setProperty("--canvas-height", `${fit.height}px`);
  stage.size = sizeOf(stage);
  stage.figure.layout.height = stage.plot.offsetHeight;
  setMargins(stage, fit);
}

// The arrangement of a contour plot that fills the stage: as it is, or on a page that scrolls taller, or with its shorter
// axis stretched. If none does, the one that fills the most.
function bestFit(stage, words) {
  const { root, plot, options: { presenter }, figure: { layout } } = stage, canvas = plot.parentElement;
  const [width, height] = [root.offsetWidth - canvas.offsetWidth + plot.offsetWidth, root.offsetHeight - canvas.offsetHeight + plot.offsetHeight];
  const growths = GROWTHS.filter((growth) => !growth || (!presenter && root.offsetHeight + growth <= innerHeight));
  let best;
  for (const stretch of layout.yaxis.scaleanchor ? STRETCHES : [1]) {
    for (const growth of growths) {
      const fit = arrangement(stage, words, plot.offsetHeight + growth, stretch);
      if (growth && fit.isBroad) break; // a taller picture would not be larger
      const [across, down] = fit.area, share = width < height + growth ? across / width : down / (height + growth);
      if (share > (best?.share ?? 0) + 0.01) best = { ...fit, share, growth, height: canvas.offsetHeight + growth };
      if (share >= MIN_CONTOUR_SHARE) return best;
    }
  }
  return best;
}

// The margins of a contour plot of some height, the lines of its titles, and its color bar on the right or below, where
// it leaves more to the picture.
function arrangement(stage, words, height, stretch) {
  const { figure: { layout, data }, type: { size, ticks }, plot: { offsetWidth: width } } = stage;
  const trace = data.find((each) => each.colorbar), bar = trace?.colorbar;
  const [[left, right], [low, high]] = layout.meta.box;
  const isWide = right - left > high - low;
  const ratio = layout.yaxis.scaleanchor ? ((right - left) / (high - low)) * (isWide ? 1 / stretch : stretch) : 0;
  const besides = bar && { ticktext: bar.ticktext, range: [trace.zmin, trace.zmax] };
  const sides = { y: tickWidth({ range: [low, high] }, ticks), bar: bar && tickWidth(besides, ticks, TICK_COUNTS.bar) };
  const apart = Math.ceil(0.6 * ticks); // the first labels of both axes meet in the corner
  const room = (below) => {
    const lines = { x: [""], y: [""], bar: [""] }, tall = (name) => LINE_HEIGHT * size * lines[name].length;
    let area, margin, isBroad;
    for (let round = 0; round < 3; round++) {
      margin = {
        l: EDGE + tall("y") + 10 + sides.y,
        r: EDGE + (bar && !below ? 14 + COLOR_BAR_PIXELS + sides.bar + 10 + tall("bar") : ticks),
        t: EDGE + ticks / 2,
        b: EDGE + 1.7 * ticks + apart + 6 + tall("x") + (below ? 14 + COLOR_BAR_PIXELS + 1.7 * ticks + tall("bar") : 0),
      };
      area = [width - margin.l - margin.r, height - margin.t - margin.b];
      isBroad = Boolean(ratio) && area[0] <= ratio * area[1];
      if (ratio) area = isBroad ? [area[0], area[0] / ratio] : [ratio * area[1], area[1]];
      // A title below the picture may be wider than it.
      const across = width - Math.abs(margin.l - margin.r) - 2 * EDGE;
      lines.x = wrapped(words.x, across, size);
      lines.y = wrapped(words.y, area[1], size);
      if (bar) lines.bar = wrapped(words.bar, below ? across : area[1], size);
    }
    return { lines, margin, area, tall, below, apart, stretch, isWide, isBroad };
  };
  const [beside, under] = [room(false), room(true)], filled = ({ area }) => Math.min(...area);
  return bar && (ratio ? filled(under) > filled(beside) : width < Math.min(MIN_WIDTH_FOR_SIDE_BAR, height)) ? under : beside;
}

// Sets the margins of a contour plot and places its color bar.
function setMargins(stage, { lines, margin, area, tall, below, apart, stretch, isWide }) {
  const { figure: { layout, data }, plot: { offsetWidth: width, offsetHeight: height }, type: { ticks } } = stage;
  const trace = data.find((each) => each.colorbar), bar = trace?.colorbar;
  // Horizontally centered, directly below the legend.
  const across = (width - margin.l - margin.r - area[0]) / 2, down = height - margin.t - margin.b - area[1];
  const { l, r, t, b } = margin;
  layout.margin = { l: l + across, r: r + across, t, b: b + down, autoexpand: false };
  for (const name of ["x", "y"]) {
    const axis = layout[`${name}axis`], title = { ...axis.title, text: lines[name].join("<br>"), standoff: 6 };
    layout[`${name}axis`] = { ...axis, automargin: false, title, ticklabelstandoff: name === "x" ? apart : 0 };
  }
  if (layout.yaxis.scaleanchor) layout.yaxis.scaleratio = isWide ? stretch : 1 / stretch;
  if (!bar) return;
  const title = { ...bar.title, text: lines.bar.join("<br>"), side: below ? "bottom" : "right" };
  const drawn = { ...bar, title, thickness: COLOR_BAR_PIXELS, lenmode: "fraction", len: 1, xpad: 0, ypad: 0 };
  if (below) {
    const y = -(1.7 * ticks + apart + 6 + tall("x") + 14) / area[1];
    Object.assign(drawn, { orientation: "h", x: 0.5, xanchor: "center", xref: "paper", y, yanchor: "top", yref: "paper" });
  } else Object.assign(drawn, { orientation: "v", x: 1 + 14 / area[0], xanchor: "left", y: 0.5, yanchor: "middle" });
  // Plotly does not remove the ticks and the title of the previous orientation.
  const shown = stage.plot._fullData?.find((each) => each.colorbar)?.colorbar.orientation;
  const stale = shown && shown !== drawn.orientation ? stage.plot.querySelectorAll(".infolayer .colorbar") : [];
  for (const node of stale) node.remove();
  trace.colorbar = drawn;
}

// Breaks the titles of a line plot into as many lines as they need.
function breakTitles({ figure: { layout }, plot: { offsetWidth: width, offsetHeight: height }, type: { size }, words }) {
  layout.margin = { ...layout.margin, l: EDGE, r: EDGE + 2 * size, t: EDGE + size / 2, b: EDGE };
  for (const [name, room] of [["x", width - 8 * size], ["y", height - 6 * size]]) {
    const axis = layout[`${name}axis`];
    axis.title = { ...axis.title, text: wrapped(words[name], room, size).join("<br>"), standoff: 0.7 * size };
  }
}
