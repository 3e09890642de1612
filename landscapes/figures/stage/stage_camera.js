// The camera of a scene: fits it to the stage, turns and zooms it, keeps it above the horizon, and places axis titles.

const HALF_FIELD = Math.tan(Math.PI / 8); // gl3d's field of view is 45°
const MIN_ELEVATION = 0.06; // radians of the line of sight above the horizontal
const ZOOM_STEP = 1.2; // factor per key press
const TURN_STEP = Math.PI / 24; // radians per key press
const MIN_DISTANCE = 0.5, MAX_DISTANCE = 8; // of the eye from the scene's center; the scene's box is about 1 wide
const EDGE = 4; // pixels of margin along the stage's border

const vector = ({ x, y, z }) => [x, y, z];
const point3 = ([x, y, z]) => ({ x, y, z });
const minus = (a, b) => a.map((value, i) => value - b[i]);
const plus = (a, b, scale = 1) => a.map((value, i) => value + scale * b[i]);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => a.map((value) => value / Math.hypot(...a));

// The line of sight, and the directions to the right and upward on the screen.
function frame(eye, center) {
  const forward = unit(minus(center, eye)), right = unit(cross(forward, [0, 0, 1]));
  return { forward, right, upward: cross(right, forward) };
}

// Maps points of a scene to pixels from the upper left corner of a stage of this size.
function projection(camera, width, height) {
  const eye = vector(camera.eye);
  const { forward, right, upward } = frame(eye, vector(camera.center));
  return (point) => {
    const d = minus(point, eye), scale = height / (2 * HALF_FIELD * dot(d, forward));
    return [width / 2 + scale * dot(d, right), height / 2 - scale * dot(d, upward)];
  };
}

// The three edges of the box with tick labels: the two front edges at the bottom and the left vertical edge. Each is
// [axis, one end, other end].
function tickedEdges(camera, [hx, hy, hz], project) {
  const toward = minus(vector(camera.eye), vector(camera.center));
  const sx = toward[0] < 0 ? -1 : 1, sy = toward[1] < 0 ? -1 : 1;
  const corner = (x, y) => [x * hx, y * hy, -hz];
  const left = [corner(-sx, sy), corner(sx, -sy)].sort((a, b) => project(a)[0] - project(b)[0])[0];
  return [
    ["x", corner(-1, sy), corner(1, sy)],
    ["y", corner(sx, -1), corner(sx, 1)],
    ["z", left, [left[0], left[1], hz]],
  ];
}

const halves = ({ aspectratio: { x, y, z } }) => [x / 2, y / 2, z / 2];

// Points of a scene that the picture must contain: the surface, and the box without its empty front corners.
function extremes(figure, half, toward) {
  const [hx, hy, hz] = half, { scene } = figure.layout;
  const points = [];
  for (const x of [-hx, hx]) for (const y of [-hy, hy]) for (const z of [-hz, hz]) {
    if (x * toward[0] < 0 || y * toward[1] < 0) points.push([x, y, z]);
  }
  return points.concat(surfacePoints(figure, half, scene));
}

function surfacePoints({ data }, [hx, hy, hz], scene) {
  const surface = data.find((trace) => trace.meta?.role === "surface" && trace.z);
  if (!surface) return [];
  const { range: [low, high] } = scene.zaxis, grid = decoded(surface.z), points = [];
  for (let j = 0; j <= 16; j++) for (let i = 0; i <= 16; i++) {
    const line = grid[Math.round((j * (grid.length - 1)) / 16)];
    const value = line[Math.round((i * (line.length - 1)) / 16)];
    const z = ((value - low) / (high - low) - 0.5) * 2 * hz;
    if (Number.isFinite(z)) points.push([(i / 8 - 1) * hx, (j / 8 - 1) * hy, z]);
  }
  return points;
}

const around = (points) => ({
  left: Math.min(...points.map(([x]) => x)), right: Math.max(...points.map(([x]) => x)),
  top: Math.min(...points.map(([, y]) => y)), bottom: Math.max(...points.map(([, y]) => y)),
});

