// The camera of a scene: fits it to the stage, turns and zooms it, and keeps it above the horizon.

const HALF_FIELD = Math.tan(Math.PI / 8); // gl3d's field of view is 45°
const MIN_ELEVATION = 0.06; // radians of the line of sight above the horizontal
const ZOOM_STEP = 1.2; // factor per key press
const TURN_STEP = Math.PI / 24; // radians per key press
const MIN_DISTANCE = 0.5, MAX_DISTANCE = 8; // of the eye from the scene's center; the scene's box is about 1 wide
const EDGE = 6; // pixels of margin along the stage's border

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

// Points of a scene that the picture must contain: the surface, the floor and the paths. The titles add the height axis.
function extremes({ figure, tracks }, half) {
  const [hx, hy, hz] = half;
  const floor = [-hx, hx].flatMap((x) => [-hy, hy].map((y) => [x, y, -hz]));
  const paths = tracks.filter(({ role }) => role === "path").flatMap((path) => pathPoints(path, figure.layout, half));
  return [...floor, ...surfacePoints(figure, half, figure.layout.scene), ...paths];
}

// The points of a path in the box of the scene, with those where it leaves the box.
function pathPoints({ x, y, z }, layout, half) {
  const place = inScene(layout), at = (i) => place([x[i], y[i], z[i]]);
  const outside = (point) => Math.max(...point.map((value, axis) => Math.abs(value) / half[axis]));
  const points = [];
  for (let i = 0; i < x.length; i++) {
    const here = at(i);
    if (!(outside(here) <= 1)) continue;
    points.push(here);
    for (const neighbor of [i - 1, i + 1]) {
      const there = neighbor >= 0 && neighbor < x.length ? at(neighbor) : here;
      const ways = here.map((value, axis) => (Math.sign(there[axis] - value) * half[axis] - value) / (there[axis] - value));
      if (outside(there) > 1) points.push(plus(here, minus(there, here), Math.min(...ways.filter((way) => way >= 0))));
    }
  }
  return points;
}

function surfacePoints({ data, layout }, [hx, hy, hz], scene) {
  if (layout.meta.kind === "volume") return [-hx, hx].flatMap((x) => [-hy, hy].flatMap((y) => [-hz, hz].map((z) => [x, y, z])));
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
  const points = extremes(stage, half);
  let center = vector(home.center), distance = Math.hypot(...minus(vector(home.eye), center));
  const camera = () => ({ ...home, center: point3(center), eye: point3(plus(center, toward, distance)) });
  // A title that changes its number of lines moves everything, so the last round need not fit: the best one is kept.
  let best, nearest = Infinity;
  for (let round = 0; round < 24; round++) {
    const now = camera(), project = projection(now, width, height);
    const titles = axisTitles(stage, now, project).flatMap(({ corners }) => corners);
    const box = around([...points.map(project), ...titles]);
    const margin = Math.min(box.left, width - box.right, box.top, height - box.bottom);
    const fits = margin >= EDGE / 2;
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

// The camera after a rotation about the scene's center (radians) and a zoom by the factor `closer`.
function turned({ eye, center, ...rest }, round, up, closer = 1) {
  const d = minus(vector(eye), vector(center)), radius = Math.hypot(...d);
  const azimuth = Math.atan2(d[1], d[0]) + round;
  const height = Math.min(1.5, Math.max(MIN_ELEVATION, Math.asin(d[2] / radius) + up));
  const distance = Math.min(MAX_DISTANCE, Math.max(MIN_DISTANCE, radius / closer));
  const flat = Math.cos(height), there = [flat * Math.cos(azimuth), flat * Math.sin(azimuth), Math.sin(height)];
  return { ...rest, center, eye: point3(plus(vector(center), there, distance)) };
}

// gl3d's camera, upright: gl3d reports an `up` at right angles to the line of sight, which tilts the next view.
const cameraOf = (stage) => ({ ...stage.plot._fullLayout.scene._scene.getCamera(), up: { x: 0, y: 0, z: 1 } });

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
  clearTimeout(stage.resting);
  while (stage.drag) {
    const { dx, dy, across } = stage.drag, camera = cameraOf(stage), pixel = 1 / stage.plot.offsetHeight;
    stage.drag = undefined;
    const [x, y] = [dx * pixel, dy * pixel];
    await look(stage, across ? shifted(camera, x, y) : turned(camera, -Math.PI * x, Math.PI * y));
  }
  // Not `view`: the viewer may have reset it meanwhile. The exact camera, which linked stages have, and not gl3d's.
  await place(stage, { "scene.camera": stage.plot.layout.scene.camera });
  if (stage.drag) return dragged(stage);
  restSoon(stage);
}

// Draws one frame of a drag from this camera. Plotly's relayout, which checks the whole figure, follows after the last one.
function look(stage, camera) {
  const { layout, _fullLayout: { scene } } = stage.plot;
  stage.moved = true;
  layout.scene.camera = camera;
  Object.assign(scene.camera, camera);
  scene._scene.setViewport(scene);
  placeTitles(stage);
  broadcastView(stage);
  return new Promise(requestAnimationFrame);
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
    if (stage.bound) TOOLS[target.closest("button")?.dataset.view]?.(stage);
  });
  listen(plot, "keydown", (event) => {
    const { ctrlKey, metaKey, altKey, key } = event;
    const act = ZOOM_KEYS[key] ?? (stage.figure?.layout.scene && VIEW_KEYS[key]);
    if (!act || !stage.bound || ctrlKey || metaKey || altKey) return;
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
    const [x0, y0] = stage.pressed;
    if (Math.hypot(event.clientX - x0, event.clientY - y0) >= MAX_CLICK_MOVEMENT) setTurning(stage, true);
    if (!stage.dragging) stage.dragging = dragged(stage).finally(() => (stage.dragging = undefined));
  });
  listen(plot, "contextmenu", (event) => stage.at && event.preventDefault()); // after a drag with the right button
  // The wheel scrolls the page; with Ctrl it zooms the figure.
  listen(plot, "wheel", (event) => {
    event.stopPropagation();
    if (!event.ctrlKey || !stage.bound) return;
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
