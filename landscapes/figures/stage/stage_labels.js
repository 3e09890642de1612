// The labels at the ends of the paths of a scene or a contour plot, and the color scale along its height axis. Both are HTML above the
// plot and follow the camera.

// Offsets of a label from its point: directions in degrees on the screen and distances in pixels.
const LABEL_DIRECTIONS = [0, 180, 315, 225, 45, 135, 270, 90], LABEL_DISTANCES = [9, 20, 36, 56, 80, 110, 150];
const LEADER_PIXELS = 18; // a label farther from its point has a line to it
const MAX_COVERED_POINTS = 240; // points of paths that labels avoid, of all paths together
const COVER_COST = 4, CHANGE_COST = 8; // pixels of distance that a covered point or a change of place counts
const LABEL_CONTRAST = 4.6; // of the text with the page; WCAG 2.2 requires 4.5
const SCALE_WIDTH = 5, SCALE_OFFSET = 1; // pixels

// Takes the labels out of the layout: [{label, step, text}], where `text` replaces the label from that step on.
function takeLabels(stage) {
  const { data, layout: { scene, meta } } = stage.figure;
  const [page, ink] = ["--st-background-color", "--st-text-color"].map((name) => rgb(stage.root, name));
  stage.ends = (scene?.annotations ?? []).flatMap(({ name, text }) => {
    const [, kind, step, label] = /^(end|stop) (\d+) (.*)$/s.exec(name ?? "") ?? [];
    if (!kind) return [];
    const path = data.find(({ meta }) => meta?.role === "path" && meta.label === label);
    const color = labelColor(path.line.color, page, ink);
    return [{ label, text, color, step: kind === "stop" ? Number(step) : Infinity }];
  });
  if (scene) scene.annotations = [];
  else if (meta.kind === "contour" && !meta.narrow) stage.ends = data.flatMap(({ meta, line }) =>
    meta?.role === "path" && meta.label ? [{ label: meta.label, text: meta.label, color: labelColor(line.color, page, ink), step: Infinity }] : []);
}

// The color "#rrggbb", blended with the text color until text in it is readable on the page. As in landscapes/figures/palette.py.
function labelColor(color, page, text) {
  const channels = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  const linear = (c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (rgb) => dot([0.2126, 0.7152, 0.0722], rgb.map(linear)) + 0.05;
  for (let share = 0; ; share += 0.1) {
    const blend = channels.map((c, i) => Math.round((1 - share) * c + share * text[i]));
    const [dark, light] = [luminance(blend), luminance(page)].sort((a, b) => a - b);
    if (light / dark >= LABEL_CONTRAST || share > 0.95) return `rgb(${blend.join(",")})`;
  }
}

// Position of a point of the figure in the coordinates of its camera.
function inScene({ meta: { box }, scene }) {
  const half = halves(scene), spans = [...box, scene.zaxis.range];
  return (point) => point.map((value, i) => ((value - spans[i][0]) / (spans[i][1] - spans[i][0]) - 0.5) * 2 * half[i]);
}

// The last point of a path inside the picture up to the current step, or undefined.
function endOf(stage, track) {
  const [[left, right], [low, high]] = stage.figure.layout.meta.box;
  for (let i = count(track.steps, stage.step) - 1; i >= 0; i--) {
    const [x, y, z] = [track.x[i], track.y[i], track.z?.[i] ?? 0];
    if (x >= left && x <= right && y >= low && y <= high && Number.isFinite(z)) return [x, y, z + markerLift(stage)];
  }
}

// Maps points of the figure to pixels of the stage, and the area that labels may cover: [left, top, right, bottom].
function labelArea(stage, camera) {
  const { offsetWidth: width, offsetHeight: height } = stage.plot;
  if (camera) {
    const project = projection(camera, width, height), position = inScene(stage.figure.layout);
    return { pixelOf: (point) => project(position(point)), area: [0, 0, width, height] };
  }
  if (stage.flat) return stage.flat; // of a sketch
  const { xaxis, yaxis } = stage.plot._fullLayout;
  const pixelOf = ([x, y]) => [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y)];
  return { pixelOf, area: [xaxis._offset, yaxis._offset, xaxis._offset + xaxis._length, yaxis._offset + yaxis._length] };
}

