// Figures of curves and bars: titles of panels are broken at the picture's width, panels make room for them, and ticks
// whose labels would overlap are left out.

const TITLE_GAP = 4; // pixels between a title and the panel above it
const LEFT_TICKS = 3.5, BOTTOM_TICKS = 3.6; // room for an axis' labels and title before it has been drawn, in font sizes
const TICK_HEIGHT = 1.4; // of the box that a browser gives a label, in font sizes
const AUTO_RANGE = 1.25; // of an axis without a range, relative to that of its ticks
const isAxis = (name) => /^[xy]axis\d*$/.test(name);
const isPanelTitle = ({ xref, yref, xanchor, yanchor }) =>
  xref === "paper" && yref === "paper" && xanchor === "left" && yanchor === "bottom";

// Keeps what the figure asks for, because `fitPanels` starts from it after every change of size.
function keepPanels(stage) {
  const { annotations = [], margin, ...rest } = stage.figure.layout;
  stage.panels = structuredClone({ annotations, margin, axes: Object.entries(rest).filter(([name]) => isAxis(name)) });
}

function fitPanels(stage) {
  const { figure: { layout }, plot: { offsetWidth: width, offsetHeight: height, _fullLayout }, type: { size, ticks }, panels } = stage;
  const titles = panels.annotations.map((each, i) => ({ ...each, i })).filter(isPanelTitle);
  const drawn = stage.bound && _fullLayout?._size;
  const left = drawn ? drawn.l : EDGE + LEFT_TICKS * ticks, bottom = drawn ? drawn.b : EDGE + BOTTOM_TICKS * ticks;
  const room = { x: width - left - EDGE, y: 0 };
  panels.annotations.forEach((each, i) => {
    if (each.xref !== "paper" || !/^y/.test(each.yref ?? "") || /<(?!br)/.test(each.text)) return;
    // The name of a line.
    layout.annotations[i] = { ...each, text: wrapped(each.text, room.x, size - 1).join("<br>"), font: { ...each.font, size: size - 1 } };
  });
  for (const title of titles) {
    const end = Math.min(1, ...titles.filter(({ x, y }) => y === title.y && x > title.x).map(({ x }) => x));
    const lines = /<(?!br)/.test(title.text) ? title.text.split("<br>") : wrapped(title.text, (end - title.x) * room.x, size);
    title.tall = LINE_HEIGHT * size * lines.length + TITLE_GAP;
    layout.annotations[title.i] = { ...layout.annotations[title.i], text: lines.join("<br>"), align: "left", font: { ...title.font, size } };
  }
  const top = Math.max(0, ...titles.filter(({ y }) => y === 1).map(({ tall }) => tall));
  const edge = { ...layout.margin, t: top ? top + TITLE_GAP : panels.margin?.t ?? EDGE };
  if (titles.length) layout.margin = edge;
  room.y = Math.max(1, height - edge.t - bottom);
  const domains = panelDomains(titles, panels.axes, room.y);
  for (const title of titles) if (domains.has(title.y)) layout.annotations[title.i].y = domains.get(title.y)[1];
  for (const [name, axis] of panels.axes) {
    const domain = (name[0] === "y" && domains.get(axis.domain?.[1])) || axis.domain || [0, 1];
    const length = (domain[1] - domain[0]) * room[name[0]];
    layout[name] = { ...layout[name], domain, ...spacedTicks(axis, name[0], length, ticks) };
  }
}

// The new domain of each of the panels, by the old upper end. Panels below one another are lowered until their titles
// have room between them.
function panelDomains(titles, axes, height) {
  const tops = titles.map(({ y }) => y);
  const stacked = axes.map(([name, { domain }]) => (name[0] === "y" && domain && tops.includes(domain[1]) ? domain : undefined))
    .filter(Boolean).sort((a, b) => b[1] - a[1]);
  const gaps = stacked.slice(1).map(([, high], i) => stacked[i][0] - high);
  if (!gaps.length || gaps.some((gap) => gap < 0)) return new Map();
  const wide = gaps.map((gap, i) => Math.max(gap, titles.find(({ y }) => y === stacked[i + 1][1]).tall / height));
  const sum = (values) => values.reduce((total, each) => total + each, 0);
  const shrink = Math.max(0.2, (1 - sum(wide)) / (1 - sum(gaps)));
  let high = stacked[0][1];
  return new Map(stacked.map(([low, end], i) => {
    const domain = [Math.max(0, high - (end - low) * shrink), high];
    high = Math.max(0, domain[0] - (wide[i] ?? 0));
    return [end, domain];
  }));
}

// The settings that leave out an axis' ticks where its labels would overlap; {} where Plotly takes care of it.
function spacedTicks({ type, tickvals, ticktext, tickangle, dtick, nticks, range }, direction, length, size) {
  const isLog = type === "log", across = direction === "x";
  if (tickvals) {
    if (across && tickangle !== 0) return {}; // Plotly turns the labels
    const lengthwise = across || tickangle === -90;
    const values = Array.from(decoded(tickvals)), places = isLog ? values.map(Math.log10) : values;
    const [low, high] = range ?? [Math.min(...places), Math.max(...places)];
    const pixel = length / ((range ? 1 : AUTO_RANGE) * Math.abs(high - low) || 1);
    const texts = ticktext ? Array.from(ticktext) : values.map((value) => short(value));
    const half = texts.map((text) => (lengthwise ? widthOf(plain(text), size) / 2 + 0.3 * size : (TICK_HEIGHT * size) / 2));
    const kept = [];
    // Zero first, then from the outermost inward.
    const middle = (low + high) / 2, order = places.map((_, i) => i)
      .sort((i, j) => (values[j] === 0) - (values[i] === 0) || Math.abs(places[j] - middle) - Math.abs(places[i] - middle));
    for (const i of order) if (kept.every((j) => Math.abs(places[i] - places[j]) * pixel >= half[i] + half[j])) kept.push(i);
    kept.sort((i, j) => i - j);
    return { tickvals: kept.map((i) => values[i]), ticktext: kept.map((i) => texts[i]) };
  }
  if (across) return {};
  const apart = (isLog ? 2 : TICK_HEIGHT) * size; // exponents stand above the line
  if (isLog && typeof dtick === "number" && range) {
    return { dtick: Math.max(dtick, Math.ceil((apart * Math.abs(range[1] - range[0])) / length)) };
  }
  const most = Math.max(2, Math.floor(length / (1.5 * apart)));
  return most < (nticks ?? Math.min(9, Math.max(4, length / 40)) + 1) ? { nticks: most } : { nticks };
}
