// Draws what the model does at the step that a stage shows: decision regions, a fit, images, samples, tokens or actions.
// The data of all steps come with the panel (landscapes/figures/behavior_data.py describes them), so that it follows the
// stage without the server. behavior_canvas.js has what all displays share, the other files draw one kind each.

const STAGES = (globalThis.landscapesStages ??= new Map()); // what the stages remember, by their names

export default function showBehavior({ data, parentElement }) {
  const root = parentElement.querySelector(".behavior");
  const panel = (root.panel ??= mountPanel(root));
  const [header, text] = new TextDecoder().decode(data).split("\n");
  panel.options = JSON.parse(header);
  root.classList.toggle("presenter", panel.options.presenter);
  if (panel.text !== text) receive(panel, text);
  else drawNow(panel);
  return () => root.isConnected || panel.leave();
}

function mountPanel(root) {
  root.innerHTML = `<div class="behavior-paths" role="group" aria-label="Whose parameters"></div>
    <canvas role="img"></canvas><ul class="behavior-key" aria-hidden="true"></ul>
    <p class="behavior-words"></p><p class="behavior-source"></p>`;
  const panel = { root, canvas: root.querySelector("canvas") };
  const end = new AbortController(), signal = end.signal;
  window.addEventListener("landscapes-step", ({ detail }) => {
    if (detail.stage !== panel.options.stage || panel.step === detail.step) return;
    panel.step = detail.step;
    if (panel.name === "" && panel.data.names.length) panel.name = panel.data.names[0]; // the point has no steps
    drawSoon(panel);
  }, { signal });
  window.addEventListener("landscapes-stage", ({ detail }) => {
    if (detail.explain && detail.source !== panel) choosePath(panel, detail.explain);
  }, { signal });
  root.addEventListener("click", ({ target }) => {
    const name = target.closest("button")?.dataset.path;
    if (name === undefined) return;
    choosePath(panel, name);
    const detail = { group: "camera", source: panel, explain: name };
    if (name) window.dispatchEvent(new CustomEvent("landscapes-stage", { detail }));
  }, { signal });
  const resized = new ResizeObserver(() => drawSoon(panel));
  resized.observe(root);
  panel.leave = () => {
    end.abort();
    resized.disconnect();
    root.panel = undefined;
  };
  return panel;
}

// Takes new data. A point that has just been picked is shown first.
function receive(panel, text) {
  const before = panel.data, data = JSON.parse(text);
  panel.text = text;
  data.names = Object.keys(data.paths);
  panel.data = data;
  const memory = STAGES.get(panel.options.stage);
  panel.step = memory?.step ?? data.last;
  const isNew = data.point && JSON.stringify(before?.point?.coordinates) !== JSON.stringify(data.point.coordinates);
  const chosen = [panel.name, memory?.explainedPath].find((name) => name && data.names.includes(name));
  panel.name = isNew || !data.names.length ? "" : (chosen ?? data.names[0]);
  buildChoices(panel);
  drawNow(panel);
}

function buildChoices({ root, data, name }) {
  const point = data.point ? [["", data.point.place === "picked" ? "picked point" : "center", "currentColor"]] : [];
  const choices = [...data.names.map((path) => [path, path, data.paths[path].color]), ...point];
  root.querySelector(".behavior-paths").innerHTML = choices.map(([path, label, color]) =>
    `<button data-path="${marked(path)}" aria-pressed="${path === name}" style="--path: ${color}">${marked(label)}</button>`).join("");
}

function choosePath(panel, name) {
  if (!(name ? panel.data.names.includes(name) : panel.data.point)) return;
  panel.name = name;
  drawSoon(panel);
}

function drawSoon(panel) {
  cancelAnimationFrame(panel.frame);
  panel.frame = requestAnimationFrame(() => drawNow(panel));
}

// The row of the newest step that is not after the current one.
function rowAt(steps, step) {
  let row = 0;
  while (row + 1 < steps.length && steps[row + 1] <= step) row++;
  return row;
}

function drawNow(panel) {
  const { root, canvas, data, name, step, options } = panel;
  if (!data || !root.offsetWidth) return;
  const path = data.paths[name], row = path ? rowAt(path.steps, step) : 0;
  const display = DISPLAYS[data.kind], values = rowsOf((path ?? data.point).values, row);
  const inks = pageInks(root), type = options.presenter ? 18 : 12;
  const width = Math.min(root.clientWidth, options.presenter ? 620 : 400);
  const height = Math.round(width * (display.ratio?.(data.drawn, values) ?? 1));
  const scale = Math.max(1, devicePixelRatio);
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.font = `${type}px ${getComputedStyle(root).fontFamily}`;
  display.draw(pen, { width, height, inks, type, drawn: data.drawn, color: path?.color ?? inks.text }, values);
  const words = display.words(data.drawn, values, data.examples);
  const at = data.point?.coordinates.map((c) => rounded(c)).join(", ");
  const source = path
    ? `${name} at step ${path.steps[row]}: the path's own parameters, not their projection on the picture.`
    : `The point (${at}) of the picture.`;
  root.querySelector(".behavior-words").textContent = words;
  root.querySelector(".behavior-source").textContent = source;
  root.querySelector(".behavior-key").innerHTML = (display.key?.(data.drawn, inks, values) ?? [])
    .map(([color, label, shape = "dot"]) => `<li><span class="${shape}" style="--color: ${color}"></span>${marked(label)}</li>`).join("");
  canvas.setAttribute("aria-label", `${data.description} ${words} ${source}`);
  for (const button of root.querySelectorAll("[data-path]")) button.ariaPressed = String(button.dataset.path === name);
  root.dataset.step = path ? path.steps[row] : "";
  root.dataset.path = name;
}
