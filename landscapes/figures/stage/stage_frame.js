// The legend above a figure and the notes below it, as HTML outside the plot: they never overlap it, and they work with a
// keyboard and a screen reader.

const DASHES = { dash: "7 4", dot: "2 3", dashdot: "7 3 2 3", longdash: "10 4", longdashdot: "10 3 2 3" };
const MARKS = {
  circle: "M0-5A5 5 0 1 1 0 5A5 5 0 1 1 0-5", square: "M-4.5-4.5H4.5V4.5H-4.5Z", diamond: "M0-6L6 0L0 6L-6 0Z",
  cross: "M-5-2H-2V-5H2V-2H5V2H2V5H-2V2H-5Z", x: "M-5-3L-3-5L0-2L3-5L5-3L2 0L5 3L3 5L0 2L-3 5L-5 3L-2 0Z",
  "triangle-up": "M0-6L6 5H-6Z", "triangle-down": "M0 6L6-5H-6Z", star: "M0-6L2-2L6-2L3 1L4 5L0 3L-4 5L-3 1L-6-2L-2-2Z",
};
const group = (trace) => trace.legendgroup || trace.name;
const plain = (text) => String(text ?? "").replace(/<br\s*\/?>/g, " ").replace(/<[^>]*>/g, "");

function listed(data) {
  const names = new Set();
  return data.filter((trace) => {
    const kind = trace.type ?? "scatter";
    const shown = trace.meta?.role === "path" || (trace.showlegend ?? !["surface", "contour", "heatmap"].includes(kind));
    if (!shown || trace.visible === false || !trace.name || names.has(trace.name + group(trace))) return false;
    return names.add(trace.name + group(trace));
  });
}

function showLegend(stage) {
  const list = stage.root.querySelector(".stage-legend");
  const traces = stage.legend ? listed(stage.figure.data) : [];
  const labelled = stage.ends?.length > 0; // the paths have labels at their ends, so the legend is smaller
  list.classList.toggle("labelled", labelled);
  const alone = traces.length < 2 && traces.every((trace) => trace.showlegend !== true);
  const rows = (alone ? [] : traces).map((trace) => {
    const row = document.createElement("li");
    const key = trace.meta?.role === "key";
    const item = row.appendChild(document.createElement(key ? "span" : "button"));
    item.innerHTML = swatch(labelled && trace.meta?.role === "path" ? { mode: "markers", marker: { color: trace.line.color } } : trace);
    item.append(plain(trace.name));
    if (!key) {
      item.dataset.group = group(trace);
      item.ariaPressed = String(trace.visible !== "legendonly");
      item.title = "Show or hide; double click shows this alone";
    }
    return row;
  });
  const focused = list.contains(document.activeElement) && document.activeElement.dataset.group;
  list.replaceChildren(...rows);
  list.hidden = !rows.length;
  if (focused) [...list.querySelectorAll("button")].find((item) => item.dataset.group === focused)?.focus();
}

const color = (value, otherwise = "currentColor") => (typeof value === "string" ? value : otherwise);

function swatch({ type, mode, line = {}, marker = {}, fill, fillcolor, colorscale, color: paint }) {
  const sheet = ["surface", "contour", "heatmap"].includes(type), bars = ["bar", "histogram", "mesh3d"].includes(type);
  const marks = mode ? mode.includes("markers") : !sheet && !bars;
  const lines = (mode ? mode.includes("lines") : !bars) && line.width !== 0;
  const filled = bars ? color(paint ?? marker.color) : fill && fill !== "none" ? fillcolor : undefined;
  const parts = [];
  if (filled) parts.push(`<rect x="2" y="2" width="24" height="10" fill="${filled}"/>`);
  if (lines) {
    const stroke = color(sheet ? (line.color ?? colorscale?.at(-1)?.[1]) : line.color);
    const wide = Math.max(1.5, Math.min(4, (line.width ?? 2) / (type === "scatter3d" ? 2 : 1)));
    const dashes = DASHES[line.dash] ?? "";
    parts.push(`<path d="M1 7H27" stroke="${stroke}" stroke-width="${wide}" stroke-dasharray="${dashes}"/>`);
  }
  if (marks) {
    const symbol = String(marker.symbol ?? "circle"), open = symbol.endsWith("-open");
    const inside = color(marker.color, color(line.color));
    const edge = open ? inside : color(marker.line?.color, inside), wide = open ? 1.5 : (marker.line?.width ?? 0);
    const shape = MARKS[symbol.replace("-open", "")] ?? MARKS.circle, look = `stroke="${edge}" stroke-width="${wide}"`;
    parts.push(`<path transform="translate(14 7)" d="${shape}" fill="${open ? "none" : inside}" ${look}/>`);
  }
  return `<svg viewBox="0 0 28 14" aria-hidden="true">${parts.join("")}</svg>`;
}

function listenForLegend(stage, listen) {
  const list = stage.root.querySelector(".stage-legend");
  const pressed = (event) => stage.bound && event.target.closest("button")?.dataset.group;
  listen(list, "click", (event) => {
    const name = pressed(event);
    if (!name) return;
    const { hidden } = stage.memory;
    hidden.has(name) ? hidden.delete(name) : hidden.add(name);
    hide(stage);
  });
  listen(list, "dblclick", (event) => {
    const name = pressed(event);
    if (!name) return;
    const { hidden } = stage.memory, names = [...list.querySelectorAll("button")].map((item) => item.dataset.group);
    const others = names.filter((each) => each !== name);
    const alone = others.every((each) => hidden.has(each));
    for (const each of others) alone ? hidden.delete(each) : hidden.add(each);
    hidden.delete(name);
    hide(stage);
  });
}

// Hides the traces that the viewer has hidden. Traces with `visible` false are not in the legend and stay hidden.
async function hide(stage) {
  const { data } = stage.figure, changed = [];
  data.forEach((trace, i) => {
    const wanted = stage.memory.hidden.has(group(trace)) ? "legendonly" : true;
    if (!group(trace) || trace.visible === false || (trace.visible ?? true) === wanted) return;
    trace.visible = wanted;
    changed.push(i);
  });
  showLegend(stage);
  if (changed.length) await Plotly.restyle(stage.plot, { visible: changed.map((i) => data[i].visible) }, changed);
  placeTitles(stage);
}

function showNotes(stage) {
  const { meta = {} } = stage.figure.layout;
  const key = Object.entries(stage.symbols ?? {}).map(([symbol, text]) => `${symbol}: ${text}`);
  const item = (note) => Object.assign(document.createElement("li"), { textContent: plain(note) });
  const notes = [...key, ...(stage.stretched ? [stage.stretched] : []), ...(meta.notes ?? [])].map(item);
  const list = stage.root.querySelector(".stage-notes");
  list.replaceChildren(...notes);
  list.hidden = !notes.length;
}

const pen = document.createElement("canvas").getContext("2d");

// Width of a text on one line, in pixels.
function widthOf(text, size) {
  pen.font = `${size}px ${pen.family ?? "sans-serif"}`;
  return pen.measureText(text).width;
}

// The text, broken into the fewest lines of at most `room` pixels, with lines of about equal length.
function wrapped(text, room, size) {
  const words = plain(text).split(" ");
  const broken = (width) => words.reduce((lines, word) => {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && widthOf(longer, size) <= width) return [...lines.slice(0, -1), longer];
    return [...lines, word];
  }, []);
  const lines = broken(room);
  // The smallest width with the same number of lines balances their lengths.
  for (let width = widthOf(text, size) / lines.length; width < room; width *= 1.05) {
    const even = broken(width);
    if (even.length === lines.length) return even;
  }
  return lines;
}
