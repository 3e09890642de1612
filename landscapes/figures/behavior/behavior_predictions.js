// Decision regions, images with predicted classes, a confusion matrix, a fit, and predictions against targets.

const FINE = 160; // pixels along each side of the regions, between the points of the grid
// Points are lighter on a dark page.
const pointColor = (label, { isDark }) => (isDark ? `color-mix(in srgb, ${classColor(label)} 62%, white)` : classColor(label));
const classColor = (label) => CLASS_COLORS[label % CLASS_COLORS.length];
const nameOf = ({ names }, label) => names?.[label] ?? `class ${label}`;
const wrongWords = (wrong, { examples }, which) => `${wrong} of ${examples} ${which} ${wrong === 1 ? "is" : "are"} classified wrong.`;

DISPLAYS.regions = {
  draw(pen, frame, { classes, margin, predicted }) {
    const { drawn, inks } = frame, side = Math.sqrt(classes.length);
    const { box, x, y } = axes(pen, frame, drawn.box, drawn.axes ?? ["input 1", "input 2"]);
    const colors = CLASS_COLORS.map(channelsOf), scores = new Float32Array(CLASS_COLORS.length);
    // Between grid points the margins are interpolated, each in favour of its own class.
    const paint = (i, j) => {
      const u = (i / (FINE - 1)) * (side - 1), v = (1 - j / (FINE - 1)) * (side - 1);
      const a = Math.min(side - 2, Math.floor(u)), b = Math.min(side - 2, Math.floor(v)), s = u - a, t = v - b;
      scores.fill(0);
      for (const [k, share] of [[b * side + a, (1 - s) * (1 - t)], [b * side + a + 1, s * (1 - t)], [(b + 1) * side + a, (1 - s) * t], [(b + 1) * side + a + 1, s * t]]) scores[classes[k] % scores.length] += share * (margin[k] + 1e-4);
      let best = 0, sum = 0;
      for (let c = 0; c < scores.length; c++) {
        sum += scores[c];
        if (scores[c] > scores[best]) best = c;
      }
      return blend(inks.channels, colors[best], 0.16 + 0.42 * Math.max(0, 2 * scores[best] - sum));
    };
    raster(pen, box, [FINE, FINE], paint);
    const points = arrayOf(drawn.points), labels = arrayOf(drawn.labels)?.flat ?? [];
    const radius = Math.max(2.2, Math.min(4.2, frame.width / 90)) * (labels.length > 150 ? 0.8 : 1);
    within(pen, box, () => {
      for (const wrong of [false, true]) labels.forEach((label, k) => {
        if ((predicted[k] !== label) !== wrong) return;
        const at = [x(points.flat[2 * k]), y(points.flat[2 * k + 1])];
        dot(pen, ...at, wrong ? 1.35 * radius : radius, pointColor(label, inks), wrong ? inks.text : inks.page, wrong ? 1.8 : 1);
      });
    });
    outline(pen, box, inks.faint);
  },
  words: (drawn, { wrong }, which) => (drawn.sentence ?? wrongWords(wrong, drawn, which)),
  key(drawn, inks) {
    const labels = arrayOf(drawn.labels)?.flat ?? drawn.names.map((_, k) => k);
    const classes = [...new Set(labels)].sort((a, b) => a - b).map((label) => [pointColor(label, inks), nameOf(drawn, label)]);
    return drawn.labels ? [...classes, [inks.text, "wrong", "ring"]] : classes;
  },
};

const COLUMNS = 8; // of images

DISPLAYS.images = {
  ratio: ({ images }) => (1.4 * Math.ceil(arrayOf(images).shape[0] / COLUMNS)) / COLUMNS,
  draw(pen, frame, { predicted }) {
    const { drawn, inks, width, height, type } = frame, { flat, shape: [count, tall, wide] } = arrayOf(drawn.images);
    const labels = arrayOf(drawn.labels).flat, rows = Math.ceil(count / COLUMNS);
    const cell = width / COLUMNS, down = height / rows, side = cell - 6;
    pen.textBaseline = "top";
    pen.textAlign = "center";
    for (let k = 0; k < count; k++) {
      const left = (k % COLUMNS) * cell + (cell - side) / 2, top = Math.floor(k / COLUMNS) * down + 2;
      const box = { left, top, right: left + side, bottom: top + side }, isWrong = predicted[k] !== labels[k];
      picture(pen, box, flat.subarray(k * tall * wide, (k + 1) * tall * wide), [wide, tall], inks);
      pen.strokeStyle = isWrong ? WRONG : inks.faint;
      pen.lineWidth = isWrong ? 3 : 1;
      pen.strokeRect(left, top, side, side);
      pen.font = `${isWrong ? 700 : 500} ${Math.max(type, 0.32 * side)}px ${pen.font.split("px ")[1]}`;
      pen.fillStyle = isWrong ? WRONG : inks.soft;
      pen.fillText(predicted[k], left + side / 2, top + side + 2);
    }
  },
  words: (drawn, { wrong }, which) => `${wrongWords(wrong, drawn, which)} Each image has its predicted class.`,
  key: (drawn, inks) => [[WRONG, "wrong", "square"]],
};