// The nearest camera in the direction of `home` that shows the whole scene. Each round moves it along the line of sight
// and across it, until the scene fills the width or the height.
function fitted(stage, home) {
  const { figure: { layout: { scene } }, plot: { offsetWidth: width, offsetHeight: height } } = stage;
  const half = halves(scene);
  const toward = unit(minus(vector(home.eye), vector(home.center)));
  const points = extremes(stage.figure, half, toward);
  let center = vector(home.center), distance = Math.hypot(...minus(vector(home.eye), center));
  const camera = () => ({ ...home, center: point3(center), eye: point3(plus(center, toward, distance)) });
  // A title that changes its number of lines moves everything, so the last round need not fit: the best one is kept.
  let best, nearest = Infinity;
  for (let round = 0; round < 24; round++) {
    const now = camera(), project = projection(now, width, height);
    const titles = axisTitles(stage, now, project).flatMap(({ corners }) => corners);
    const box = around([...points.map(project), ...titles]);
    const fits = box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height;
    if (fits && distance < nearest) [best, nearest] = [now, distance];
    const { right, upward } = frame(vector(now.eye), center);
    const pixel = (2 * HALF_FIELD * distance) / height;
    center = plus(center, right, ((box.left + box.right - width) / 2) * pixel);
    center = plus(center, upward, ((height - box.top - box.bottom) / 2) * pixel);
    const filled = Math.max((box.right - box.left) / (width - 2 * EDGE), (box.bottom - box.top) / (height - 2 * EDGE));
    distance *= Math.max(0.5, filled) ** 0.8;
  }
  return best ?? camera();
}

// Axis titles along their edges: [{name, lines, at, angle, corners}] in pixels; the corners include the tick labels.
function axisTitles(stage, camera, project) {
  const { scene } = stage.figure.layout, half = halves(scene), { size } = stage.type;
  const middle = project([0, 0, 0]);
  return tickedEdges(camera, half, project).flatMap(([name, from, to]) => {
    const text = stage.titles?.[name];
    if (!text) return [];
    let [a, b] = [project(from), project(to)];
    if (a[0] > b[0] || (name === "z" && a[1] < b[1])) [a, b] = [b, a];
    const along = minus(b, a), length = Math.hypot(...along);
    const lines = wrapped(text, Math.max(7 * size, 0.95 * length), size);
    const upright = lines.length === 1 && widthOf(text, size) < (name === "z" ? 5 : 2) * size;
    const angle = upright ? 0 : Math.atan2(along[1], along[0]);
    const wide = Math.max(...lines.map((line) => widthOf(line, size))), tall = 1.25 * size * lines.length;
    const center = plus(a, along, 0.5);
    let out = [along[1] / length, -along[0] / length];
    if (dot(out, minus(center, middle)) < 0) out = out.map((value) => -value);
    const ticks = 24 + (name === "z" ? 2 : 1.6) * stage.type.ticks; // space that gl3d uses for tick labels
    const at = plus(center, out, ticks + (upright ? wide : tall) / 2);
    const c = Math.cos(angle), s = Math.sin(angle);
    const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([u, v]) => [
      at[0] + (u * wide * c - v * tall * s) / 2, at[1] + (u * wide * s + v * tall * c) / 2,
    ]);
    // The outermost of gl3d's tick labels.
    for (const share of outerTicks(scene[`${name}axis`])) {
      corners.push(plus(project(plus(from, minus(to, from), share)), out, 0.75 * ticks));
    }
    return [{ name, lines, at, angle, corners }];
  });
}

// Positions of an axis' first and last tick, as shares of its length. Plotly's steps are 1, 2 or 5 times powers of ten.
function outerTicks({ range: [low, high], nticks = 6, tickvals }) {
  const rough = (high - low) / nticks, base = 10 ** Math.floor(Math.log10(rough));
  const step = base * [1, 2, 5, 10].find((each) => each * base >= rough * 0.999);
  const ticks = decoded(tickvals) ?? [Math.ceil(low / step) * step, Math.floor(high / step) * step];
  return [ticks[0], ticks.at(-1)].map((tick) => (tick - low) / (high - low));
}

