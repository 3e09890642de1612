// What scripts draw with, as a log: a brush for canvases and plotly.js without a screen. Pixels are computed where the
// scripts read or write them one by one, and numbers in the log have as many digits as a screen shows.

const { Node, clock } = require("./page.js");

const log = [];
const DIGITS = 5;
const digits = (value) => String(Number(Number(value).toPrecision(DIGITS))).replace(/^-0$/, "0");
const isNumbers = (value) => ArrayBuffer.isView(value) || (Array.isArray(value) && value.length && value.every((each) => each === null || typeof each === "number"));

// A value in one line. Of many numbers: how many, the ends, the smallest and largest with their places, and the mean.
function text(value, depth = 0) {
  if (typeof value === "number") return Math.abs(value) < 1e-9 ? "0" : digits(value);
  if (typeof value === "string") return /^-?\d*\.\d{6,}$/.test(value) ? digits(value) : value.replace(/-?\d+\.\d{3,}(?=px|rad|%|\)|,|L| |$)/g, digits);
  if (isNumbers(value)) return numbers(Array.from(value, (each) => (each === null ? NaN : each)));
  if (Array.isArray(value)) {
    if (value.length > 6 && value.every(isNumbers)) return `${value.length} rows ${numbers(value.flatMap((row) => Array.from(row)))}`;
    return `[${value.map((each) => text(each, depth + 1)).join(", ")}]`;
  }
  if (value instanceof Node) return value.pixels ? pixelsOf(value.pixels.data) : value.tagName.toLowerCase();
  if (value instanceof globalThis.Path2D) return value.shape;
  if (value?.bdata) return `packed ${value.dtype} ${value.shape ?? ""}`;
  if (value && typeof value === "object") {
    const parts = Object.entries(value).filter(([name, each]) => !["template", "meta", "uid", "_module"].includes(name) && typeof each !== "function" && each !== undefined);
    return `{${parts.map(([name, each]) => `${name}: ${text(each, depth + 1)}`).join(", ")}}`;
  }
  return String(value);
}

function numbers(values) {
  if (values.length <= 6) return `(${values.map((each) => text(each)).join(" ")})`;
  const finite = values.filter(Number.isFinite), low = Math.min(...finite), high = Math.max(...finite);
  const at = (value) => `${text(value)}@${values.indexOf(value)}`, mean = finite.reduce((sum, each) => sum + each, 0) / finite.length;
  return `(${values.length}: ${text(values[0])}…${text(values.at(-1))} ${at(low)} ${at(high)} mean ${text(mean)}${finite.length < values.length ? `, ${values.length - finite.length} not finite` : ""})`;
}

// Sums that change with any pixel and with its place.
function pixelsOf(data) {
  const sums = [0, 0, 0, 0], places = [0, 0, 0, 0];
  data.forEach((value, i) => (sums[i % 4] += value, (places[i % 4] += value * ((i >> 2) % 997))));
  return `pixels ${sums.join("/")} at ${places.map((each) => Math.round(each / 1000)).join("/")}`;
}

const channels = (color) => {
  const hex = /^#(..)(..)(..)$/.exec(color);
  if (hex) return [...hex.slice(1).map((each) => parseInt(each, 16)), 255];
  const found = (String(color).match(/[\d.]+/g) ?? []).map(Number);
  return String(color).startsWith("rgb") ? [...found.slice(0, 3), 255 * (found[3] ?? 1)] : [128, 128, 128, 255];
};

class Gradient {
  stops = [];
  addColorStop(share, color) { this.stops.push([share, color]); }
  at(share) {
    const next = Math.max(1, this.stops.findIndex(([end]) => end >= share)), [[a, from], [b, to]] = [this.stops[next - 1], this.stops[next]];
    const [one, other] = [from, to].map(channels), part = Math.max(0, Math.min(1, (share - a) / (b - a || 1)));
    return one.map((value, i) => value + part * (other[i] - value));
  }
}

const PAINTS = ["fill", "stroke", "fillRect", "fillText", "strokeRect", "drawImage", "putImageData", "clip", "restore"];

// A canvas' brush. A line of the log ends where something is painted.
globalThis.brushOf = (canvas) => {
  const made = {
    measureText: (words) => ({ width: 0.5 * parseFloat(made.font?.match(/[\d.]+(?=px)/)?.[0] ?? 10) * String(words).length }),
    createLinearGradient: (...ends) => Object.assign(new Gradient(), { ends }),
    createImageData: (width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) }),
    getImageData: (x, y, width, height) => ({ data: canvas.pixels.data.slice(0, 4 * width * height) }),
  };
  let line = [];
  return new Proxy(made, {
    get(_, name) {
      if (name in made) return made[name];
      return (...values) => {
        if (name === "putImageData") line.push(`putImageData ${pixelsOf(values[0].data)}`);
        else line.push(`${name}${values.length ? ` ${values.map((each) => text(each)).join(" ")}` : ""}`);
        if (name === "putImageData") canvas.pixels = values[0];
        if (name === "fillRect" && canvas.height === 1) paint(canvas, made.fillStyle);
        else if (name === "fillRect" && values[2] === 1 && values[3] === 1) canvas.pixels = { data: Uint8ClampedArray.from(channels(made.fillStyle)) };
        if (!PAINTS.includes(name)) return;
        if (!canvas.isSilent) log.push(`  ${line.join("; ")}`);
        line = [];
      };
    },
    set(_, name, value) {
      if (text(made[name]) !== text(value)) line.push(`${name} ${text(value)}`);
      made[name] = value;
      return true;
    },
  });
};