// [{text, color, at, half}] of the visible labels: pixels of their points and half of their sizes.
function labelsToPlace(stage, pixelOf, [left, top, right, bottom]) {
  const { figure: { data }, type: { size } } = stage;
  return (stage.ends ?? []).flatMap(({ label, text, step, color }) => {
    const track = stage.tracks.find((each) => each.role === "path" && each.label === label);
    const shown = track && ![false, "legendonly"].includes(data[track.index].visible);
    const end = shown && endOf(stage, track);
    if (!end) return [];
    const words = stage.step >= step ? text : label, at = pixelOf(end);
    if (!(at[0] >= left && at[0] <= right && at[1] >= top && at[1] <= bottom)) return []; // in a zoomed contour plot
    return [{ label, color, text: words, at, half: [widthOf(words, size) * 0.53 + 3, 0.68 * size] }];
  });
}

// Pixels of points along the visible paths.
function pathPixels(stage, pixelOf) {
  const { data } = stage.figure;
  const paths = stage.tracks.filter(({ role, index }) => role === "path" && data[index].visible !== "legendonly");
  const points = MAX_COVERED_POINTS / (paths.length || 1);
  return paths.flatMap(({ steps, x, y, z }) => {
    const end = count(steps, stage.step), stride = Math.max(1, end / points), found = [];
    for (let i = 0; i < end; i += stride) found.push(pixelOf([x, y, z].map((axis) => axis?.[Math.floor(i)])));
    return found;
  });
}

const boxAround = ([x, y], [w, h]) => [x - w, y - h, x + w, y + h];
const cornersOf = ([l, t, r, b]) => [[l, t], [r, t], [r, b], [l, b]];

// Whether two convex polygons have a line between them.
function apart(some, others) {
  return [some, others].some((polygon) => polygon.some((a, i) => {
    const edge = minus(polygon[(i + 1) % polygon.length], a), normal = [edge[1], -edge[0]];
    const [p, q] = [some, others].map((each) => each.map((point) => dot(normal, point)));
    return Math.max(...p) <= Math.min(...q) || Math.max(...q) <= Math.min(...p);
  }));
}

// Adds to each label the center that is nearest to its point, covers nothing that must be read, and little of the paths.
function spread(stage, labels, titles, points, [left, top, right, bottom]) {
  const before = (stage.spread ??= new Map()), taken = titles.map(({ corners }) => corners.slice(0, 4));
  const heads = labels.map(({ at }) => cornersOf(boxAround(at, [6, 6])));
  for (const [i, one] of labels.entries()) {
    let best, least = Infinity;
    for (const [k, distance] of LABEL_DISTANCES.entries()) for (const [j, degrees] of LABEL_DIRECTIONS.entries()) {
      const angle = (degrees * Math.PI) / 180, toward = [Math.cos(angle), Math.sin(angle)];
      const offset = toward.map((value, axis) => value * (distance + one.half[axis]));
      const center = plus(one.at, offset), box = boxAround(center, one.half), [l, t, r, b] = box;
      const place = k * LABEL_DIRECTIONS.length + j;
      let cost = distance + j + (before.get(one.label) === place ? 0 : CHANGE_COST);
      for (const [x, y] of points) if (x > l && x < r && y > t && y < b) cost += COVER_COST;
      if (cost >= least || Math.min(l - left, t - top, right - r, bottom - b) < EDGE / 2) continue;
      const free = [...taken, ...heads.filter((_, other) => other !== i)].every((each) => apart(cornersOf(box), each));
      if (free) [best, least] = [{ center, place, far: distance > LEADER_PIXELS }, cost];
    }
    Object.assign(one, best ?? { center: undefined });
    if (!best) continue;
    before.set(one.label, best.place);
    taken.push(cornersOf(boxAround(one.center, one.half)));
  }
  return labels.filter(({ center }) => center);
}