const WRONG = "#D55E00";

// A gray image: its strokes have the color of the text.
function picture(pen, box, pixels, [wide, tall], inks) {
  const ink = channelsOf(inks.text);
  raster(pen, box, [wide, tall], (i, j) => blend(inks.channels, ink, Math.max(0, Math.min(1, pixels[j * wide + i]))), false);
}

DISPLAYS.confusion = {
  draw(pen, frame, { counts }) {
    const { inks, width, height, type } = frame, classes = Math.sqrt(counts.length), edge = 2.6 * type;
    const side = Math.min(width, height) - edge - 2, cell = side / classes;
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.fillStyle = inks.soft;
    pen.fillText("predicted class", edge + side / 2, height - 1.15 * type);
    pen.save();
    pen.rotate(-Math.PI / 2);
    pen.fillText("true class", -side / 2, 0);
    pen.restore();
    pen.textBaseline = "middle";
    for (let row = 0; row < classes; row++) {
      const total = counts.subarray(row * classes, (row + 1) * classes).reduce((sum, n) => sum + n, 0) || 1;
      pen.fillStyle = inks.soft;
      pen.fillText(row, edge - 0.7 * type, (row + 0.5) * cell);
      pen.fillText(row, edge + (row + 0.5) * cell, side + 0.7 * type);
      for (let column = 0; column < classes; column++) {
        const n = counts[row * classes + column], share = n / total;
        const color = channelsOf(row === column ? CLASS_COLORS[0] : WRONG), shade = n ? 0.12 + 0.78 * share : 0;
        const [r, g, b] = blend(inks.channels, color, shade);
        pen.fillStyle = `rgb(${r},${g},${b})`;
        pen.fillRect(edge + column * cell + 1, row * cell + 1, cell - 2, cell - 2);
        pen.fillStyle = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#14171c" : "#ffffff";
        if (n) pen.fillText(n, edge + (column + 0.5) * cell, (row + 0.5) * cell);
      }
    }
  },
  words(drawn, { counts }, which) {
    const classes = Math.sqrt(counts.length), right = counts.reduce((sum, n, k) => sum + (k % (classes + 1) ? 0 : n), 0);
    return wrongWords(drawn.examples - right, drawn, which);
  },
};

DISPLAYS.fit = {
  ratio: () => 0.8,
  draw(pen, frame, { curve }) {
    const { drawn, inks, color } = frame, points = arrayOf(drawn.points).flat, targets = arrayOf(drawn.targets).flat;
    const { box, x, y } = axes(pen, frame, drawn.box, ["input", "target"]), [[low, high]] = drawn.box;
    within(pen, box, () => {
      pen.beginPath();
      curve.forEach((value, k) => pen.lineTo(x(low + ((high - low) * k) / (curve.length - 1)), y(value)));
      for (const [ink, width] of [[inks.page, 5], [color, 3]]) {
        pen.strokeStyle = ink;
        pen.lineWidth = width;
        pen.stroke();
      }
      points.forEach((at, k) => dot(pen, x(at), y(targets[k]), 3, inks.faint, inks.soft)); // the curve would hide them
    });
    outline(pen, box, inks.faint);
  },
  words: (drawn, values, which) => `The curve is the model's output; the points are ${drawn.examples} ${which}.`,
};

DISPLAYS.predictions = {
  draw(pen, frame, { predicted }) {
    const { drawn, inks, color } = frame, targets = arrayOf(drawn.targets).flat;
    const { box, x, y } = axes(pen, frame, drawn.box, ["target", "prediction"]);
    within(pen, box, () => {
      pen.beginPath();
      pen.moveTo(box.left, box.bottom);
      pen.lineTo(box.right, box.top);
      pen.strokeStyle = inks.soft;
      pen.lineWidth = 1;
      pen.stroke();
      targets.forEach((target, k) => dot(pen, x(target), y(predicted[k]), 3, color, inks.page));
    });
    outline(pen, box, inks.faint);
  },
  words: (drawn, values, which) => `Each point is one of the ${which}; on the line the prediction is right.`,
};
