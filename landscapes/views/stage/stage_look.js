// How a figure looks on the page: the page's own colors and type, a fit to its column, and pictures to take home.

const INKS = ["rgba(49,51,63,", "rgba(250,250,250,"]; // the figures' ink on light and on dark pages
const NARROW = 1.4; // width over height below which a scene's default view would not fit
const PHONE = 480; // pixels of width below which the titles along a scene's edges would reach out of it,
const FINE = 10; // unless they are as small as this
const SMALL = 640; // pixels of width below which type, which does not shrink with a scene, needs more of it

const pageInk = (root) => `rgba(${rgb(root, "--st-text-color").join(",")},`;

function rgb(root, name) {
  const probe = root.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const numbers = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return numbers;
}

function wash(root, percent) {
  const page = rgb(root, "--st-background-color");
  const mixed = rgb(root, "--st-text-color").map((t, i) => Math.round((percent * t + (100 - percent) * page[i]) / 100));
  return `rgb(${mixed.join(",")})`;
}

function tint(node, from, to) {
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === "string") {
      const ink = from.find((prefix) => value.startsWith(prefix));
      if (ink) node[key] = to + value.slice(ink.length);
    } else if (value && typeof value === "object" && !ArrayBuffer.isView(value) && !value.bdata && key !== "meta") {
      tint(value, from, to);
    }
  }
}

function dress(stage, figure) {
  const { layout } = figure;
  const style = getComputedStyle(stage.root);
  const color = (name) => style.getPropertyValue(name).trim();
  layout.autosize = true;
  if (isWide(layout)) center(stage, figure);
  layout.uirevision = "stage";
  layout.font = { ...layout.font, family: style.fontFamily };
  for (const axis of Object.values(layout.scene ?? {})) {
    // Opaque: gl3d does not blend the lines of a scene.
    if (axis?.title?.text && stage.plot.offsetWidth < PHONE) axis.title.font = { size: FINE };
    if (axis?.range) Object.assign(axis, { gridcolor: wash(stage.root, 14), zerolinecolor: wash(stage.root, 30) });
  }
  layout.hoverlabel = {
    bgcolor: color("--st-secondary-background-color"), bordercolor: color("--st-border-color"),
    font: { color: color("--st-text-color"), family: style.fontFamily }, align: "left",
  };
  layout.modebar = {
    bgcolor: "rgba(0,0,0,0)", color: `${stage.ink}0.45)`, activecolor: `${stage.ink}0.9)`, orientation: "v",
  };
}

// Isometric, and in a column so wide that its color bar would stand far off; a figure made for a narrow one says so.
const isWide = (layout) => Boolean(layout.yaxis?.scaleanchor) && !layout.meta.narrow;

// In a narrow column a scene is seen from farther away, so that its sides stay in the picture.
function fitted(stage) {
  const camera = structuredClone(stage.home);
  const { offsetWidth: width, offsetHeight: height } = stage.plot;
  const back = Math.max(1, NARROW * height / width) ** 0.8 * Math.max(1, SMALL / width) ** 0.5;
  for (const axis of "xyz") camera.eye[axis] *= stage.options.presenter ? 1.12 * back : back;
  return camera;
}

// After a change of size: margins, and the camera as long as the viewer has not taken it.
async function refit(stage) {
  const { layout } = stage.figure;
  if (isWide(layout)) {
    center(stage, stage.figure);
    await paint(stage);
  }
  await Plotly.Plots.resize(stage.plot);
  if (layout.scene && !stage.moved) await place(stage, { "scene.camera": fitted(stage) });
}

// An isometric picture in a wide column: its slack goes to both sides, or above and below, so that the color bar
// and the legend stay beside it.
function center(stage, { layout, data }) {
  const { offsetWidth: width, offsetHeight: height } = stage.plot;
  const point = layout.template?.layout?.font?.size ?? 13;
  const [[left, right], [bottom, top]] = layout.meta.box;
  const ideal = ((height - 8 * point) * (right - left)) / (top - bottom);
  const slack = Math.max(0, (width - 15 * point - ideal) / 2);
  const tall = Math.min(height - 8 * point, ((width - 15 * point) * (top - bottom)) / (right - left));
  const rest = height - 8 * point - tall;
  layout.margin = {
    ...layout.margin,
    l: 8 + slack + 5 * point,
    r: 8 + slack + 10 * point,
    t: rest > 0 ? rest / 2 + 3 * point : 8,
    b: rest > 0 ? rest / 2 + 5 * point : 8,
  };
  const { colorbar } = data.find((trace) => trace.colorbar) ?? {};
  if (colorbar) Object.assign(colorbar, { lenmode: "pixels", len: tall + 20 });
  // The ten pixels that a color bar keeps above itself.
  const high = { y: 1 + 10 / (height - 8 * point), yanchor: "top" };
  if (colorbar && layout.yaxis.constraintoward === "top") Object.assign(colorbar, high);
  const wide = (tall * (right - left)) / (top - bottom);
  for (const [{ title }, room] of [[layout.xaxis, wide], [layout.yaxis, tall], [colorbar ?? {}, tall]]) {
    if (title?.text?.length * point * 0.5 > room) title.text = folded(title.text);
  }
}

const WHITE_PAPER = { gridcolor: "#e2e2e4", zerolinecolor: "#c1c1c5" };

// Pictures leave the page on white paper, whatever the page looks like.
function save(stage, format) {
  const layout = structuredClone({ ...stage.plot.layout, meta: undefined });
  const data = stage.plot.data.map((trace) => ({ ...trace, line: trace.line && { ...trace.line } }));
  tint(layout, [stage.ink], INKS[0]);
  tint(data, [stage.ink], INKS[0]);
  for (const axis of Object.values(layout.scene ?? {})) if (axis?.range) Object.assign(axis, WHITE_PAPER);
  const { offsetWidth: width, offsetHeight: height } = stage.plot;
  Object.assign(layout, { paper_bgcolor: "white", width, height });
  return Plotly.downloadImage({ data, layout }, { format, width, height, scale: 3, filename: stage.options.filename });
}