// Places the labels for the current camera and step. A label without a free place is left out: the legend has it.
function placeLabels(stage, camera, titles) {
  const layer = stage.root.querySelector(".stage-labels");
  let labels = [];
  if (camera || (stage.ends?.length && !stage.figure?.layout.scene && (stage.flat ?? stage.plot._fullLayout?.xaxis))) {
    const { pixelOf, area } = labelArea(stage, camera), wanted = labelsToPlace(stage, pixelOf, area);
    labels = spread(stage, wanted, titles, wanted.length ? pathPixels(stage, pixelOf) : [], area);
  }
  stage.placed = labels;
  const [lines, ...nodes] = layer.children;
  lines.innerHTML = labels.filter(({ far }) => far).map(({ at, center, half, color }) => {
    const end = center.map((value, i) => Math.min(value + half[i], Math.max(value - half[i], at[i])));
    return `<path d="M${at}L${end}" stroke="${color}"/>`;
  }).join("");
  for (const node of nodes.slice(labels.length)) node.remove();
  labels.forEach(({ text, color, center: [x, y] }, i) => {
    const node = nodes[i] ?? layer.appendChild(document.createElement("div"));
    if (node.textContent !== text) node.textContent = text;
    node.style.color = color;
    node.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
  });
}

// The labels as annotations of the figure, for an image.
function labelAnnotations(stage) {
  const { figure: { layout }, type: { size } } = stage;
  const ends = new Map(stage.tracks.filter(({ role }) => role === "path").map((track) => [track.label, track]));
  return (stage.placed ?? []).map(({ label, text, color, at, center }) => {
    const [x, y, z] = endOf(stage, ends.get(label)), [ax, ay] = minus(center, at);
    return {
      x, y, z, text, ax, ay, arrowhead: 0, arrowwidth: 1, arrowcolor: color, bgcolor: "white", opacity: 0.85,
      font: { ...layout.font, size, color },
    };
  });
}

// Heights of the lowest and the highest color in a scene: the floor is below, and room for markers above.
function colorSpan({ meta: { depth = 0, headroom = 0 } }, half) {
  return [depth, 1 + depth].map((share) => (share / (1 + depth + headroom) - 0.5) * 2 * half[2]);
}

// The colors of the heights along the height axis, at the projected heights of the color scale's stops.
function placeScale(stage, camera) {
  const node = stage.root.querySelector(".stage-scale"), { data, layout } = stage.figure ?? {};
  const surface = camera && data.find(({ meta }) => meta?.role === "surface");
  node.hidden = !surface || !Array.isArray(surface.colorscale);
  if (node.hidden) return;
  const project = projection(camera, stage.plot.offsetWidth, stage.plot.offsetHeight), half = halves(layout.scene);
  const [, from] = tickedEdges(camera, half, project)[2], [low, high] = colorSpan(layout, half);
  const at = (share) => project([from[0], from[1], low + share * (high - low)]);
  const bottom = at(0), along = minus(at(1), bottom), length = Math.hypot(...along);
  const stops = surface.colorscale.map(([share, color]) => `${color} ${(100 * Math.hypot(...minus(at(share), bottom))) / length}%`);
  const [x, y] = plus(bottom, along, 0.5), angle = Math.atan2(along[1], along[0]) + Math.PI / 2;
  node.style.background = `linear-gradient(to top, ${stops.join(", ")})`;
  Object.assign(node.style, { width: `${SCALE_WIDTH}px`, height: `${length}px` });
  node.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%) rotate(${angle}rad) translateX(${-SCALE_OFFSET}px)`;
}