// Places the axis titles for the current camera.
function placeTitles(stage) {
  const layer = stage.root.querySelector(".stage-titles");
  const camera = stage.figure?.layout.scene && stage.plot._fullLayout?.scene?._scene?.getCamera();
  const { offsetWidth: width, offsetHeight: height } = stage.plot;
  const titles = camera ? axisTitles(stage, camera, projection(camera, width, height)) : [];
  while (layer.children.length > titles.length) layer.lastChild.remove();
  titles.forEach(({ name, lines, at, angle }, i) => {
    const node = layer.children[i] ?? layer.appendChild(document.createElement("div"));
    const text = lines.join("\n");
    if (node.textContent !== text) node.textContent = text;
    node.dataset.axis = name;
    node.style.transform = `translate(${at[0]}px, ${at[1]}px) translate(-50%, -50%) rotate(${angle}rad)`;
  });
}

// The camera after a rotation about the scene's center (radians) and a zoom by the factor `closer`.
function turned({ eye, center, ...rest }, round, up, closer = 1) {
  const d = minus(vector(eye), vector(center)), radius = Math.hypot(...d);
  const azimuth = Math.atan2(d[1], d[0]) + round;
  const height = Math.min(1.5, Math.max(MIN_ELEVATION, Math.asin(d[2] / radius) + up));
  const distance = Math.min(MAX_DISTANCE, Math.max(MIN_DISTANCE, radius / closer));
  const flat = Math.cos(height), there = [flat * Math.cos(azimuth), flat * Math.sin(azimuth), Math.sin(height)];
  return { ...rest, center, eye: point3(plus(vector(center), there, distance)) };
}

const cameraOf = (stage) => stage.plot._fullLayout.scene._scene.getCamera();

// Changes the view on behalf of the viewer; linked stages follow.
async function view(stage, change) {
  stage.moved = true;
  await place(stage, change);
  broadcastView(stage);
}

function turn(stage, round, up) {
  return view(stage, { "scene.camera": turned(cameraOf(stage), round, up) });
}

// Applies a drag: turns the scene, or shifts it with the right button or Shift. It replaces gl3d's turntable, which keeps
// turning between slow frames (half a turn if a frame takes a second) and goes below the horizon.
async function dragged(stage) {
  while (stage.drag) {
    const { dx, dy, across } = stage.drag, camera = cameraOf(stage), pixel = 1 / stage.plot.offsetHeight;
    stage.drag = undefined;
    const [x, y] = [dx * pixel, dy * pixel];
    await view(stage, { "scene.camera": across ? shifted(camera, x, y) : turned(camera, -Math.PI * x, Math.PI * y) });
  }
}

function shifted(camera, dx, dy) {
  const eye = vector(camera.eye), center = vector(camera.center), { right, upward } = frame(eye, center);
  const height = 2 * HALF_FIELD * Math.hypot(...minus(eye, center));
  const moved = (point) => point3(plus(plus(point, right, -dx * height), upward, dy * height));
  return { ...camera, eye: moved(eye), center: moved(center) };
}

// Zooms about a pixel of the stage, or about the center.
function zoom(stage, factor, pixel) {
  if (stage.figure.layout.scene) return view(stage, { "scene.camera": turned(cameraOf(stage), 0, 0, factor) });
  return view(stage, zoomed(stage, factor, pixel));
}

function zoomed(stage, factor, pixel) {
  const change = {};
  for (const [name, at] of [["xaxis", pixel?.[0]], ["yaxis", pixel?.[1]]]) {
    const axis = stage.plot._fullLayout[name];
    if (!axis || axis.fixedrange) continue;
    const [low, high] = axis.range.map(axis.r2l);
    const there = at === undefined ? (low + high) / 2 : axis.p2l(at - axis._offset);
    change[`${name}.range`] = [low, high].map((end) => axis.l2r(there + (end - there) / factor));
  }
  return change;
}

// Resets the view to the figure's default.
async function reset(stage) {
  stage.moved = false;
  await place(stage, homeView(stage));
  broadcastView(stage, true);
}