function paint(canvas, style) {
  canvas.pixels = { data: new Uint8ClampedArray(4 * canvas.width) };
  for (let i = 0; i < canvas.width; i++) canvas.pixels.data.set(style instanceof Gradient ? style.at((i + 0.5) / canvas.width) : channels(style), 4 * i);
}

const axisOf = (axis, offset, length, sign) => {
  const made = { ...axis, range: axis.range ?? [0, 1], autorange: !axis.range, _offset: offset, _length: length };
  const l2p = (value) => { const [low, high] = made.range, share = (value - low) / (high - low); return length * (sign > 0 ? share : 1 - share); };
  const p2l = (pixel) => { const [low, high] = made.range, share = pixel / length; return low + (sign > 0 ? share : 1 - share) * (high - low); };
  return Object.assign(made, { l2p, p2l, p2d: p2l, r2l: Number, l2r: (value) => value });
};

const scatter = {
  calc: (plot, trace) => Array.from(trace.x, (x, i) => ({ x, y: trace.y[i] })),
  plot: (plot, axes, all) => log.push(`  draw lines ${all.map((points) => `${points[0].trace.name ?? ""} ${text(points.map(({ x }) => x ?? NaN))} ${text(points.map(({ y }) => y ?? NaN))}`).join("; ")}`),
};

// Plotly's typed arrays.
const KINDS = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array, u2: Uint16Array };
function unpacked(value) {
  if (!value?.bdata) return value;
  const flat = new KINDS[value.dtype](Uint8Array.from(Buffer.from(value.bdata, "base64")).buffer), [rows, columns] = String(value.shape ?? flat.length).split(",").map(Number);
  return columns ? Array.from({ length: rows }, (_, i) => flat.subarray(i * columns, (i + 1) * columns)) : flat;
}
const decodedTrace = (trace) => Object.fromEntries(Object.entries(trace).map(([name, value]) => [name, unpacked(value)]));

function full(plot, data, layout) {
  const { l = 0, r = 0, t = 0, b = 0 } = layout.margin ?? {}, { offsetWidth: width, offsetHeight: height } = plot;
  plot._fullData = data.map((trace, index) => ({ ...decodedTrace(trace), index, uid: `t${index}`, visible: trace.visible ?? true, _module: (trace.type ?? "scatter") === "scatter" ? scatter : {} }));
  plot.calcdata = plot._fullData.map((trace) => [{ trace, t: {} }]);
  const xaxis = axisOf(layout.xaxis ?? {}, l, width - l - r, 1), yaxis = axisOf(layout.yaxis ?? {}, t, height - t - b, -1);
  plot._fullLayout = { ...layout, width, height, _size: { l, r, t, b }, xaxis, yaxis, _plots: { xy: { xaxis, yaxis, plot: { select: () => ({ node: () => true }) } } } };
  if (!layout.scene) return;
  const gl = (trace) => ({
    data: {}, scatterPlot: {}, dataScaleX: 3, dataScaleY: 3,
    update(now) { this.data = now, log.push(`  gl ${trace.name ?? trace.meta?.role} ${["x", "y", "z", "i", "surfacecolor"].filter((each) => now[each]).map((each) => `${each} ${text(now[each])}`).join(" ")}${now.isReduced ? " reduced" : ""} refine ${this.refineData}`); },
  });
  const _scene = {
    getCamera: () => structuredClone(plot.layout.scene.camera), setViewport: ({ camera }) => log.push(`  view ${text(camera)}`),
    glplot: { redraw() { log.push(`  gl redraw at ${this.pixelRatio}`); } }, traces: Object.fromEntries(plot._fullData.map((trace) => [trace.uid, gl(trace)])),
  };
  plot._fullLayout.scene = { ...layout.scene, camera: { ...layout.scene.camera }, _scene };
}

const tell = (plot, name, ...values) => plot.handlers?.[name]?.(...values);
const { react, relayout } = {
  async react(plot, data, layout, config) {
    const lines = [...data.map((trace, i) => `  ${i} ${text(trace)}`), `  layout ${text(layout)}`, `  config ${text(config)}`];
    log.push("react", ...lines.filter((line) => !plot.lines?.includes(line)));
    plot.lines = lines;
    plot.handlers ??= {};
    plot.on = (name, f) => (plot.handlers[name] = f);
    Object.assign(plot, { data, layout });
    full(plot, data, layout);
    tell(plot, "plotly_afterplot");
  },
  async relayout(plot, change) {
    log.push(`relayout ${text(change)}`);
    for (const [name, value] of Object.entries(change)) {
      const [owner, key] = name.split(".");
      if (owner === "scene") plot.layout.scene[key] = plot._fullLayout.scene[key] = value;
      else if (key) plot.layout[owner][key] = plot._fullLayout[owner][key] = value;
      else plot.layout[owner] = value;
    }
    tell(plot, "plotly_relayout", change);
  },
};
globalThis.Plotly = {
  react, relayout,
  async restyle(plot, change, traces) {
    log.push(`restyle ${text(traces)} ${text(change)}`);
    for (const [name, values] of Object.entries(change)) traces.forEach((index, i) => (plot.data[index][name] = plot._fullData[index][name] = values[i]));
  },
  purge: () => log.push("purge"),
  downloadImage: async ({ data, layout }, options) => log.push(`image ${text(options)}`, `  traces ${data.map((each) => `${each.name} ${text([each.showlegend, each.showscale, each.line?.color])}`).join("; ")}`, `  layout ${text(layout)}`),
};
globalThis.Path2D = class { constructor(shape) { this.shape = shape; } };
globalThis.OffscreenCanvas = class extends Node { constructor(width, height) { super("canvas"), Object.assign(this, { width, height, isSilent: true }); } };
module.exports = { log, text, tell, clock };
