// Draws a scene on a canvas as soon as its figure is there. plotly.js may still be loading, and without a graphics card
// WebGL needs a second for its first frame. The sketch has the camera, the colors, the light, the lines and the words of
// that frame, which takes its place.

const NEARER = 1.003; // a point is hidden by what is nearer by this factor
const SCENE_MARKER = 0.3, FLAT_MARKER = 0.1; // of the shapes of MARKS, 10 pixels wide, for a size of 1
const LINE_GROWTH = 0.5; // gl3d draws a line thinner than its width
const LINE_COVER = 0.7; // of the pixels of a level line, which is one pixel wide and has steps
const SLOPE_SHARE = 0.25; // of the slopes in a cube: gl3d's light turns with the camera, and its colors are nearest to these
const REMOUNT_MILLISECONDS = 600; // in which the new picture of a page of another layout has mostly come
const TICK_GAP = 1.6; // font sizes between an edge and its tick labels

function loaded(url) {
  if (globalThis.Plotly) return Promise.resolve();
  return (globalThis.landscapesPlotly ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = done;
    script.onerror = () => {
      globalThis.landscapesPlotly = undefined;
      fail(new Error(`plotly.js did not load from ${url}; reload the page`));
    };
    document.head.append(script);
  }));
}

// What a new picture differs in that is worth a sketch: the next one of the same landscape is drawn soon.
const landscapeOf = (layout) => layout?.meta && JSON.stringify([layout.meta.kind, layout.meta.box, layout.meta.labels]);

async function sketch(stage) {
  const { figure: { data, layout }, plot: { offsetWidth: width, offsetHeight: height }, root } = stage;
  const surface = data.find(({ meta, z }) => meta?.role === "surface" && z), draw = { surface: sketchScene, contour: sketchContour }[layout.meta.kind];
  endSketch(stage);
  if (!draw || !surface || !width || !height) return;
  const canvas = Object.assign(document.createElement("canvas"), { className: "stage-sketch", width, height });
  draw(stage, surface, canvas.getContext("2d"), width, height);
  stage.plot.after(canvas);
  placeTitles(stage, layout.scene?.camera);
  root.dataset.sketched = stage.options.id;
  root.classList.remove("empty");
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); // the browser shows it
}

// Whether this scene stood on a stage of this name before. A run of the page that changes its layout puts the old picture
// on a new stage, most often for a moment until the new one comes, and a drawing by WebGL would hold that up.
const isDrawnBefore = ({ bound, memory, options, figure }) =>
  !bound && figure.layout.scene && memory.drawn === options.id;

async function pauseBeforeDrawing(stage) {
  const end = performance.now() + REMOUNT_MILLISECONDS;
  while (performance.now() < end && !stage.waiting && stage.root.stage === stage) {
    await new Promise((done) => setTimeout(done, 20));
  }
}

function endSketch(stage) {
  stage.root.querySelector(".stage-sketch")?.remove();
  stage.flat = undefined;
}

function sketchScene(stage, surface, brush, width, height) {
  const { figure: { data, layout } } = stage, { camera, zaxis } = layout.scene, eye = vector(camera.eye), { forward } = frame(eye, vector(camera.center));
  const [hx, hy, hz] = halves(layout.scene), nodes = nodesOf(stage.figure, surface), floor = nodes.z.map((z) => (Number.isNaN(z) ? z : -hz));
  const project = projection(camera, width, height), position = inScene(layout), { color, start, end, size } = surface.contours.z;
  const look = { colorscale: surface.colorscale, range: [surface.cmin, surface.cmax], color, start, end, size };
  brush.beginPath();
  [[-hx, -hy], [hx, -hy], [hx, hy], [-hx, hy]].forEach(([x, y]) => brush.lineTo(...project([x, y, -hz])));
  brush.fillStyle = zaxis.backgroundcolor;
  brush.fill();
  const plan = raster(nodes, pixelsOf({ ...nodes, z: floor }, camera, width, height), width, height);
  const relief = raster(nodes, pixelsOf(nodes, camera, width, height), width, height);
  const place = (x, y, z) => {
    const point = position([x, y, z]), at = project(point), k = Math.floor(at[1]) * width + Math.floor(at[0]);
    const isInside = [x, y, z].every(Number.isFinite) && Math.min(...at) >= 0 && at[0] < width && at[1] < height;
    return { at, isFree: isInside && !(relief.near[k] * dot(minus(point, eye), forward) > NEARER) };
  };
  const traces = data.filter(({ type, visible = true }) => type === "scatter3d" && visible === true);
  const isBelow = ({ meta }) => meta?.role === "shadow";
  brush.drawImage(painted(plan, look, true), 0, 0);
  for (const trace of traces.filter(isBelow)) strokeTrace(brush, trace, place, LINE_GROWTH);
  brush.drawImage(painted(relief, look, false), 0, 0);
  for (const trace of traces.filter((each) => !isBelow(each))) strokeTrace(brush, trace, place, LINE_GROWTH);
  for (const trace of traces) stamp(brush, trace, place, SCENE_MARKER);
  writeTicks(stage, brush, project);
}