const VIEW_KEYS = {
  ArrowLeft: (stage) => turn(stage, -TURN_STEP, 0),
  ArrowRight: (stage) => turn(stage, TURN_STEP, 0),
  ArrowUp: (stage) => turn(stage, 0, TURN_STEP),
  ArrowDown: (stage) => turn(stage, 0, -TURN_STEP),
};
const ZOOM_KEYS = {
  "+": (stage) => zoom(stage, ZOOM_STEP), "=": (stage) => zoom(stage, ZOOM_STEP),
  "-": (stage) => zoom(stage, 1 / ZOOM_STEP), 0: reset,
};
const TOOLBAR = [
  ["nearer", "Zoom in", "Zoom in (+, or Ctrl and the wheel)", "M7 3h2v4h4v2H9v4H7V9H3V7h4z"],
  ["farther", "Zoom out", "Zoom out (−, or Ctrl and the wheel)", "M3 7h10v2H3z"],
  ["reset", "Reset view", "Reset view (0, or double click)", "M8 2l7 6-1.2 1.4-.8-.7V14H9.5v-3.5h-3V14H3V8.7l-.8.7L1 8z"],
  ["png", "Save as PNG", "Save as PNG", "M7 2h2v6l2.3-2.3 1.4 1.4L8 11.8 3.3 7.1l1.4-1.4L7 8zM2 12.5h12V14H2z"],
  ["svg", "Save as SVG", "Save as SVG (vectors)", ""],
].map(([name, label, title, shape]) => `<button data-view="${name}" aria-label="${label}" title="${title}">${
  shape ? `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${shape}"/></svg>` : "SVG"}</button>`).join("");
const TOOLS = {
  nearer: ZOOM_KEYS["+"], farther: ZOOM_KEYS["-"], reset,
  png: (stage) => save(stage, "png"), svg: (stage) => save(stage, "svg"),
};

function listenForView(stage, listen) {
  const { plot } = stage;
  listen(stage.root.querySelector(".stage-tools"), "click", ({ target }) => {
    if (stage.figure) TOOLS[target.closest("button")?.dataset.view]?.(stage);
  });
  listen(plot, "keydown", (event) => {
    const { ctrlKey, metaKey, altKey, key } = event;
    const act = ZOOM_KEYS[key] ?? (stage.figure?.layout.scene && VIEW_KEYS[key]);
    if (!act || !stage.figure || ctrlKey || metaKey || altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!stage.turning) stage.turning = act(stage).finally(() => (stage.turning = undefined));
  });
  listen(window, "pointermove", (event) => {
    if (!stage.pressed || !stage.bound || !stage.figure.layout.scene) return;
    const [x, y] = stage.at ?? stage.pressed;
    stage.at = [event.clientX, event.clientY];
    const { dx = 0, dy = 0 } = stage.drag ?? {}, across = event.shiftKey || (event.buttons & 2) !== 0;
    stage.drag = { dx: dx + event.clientX - x, dy: dy + event.clientY - y, across };
    if (!stage.dragging) stage.dragging = dragged(stage).finally(() => (stage.dragging = undefined));
  });
  listen(plot, "contextmenu", (event) => stage.at && event.preventDefault()); // after a drag with the right button
  // The wheel scrolls the page; with Ctrl it zooms the figure.
  listen(plot, "wheel", (event) => {
    event.stopPropagation();
    if (!event.ctrlKey || !stage.figure) return;
    event.preventDefault();
    const { left, top } = plot.getBoundingClientRect();
    stage.wheel = [(stage.wheel?.[0] ?? 0) + event.deltaY, [event.clientX - left, event.clientY - top]];
    if (!stage.wheeling) stage.wheeling = wheeled(stage).finally(() => (stage.wheeling = undefined));
  }, { capture: true, passive: false });
}

async function wheeled(stage) {
  while (stage.wheel) {
    const [delta, pixel] = stage.wheel;
    stage.wheel = undefined;
    await zoom(stage, Math.exp(-Math.max(-200, Math.min(200, delta)) / 500), pixel);
  }
}
