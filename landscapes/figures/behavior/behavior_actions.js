// What policies do, what was learned about completions, and which images an encoder finds similar.

const MOVES = [[0, -1], [1, 0], [0, 1], [-1, 0]]; // up, right, down, left

DISPLAYS.moves = {
  ratio: ({ world }) => world.length / world[0].length,
  draw(pen, { drawn: { world }, inks, width, color }, { probabilities }) {
    const cell = width / world[0].length;
    let state = 0;
    world.forEach((row, j) => [...row].forEach((mark, i) => {
      const left = i * cell + 1, top = j * cell + 1, side = cell - 2, [x, y] = [left + side / 2, top + side / 2];
      const fills = { G: [WINS_COLOR, 0.55], P: [LOSES_COLOR, 0.55], "#": [inks.text, 0.35] };
      const [ink, share] = fills[mark] ?? [inks.text, 0.05], [r, g, b] = blend(inks.channels, channelsOf(ink), share);
      pen.fillStyle = `rgb(${r},${g},${b})`;
      pen.fillRect(left, top, side, side);
      pen.fillStyle = inks.text;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      if (mark === "G" || mark === "P") pen.fillText(mark === "G" ? "goal +1" : "pit −1", x, y);
      if (!".S".includes(mark)) return;
      if (mark === "S") {
        pen.textBaseline = "bottom";
        pen.textAlign = "left";
        pen.fillText("start", left + 4, top + side - 2);
      }
      MOVES.forEach(([dx, dy], a) => arrow(pen, [x, y], [dx, dy], 0.46 * side * probabilities[4 * state + a], inks.text));
      state += 1;
    }));
  },
  words: () => "An arrow is as long as its move is probable; one that reaches the border of its cell is certain.",
};

function arrow(pen, [x, y], [dx, dy], length, color) {
  if (length < 1.5) return;
  const head = Math.min(8, 0.5 * length), [tx, ty] = [x + dx * length, y + dy * length];
  pen.strokeStyle = pen.fillStyle = color;
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(tx - dx * head, ty - dy * head);
  pen.stroke();
  pen.beginPath();
  pen.moveTo(tx, ty);
  pen.lineTo(tx - dx * head - 0.6 * dy * head, ty - dy * head - 0.6 * dx * head);
  pen.lineTo(tx - dx * head + 0.6 * dy * head, ty - dy * head + 0.6 * dx * head);
  pen.fill();
}

DISPLAYS.arms = {
  ratio: () => 0.7,
  draw(pen, { drawn, inks, width, height, type, color }, { probabilities }) {
    const rewards = arrayOf(drawn.rewards).flat, wide = width / rewards.length, floor = height - 1.6 * type, top = 1.6 * type;
    pen.textAlign = "center";
    probabilities.forEach((share, k) => {
      const tall = (floor - top) * share, x = (k + 0.5) * wide;
      pen.fillStyle = color;
      pen.fillRect(x - 0.3 * wide, floor - tall, 0.6 * wide, tall);
      pen.fillStyle = inks.text;
      pen.textBaseline = "bottom";
      pen.fillText(percentOf(share), x, floor - tall - 2);
      pen.textBaseline = "top";
      pen.fillText(`reward ${rounded(rewards[k])}`, x, floor + 4);
    });
    pen.strokeStyle = inks.faint;
    pen.beginPath();
    pen.moveTo(0, floor);
    pen.lineTo(width, floor);
    pen.stroke();
  },
  words: (drawn, { probabilities }) => {
    const rewards = arrayOf(drawn.rewards).flat;
    return `The policy's probability of each arm; its expected reward is ${rounded(probabilities.reduce((sum, p, k) => sum + p * rewards[k], 0))}.`;
  },
};

DISPLAYS.pushes = {
  draw: (pen, frame, values) => DISPLAYS.regions.draw(pen, { ...frame, drawn: { ...frame.drawn, axes: ["pole's angle, radians", "its velocity, radians/s"], points: undefined } }, { ...values, predicted: [] }),
  words: () => "The likelier push where the cart is at rest in the middle; deeper color: more probable.",
  key: () => [[classColor(0), "push left"], [classColor(1), "push right"]],
};

