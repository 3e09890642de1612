// Applies the page's colors and font to a figure, and saves the figure as an image.

const INKS = ["rgba(49,51,63,", "rgba(250,250,250,"]; // prefixes of the figures' text color in the light and dark theme
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

function applyPageStyle(stage) {
  const { layout } = stage.figure;
  const style = getComputedStyle(stage.root);
  const color = (name) => style.getPropertyValue(name).trim();
  pen.family = style.fontFamily;
  stage.legend = layout.showlegend !== false;
  layout.showlegend = false; // stage_frame.js writes it
  layout.uirevision = "stage";
  layout.font = { ...layout.font, family: style.fontFamily };
  for (const axis of Object.values(layout.scene ?? {})) {
    // Opaque: gl3d does not blend the lines of a scene.
    if (axis?.range) Object.assign(axis, { backgroundcolor: wash(stage.root, 5), showline: false });
  }
  const page = `rgb(${rgb(stage.root, "--st-background-color").join(",")})`;
  for (const trace of layout.scene ? stage.figure.data : []) {
    if (trace.meta?.role === "casing") trace.line.color = page;
    if (trace.meta?.role === "surface") trace.showscale = false; // stage_labels.js draws it along the height axis
    if (trace.meta?.role === "slice" && stage.options.link) trace.showscale = false; // the slice beside it has one
  }
  if (layout.scene) layout.scene.dragmode = false; // stage_camera.js turns it
  layout.hoverlabel = {
    bgcolor: color("--st-secondary-background-color"), bordercolor: color("--st-border-color"),
    font: { color: color("--st-text-color"), family: style.fontFamily }, align: "left",
  };
  takeTitles(stage);
}

const WHITE_PAPER = { backgroundcolor: "#f4f5f7", showline: true, linecolor: "#c1c1c5" };
const LEGEND_KEY_PIXELS = 60; // of a legend's entry beside its text
const IMAGE_FONT = "Arial, Helvetica, sans-serif";
const PAPER_LINES = { casing: "#ffffff", shadow: "#d9dce2" }; // by role of a path's trace

// Saves the figure with its legend and notes, always on a white background.
function save(stage, format) {
  const layout = structuredClone({ ...stage.plot.layout, meta: undefined });
  const data = stage.plot.data.map((trace) => ({ ...trace, line: trace.line && { ...trace.line } }));
  tint(layout, [stage.ink], INKS[0]);
  tint(data, [stage.ink], INKS[0]);
  const named = new Set((stage.placed ?? []).map(({ label }) => label)); // at the ends of the paths
  for (const trace of data) if (trace.meta?.role === "path" && named.has(trace.name)) trace.showlegend = false;
  for (const { meta, line } of layout.scene ? data : []) {
    if (PAPER_LINES[meta?.role]) line.color = PAPER_LINES[meta.role];
  }
  if (layout.scene) layout.scene.annotations = labelAnnotations(stage);
  else layout.annotations = [...(layout.annotations ?? []), ...labelAnnotations(stage)];
  for (const trace of layout.scene ? data : []) if (trace.meta?.role === "surface") trace.showscale = true;
  const { size } = stage.type;
  const notes = [...stage.root.querySelectorAll(".stage-notes li")].map((item) => item.textContent);
  const { offsetWidth: width, offsetHeight: plot } = stage.plot;
  const around = { l: 8, r: 8, t: 8, b: 8, ...layout.margin };
  // Plotly breaks the legend at the width between the margins.
  const entries = listed(data).filter(({ showlegend }) => showlegend !== false).map(({ name }) => widthOf(plain(name), size) + LEGEND_KEY_PIXELS);
  const lines = Math.ceil(entries.reduce((sum, each) => sum + each, 0) / (width - around.l - around.r));
  const room = { t: Math.max(8, 1.6 * size * lines), b: 1.4 * size * notes.length };
  const height = plot + room.t + room.b;
  for (const [name, axis] of Object.entries(layout.scene ?? {})) {
    if (!axis?.range) continue;
    Object.assign(axis, WHITE_PAPER, { title: { ...axis.title, text: stage.titles[name[0]] } });
  }
  const note = {
    text: notes.join("<br>"), xref: "paper", yref: "paper", x: 0, y: 0, yshift: -(around.b + room.b) + 2, xanchor: "left", yanchor: "bottom",
    align: "left", showarrow: false, font: { size: size - 1, color: `${INKS[0]}0.75)` },
  };
  Object.assign(layout, {
    paper_bgcolor: "white", width, height, showlegend: true,
    legend: { ...layout.legend, orientation: "h", x: 0.5, xanchor: "center", yref: "container", y: 1, yanchor: "top" },
    margin: { ...around, t: around.t + room.t, b: around.b + room.b },
    annotations: [...(layout.annotations ?? []), ...(notes.length ? [note] : [])],
  });
  // An image cannot load the page's font: a text that was measured in it would be cut.
  layout.font = { ...layout.font, family: IMAGE_FONT };
  for (const each of [...layout.annotations, ...(layout.scene?.annotations ?? [])]) each.font = { ...each.font, family: IMAGE_FONT };
  return Plotly.downloadImage({ data, layout }, { format, width, height, scale: 3, filename: stage.options.filename });
}