// The grid of a surface in the coordinates of its camera, with the height and the light of every node.
function nodesOf({ layout: { scene, meta: { box } } }, surface) {
  const half = halves(scene), spans = [...box, scene.zaxis.range], grid = decoded(surface.z);
  const shares = (values, [low, high]) => Float32Array.from(values, (value) => (value - low) / (high - low));
  const [u, v] = [decoded(surface.x), decoded(surface.y)].map((values, axis) => shares(values, spans[axis])), columns = u.length, rows = v.length;
  const height = new Float32Array(columns * rows), light = new Float32Array(columns * rows);
  for (let j = 0; j < rows; j++) for (let i = 0; i < columns; i++) height[j * columns + i] = grid[j][i] ?? NaN;
  const w = shares(height, spans[2]), sun = unit(vector(surface.lightposition)), { ambient, diffuse } = surface.lighting;
  const [x, y, z] = [u, v, w].map((values, axis) => values.map((share) => (share - 0.5) * 2 * half[axis]));
  for (let j = 0; j < rows; j++) for (let i = 0; i < columns; i++) {
    const [west, east, south, north] = [Math.max(i - 1, 0), Math.min(i + 1, columns - 1), Math.max(j - 1, 0), Math.min(j + 1, rows - 1)];
    const a = (SLOPE_SHARE * (w[j * columns + east] - w[j * columns + west])) / (u[east] - u[west]);
    const b = (SLOPE_SHARE * (w[north * columns + i] - w[south * columns + i])) / (v[north] - v[south]);
    light[j * columns + i] = Math.min(1, ambient + diffuse * Math.max(0, (sun[2] - a * sun[0] - b * sun[1]) / Math.sqrt(a * a + b * b + 1)));
  }
  return { columns, rows, x, y, z, height, light };
}

// The pixels of a grid's nodes, and how near they are (1 / distance).
function pixelsOf({ columns, x, y, z }, { eye, center }, width, height) {
  const { forward: f, right: r, upward: u } = frame(vector(eye), vector(center)), size = height / (2 * HALF_FIELD);
  const px = new Float32Array(z.length), py = new Float32Array(z.length), pn = new Float32Array(z.length);
  for (let k = 0; k < z.length; k++) {
    const dx = x[k % columns] - eye.x, dy = y[(k / columns) | 0] - eye.y, dz = z[k] - eye.z;
    pn[k] = 1 / (dx * f[0] + dy * f[1] + dz * f[2]);
    px[k] = width / 2 + size * pn[k] * (dx * r[0] + dy * r[1] + dz * r[2]);
    py[k] = height / 2 - size * pn[k] * (dx * u[0] + dy * u[1] + dz * u[2]);
  }
  return { px, py, pn };
}

// The nearest point of a grid in every pixel: how near it is, its height and its light.
function raster({ columns, rows, height: levels, light }, { px, py, pn }, width, height) {
  const near = new Float32Array(width * height), level = new Float32Array(near.length), shade = new Float32Array(near.length);
  const fill = (a, b, c) => {
    const area = (px[b] - px[a]) * (py[c] - py[a]) - (px[c] - px[a]) * (py[b] - py[a]);
    if (!(Math.abs(area) > 0)) return; // seen from its edge, or a node is not finite
    const left = Math.max(0, Math.ceil(Math.min(px[a], px[b], px[c]) - 0.5)), right = Math.min(width - 1, Math.floor(Math.max(px[a], px[b], px[c]) - 0.5));
    const top = Math.max(0, Math.ceil(Math.min(py[a], py[b], py[c]) - 0.5)), bottom = Math.min(height - 1, Math.floor(Math.max(py[a], py[b], py[c]) - 0.5));
    for (let j = top; j <= bottom; j++) for (let i = left; i <= right; i++) {
      const v = i + 0.5, w = j + 0.5; // barycentric coordinates of the pixel's center
      const s = ((px[b] - v) * (py[c] - w) - (px[c] - v) * (py[b] - w)) / area;
      const t = ((px[c] - v) * (py[a] - w) - (px[a] - v) * (py[c] - w)) / area, q = 1 - s - t;
      if (s < 0 || t < 0 || q < 0) continue;
      const here = s * pn[a] + t * pn[b] + q * pn[c], k = j * width + i;
      if (here <= near[k]) continue;
      near[k] = here;
      level[k] = s * levels[a] + t * levels[b] + q * levels[c];
      shade[k] = s * light[a] + t * light[b] + q * light[c];
    }
  };
  for (let j = 0; j < rows - 1; j++) for (let i = 0; i < columns - 1; i++) {
    const k = j * columns + i;
    fill(k, k + 1, k + columns);
    fill(k + 1, k + columns + 1, k + columns);
  }
  return { near, level, shade, width, height };
}