DISPLAYS.scores = {
  draw(pen, frame, { score, probability }) {
    const { drawn, inks, color, width } = frame, truth = arrayOf(drawn.truth).flat;
    const ends = (numbers) => {
      const low = Math.min(...numbers), high = Math.max(...numbers), more = 0.08 * (high - low || 1);
      return [low - more, high + more];
    };
    const { box, x, y } = axes(pen, frame, [ends(truth), ends(score)], ["true reward", drawn.name]);
    const order = Array.from(score.keys()).sort((a, b) => probability[b] - probability[a]);
    within(pen, box, () => {
      for (const k of order) dot(pen, x(truth[k]), y(score[k]), 1.5 + 0.13 * width * Math.sqrt(probability[k]), `color-mix(in srgb, ${color} 70%, transparent)`, inks.page);
    });
    outline(pen, box, inks.faint);
  },
  words(drawn, { probability }) {
    const truth = arrayOf(drawn.truth).flat, mean = probability.reduce((sum, p, k) => sum + p * truth[k], 0);
    const expected = drawn.whose === "policy" ? ` Its expected true reward is ${rounded(mean)}.` : "";
    return `Each point is a completion, with an area that is its probability under the ${drawn.whose}.${expected}`;
  },
};

DISPLAYS.similarities = {
  draw(pen, { drawn, inks, width, type }, { cosine }) {
    const labels = arrayOf(drawn.labels).flat, count = labels.length, edge = 1.6 * type, side = width - edge;
    const [like, unlike] = [CLASS_COLORS[0], WRONG].map(channelsOf), box = { left: edge, top: edge, right: width, bottom: width };
    raster(pen, box, [count, count], (i, j) => blend(inks.channels, cosine[j * count + i] > 0 ? like : unlike, Math.min(1, Math.abs(cosine[j * count + i]))), false);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = inks.soft;
    for (let from = 0, to; from < count; from = to) {
      for (to = from; labels[to] === labels[from]; ) to++;
      const middle = edge + (side * (from + to)) / 2 / count;
      pen.fillText(labels[from], middle, edge / 2);
      pen.fillText(labels[from], edge / 2, middle);
    }
    outline(pen, box, inks.faint);
  },
  words({ has_labels }, _, examples) {
    const classes = has_labels ? "that the encoder learns from" : "which the encoder has not seen";
    return `The cosine between the embeddings of two ${examples}, by their classes${has_labels ? "" : ","} ${classes}.`;
  },
  key: () => [[CLASS_COLORS[0], "alike (1)", "square"], [WRONG, "opposite (−1)", "square"]],
};

// Rows are examples in the order of their classes, columns the directions of the classes.
DISPLAYS.classcosines = {
  draw(pen, { drawn, inks, width, type }, { cosine }) {
    const labels = arrayOf(drawn.labels).flat, count = labels.length, classes = cosine.length / count, edge = 1.6 * type;
    const [like, unlike] = [CLASS_COLORS[0], WRONG].map(channelsOf), box = { left: edge, top: edge, right: width, bottom: width };
    raster(pen, box, [classes, count], (i, j) => blend(inks.channels, cosine[j * classes + i] > 0 ? like : unlike, Math.min(1, Math.abs(cosine[j * classes + i]))), false);
    const x = (c) => edge + ((width - edge) * c) / classes, y = (k) => edge + ((width - edge) * k) / count;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = inks.soft;
    for (let c = 0; c < classes; c++) pen.fillText(c, x(c + 0.5), edge / 2);
    for (let from = 0, to; from < count; from = to) {
      for (to = from; labels[to] === labels[from]; ) to++;
      pen.fillText(labels[from], edge / 2, y((from + to) / 2));
      outline(pen, { left: x(labels[from]), top: y(from), right: x(labels[from] + 1), bottom: y(to) }, inks.text);
    }
    outline(pen, box, inks.faint);
  },
  words(drawn, { cosine }, examples) {
    const labels = arrayOf(drawn.labels).flat, count = labels.length, classes = cosine.length / count;
    let nearest = 0, angle = 0;
    labels.forEach((label, k) => {
      const row = cosine.subarray(k * classes, (k + 1) * classes);
      if (row.indexOf(Math.max(...row)) === label) nearest++;
      angle += (Math.acos(Math.max(-1, Math.min(1, row[label]))) * 180) / Math.PI / count;
    });
    return `The cosine between an embedding (row, by its class) and the axis of a class (column). Of ${count} ${examples}, ${nearest} are nearest to the axis of their class; the angle to it is ${Math.round(angle)}° on average.`;
  },
  key: DISPLAYS.similarities.key,
};
