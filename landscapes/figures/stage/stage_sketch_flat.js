// Sketches a contour plot; see stage_sketch.js.

function sketchContour(stage, surface, brush, width, height) {
  const { figure: { data, layout }, type: { ticks } } = stage, { margin: { l, r, t, b }, xaxis, yaxis } = layout;
  const apart = xaxis.ticklabelstandoff ?? 0;
  const [[left, right], [low, high]] = [xaxis.range, yaxis.range], area = [width - l - r, height - t - b];
  const across = (x) => l + ((x - left) / (right - left)) * area[0], up = (y) => t + area[1] * (1 - (y - low) / (high - low));
  const place = (x, y) => ({ at: [across(x), up(y)], isFree: Number.isFinite(x) && Number.isFinite(y) });
  const grid = decoded(surface.z), x = decoded(surface.x), y = decoded(surface.y), columns = x.length, count = columns * y.length;
  const nodes = { columns, rows: y.length, height: Float32Array.from({ length: count }, (_, k) => grid[(k / columns) | 0][k % columns] ?? NaN), light: new Float32Array(count).fill(1) };
  const pixels = {
    px: Float32Array.from({ length: count }, (_, k) => across(x[k % columns])), py: Float32Array.from({ length: count }, (_, k) => up(y[(k / columns) | 0])),
    pn: Float32Array.from(nodes.height, (value) => (Number.isFinite(value) ? 1 : NaN)),
  };
  const { colorscale, zmin, zmax, contours: { start, end, size }, line: { color } } = surface;
  brush.save();
  brush.beginPath();
  brush.rect(l, t, ...area);
  brush.clip();
  brush.drawImage(painted(raster(nodes, pixels, width, height), { colorscale, range: [zmin, zmax], color, start, end, size }, false), 0, 0);
  const traces = data.filter(({ type = "scatter", visible = true }) => type === "scatter" && visible === true);
  for (const trace of traces) {
    strokeTrace(brush, trace, place, 1);
    stamp(brush, trace, place, FLAT_MARKER);
  }
  brush.restore();
  Object.assign(brush, { fillStyle: `${stage.ink}0.8)`, font: `${ticks}px ${pen.family}`, textBaseline: "middle" });
  const auto = (pixels, least) => Math.min(9, Math.max(4, pixels / least)) + 1; // as many ticks as Plotly would take
  brush.textAlign = "center";
  for (const [share, text] of ticksOf({ range: xaxis.range, nticks: auto(area[0], 80) })) brush.fillText(text, l + share * area[0], t + area[1] + apart + 0.9 * ticks);
  brush.textAlign = "right";
  for (const [share, text] of ticksOf({ range: yaxis.range, nticks: auto(area[1], 40) })) brush.fillText(text, l - 4, up(low + share * (high - low)));
  writeLines(stage, brush, xaxis.title.text, [l + area[0] / 2, t + area[1] + apart + 1.6 * ticks], 0, 1);
  writeLines(stage, brush, yaxis.title.text, [l - 5 - tickWidth({ range: yaxis.range }, ticks), t + area[1] / 2], -Math.PI / 2, -1);
  sketchBar(stage, surface, brush, [l + area[0] + 14, t, area[1]]);
  stage.flat = { pixelOf: ([x, y]) => place(x, y).at, area: [l, t, l + area[0], t + area[1]] };
}

// The color bar beside the plot. Below it, in a narrow stage, there is none in the sketch.
function sketchBar(stage, { colorbar: bar, colorscale, zmin, zmax }, brush, [left, top, length]) {
  const { ticks } = stage.type;
  if (bar?.orientation !== "v") return;
  const gradient = (brush.fillStyle = brush.createLinearGradient(0, top + length, 0, top));
  for (const [share, color] of colorscale) gradient.addColorStop(share, color);
  brush.fillStyle = gradient;
  brush.fillRect(left, top, COLOR_BAR_PIXELS, length);
  Object.assign(brush, { fillStyle: `${stage.ink}0.8)`, font: `${ticks}px ${pen.family}`, textAlign: "left" });
  const axis = { ...bar, range: [zmin, zmax], nticks: bar.nticks || 7 };
  for (const [share, text] of ticksOf(axis)) brush.fillText(text, left + COLOR_BAR_PIXELS + 5, top + (1 - share) * length);
  const room = tickWidth({ ticktext: bar.ticktext, range: [zmin, zmax] }, ticks);
  writeLines(stage, brush, bar.title.text, [left + COLOR_BAR_PIXELS + room + 5, top + length / 2], -Math.PI / 2, 1);
}

// The lines of a title, side by side from a point on: downward (1) or upward (-1) in the direction of the text.
function writeLines({ type: { size }, ink }, brush, text, at, angle, way) {
  const lines = text.split("<br>");
  brush.save();
  brush.translate(...at);
  brush.rotate(angle);
  Object.assign(brush, { fillStyle: `${ink}1)`, font: `${size}px ${pen.family}`, textAlign: "center", textBaseline: "middle" });
  lines.forEach((line, i) => brush.fillText(plain(line), 0, LINE_HEIGHT * size * (way > 0 ? i + 0.5 : i + 0.5 - lines.length)));
  brush.restore();
}