// A raster as a canvas: its colors with level lines, or the lines alone.
function painted({ near, level, shade, width, height }, { colorscale, range: [low, high], color, start, end, size }, linesAlone) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height }), brush = canvas.getContext("2d");
  const colors = scaleColors(colorscale), ink = scaleColors([[0, color], [1, color]]), cover = ink[3] / 255;
  const image = brush.createImageData(width, height), pixels = image.data;
  const last = Math.round((end - start) / size), band = (k) => Math.min(last, Math.floor((level[k] - start) / size));
  const isNext = (k, other) => near[other] > 0 && Math.abs(near[other] / near[k] - 1) < 0.02;
  for (let k = width; k < near.length; k++) {
    if (!near[k]) continue;
    const isLine = (isNext(k, k - 1) && band(k) !== band(k - 1)) || (isNext(k, k - width) && band(k) !== band(k - width));
    if (linesAlone && !isLine) continue;
    const at = 4 * Math.max(0, Math.min(255, Math.round((255 * (level[k] - low)) / (high - low)))), share = isLine ? LINE_COVER * cover : 0;
    for (let c = 0; c < 3; c++) pixels[4 * k + c] = linesAlone ? ink[c] : share * ink[c] + (1 - share) * shade[k] * colors[at + c];
    pixels[4 * k + 3] = linesAlone ? 255 * LINE_COVER : 255;
  }
  brush.putImageData(image, 0, 0);
  return canvas;
}

// 256 colors of a color scale, four bytes each.
function scaleColors(stops) {
  const brush = Object.assign(document.createElement("canvas"), { width: 256, height: 1 }).getContext("2d", { willReadFrequently: true });
  const gradient = brush.createLinearGradient(0, 0, 256, 0);
  for (const [share, color] of stops) gradient.addColorStop(share, color);
  brush.fillStyle = gradient;
  brush.fillRect(0, 0, 256, 1);
  return brush.getImageData(0, 0, 256, 1).data;
}

// A line where nothing hides it.
function strokeTrace(brush, { mode, x, y, z, line = {} }, place, growth) {
  if (!mode?.includes("lines")) return;
  Object.assign(brush, { strokeStyle: line.color, lineWidth: Math.max(0.5, growth * (line.width ?? 2)), lineJoin: "round", lineCap: "round" });
  brush.setLineDash((DASHES[line.dash] ?? "").split(" ").filter(Boolean).map(Number));
  brush.beginPath();
  const [xs, ys, zs] = [x, y, z].map(decoded);
  for (let i = 0, isDrawn = false; i < xs.length; i++) {
    const { at, isFree } = place(xs[i], ys[i], zs?.[i]);
    if (isFree) brush[isDrawn ? "lineTo" : "moveTo"](...at);
    isDrawn = isFree;
  }
  brush.stroke();
  brush.setLineDash([]);
}

// The markers of a trace; `growth` is what a marker of size 1 measures, in units of the shapes of MARKS.
function stamp(brush, { mode, x, y, z, marker = {}, opacity = 1 }, place, growth) {
  if (!mode?.includes("markers")) return;
  const symbol = String(marker.symbol ?? "circle"), isOpen = symbol.endsWith("-open"), { color, width = 0 } = marker.line ?? {};
  const shape = new Path2D(MARKS[symbol.replace("-open", "")] ?? MARKS.circle), sizes = decoded(marker.size);
  const [xs, ys, zs] = [x, y, z].map(decoded);
  for (let i = 0; i < xs.length; i++) {
    const { at, isFree } = place(xs[i], ys[i], zs?.[i]), scale = growth * (sizes?.[i] ?? sizes ?? 6);
    if (!isFree || !at.every(Number.isFinite)) continue;
    brush.save();
    brush.translate(...at);
    brush.scale(scale, scale);
    Object.assign(brush, { globalAlpha: opacity, fillStyle: marker.color, strokeStyle: isOpen ? marker.color : color, lineWidth: Math.min(width, 1.2) / scale });
    if (!isOpen) brush.fill(shape);
    if (width) brush.stroke(shape);
    brush.restore();
  }
}

// The numbers along the three edges that have titles.
function writeTicks({ figure: { layout: { scene } }, type }, brush, project) {
  const half = halves(scene), middle = project([0, 0, 0]);
  Object.assign(brush, { font: `${type.ticks}px ${pen.family}`, fillStyle: scene.xaxis.tickfont.color, textAlign: "center", textBaseline: "middle" });
  for (const [name, from, to] of tickedEdges(scene.camera, half, project)) {
    const [a, b] = [project(from), project(to)], length = Math.hypot(...minus(b, a));
    let out = [(b[1] - a[1]) / length, -(b[0] - a[0]) / length];
    if (dot(out, minus(plus(a, minus(b, a), 0.5), middle)) < 0) out = out.map((value) => -value);
    for (const [share, text] of ticksOf(scene[`${name}axis`])) {
      brush.save();
      brush.translate(...plus(project(plus(from, minus(to, from), share)), out, TICK_GAP * type.ticks));
      brush.rotate(Math.atan(out[1] / out[0])); // as gl3d, at right angles to the edge
      brush.fillText(text, 0, 0);
      brush.restore();
    }
  }
}
