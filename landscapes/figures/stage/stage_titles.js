// The titles of the axes of a scene, as HTML above the plot.

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
      corners.push(plus(project(plus(from, minus(to, from), share)), out, 0.85 * ticks));
    }
    // The ends of the color scale.
    if (name === "z") for (const height of colorSpan(stage.figure.layout, half)) {
      corners.push(plus(project([from[0], from[1], height]), out, SCALE_OFFSET + SCALE_WIDTH));
    }
    return [{ name, lines, at, angle, corners }];
  });
}

// Positions of an axis' first and last tick, as shares of its length.
function outerTicks(axis) {
  const ticks = ticksOf(axis);
  return [ticks[0], ticks.at(-1)].map(([share]) => share);
}

// An axis' ticks, as shares of its length, with their texts. Plotly's step is the smallest above the rough one among 1, 2
// and 5 times powers of ten.
function ticksOf({ range: [low, high], nticks = 6, tickvals, ticktext }) {
  const rough = (high - low) / nticks, base = 10 ** Math.floor(Math.log10(rough));
  const step = base * [1, 2, 5, 10].find((each) => each * base > rough * 1.0001), first = Math.ceil(low / step);
  const all = decoded(tickvals) ?? Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
  return Array.from(all, (tick, i) => [(tick - low) / (high - low), ticktext ? plain(ticktext[i]) : short(tick)]);
}

// Places the axis titles, the labels and the color scale for the current camera.
function placeTitles(stage, camera = stage.figure?.layout.scene && stage.plot._fullLayout?.scene?._scene?.getCamera()) {
  const layer = stage.root.querySelector(".stage-titles");
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
  placeLabels(stage, camera, titles);
  placeScale(stage, camera);
}
