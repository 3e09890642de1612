// What generators generate: images, points beside the data, the discriminator's map; and reconstructions.

const DATA_COLOR = "#0072B2", MODEL_COLOR = "#E69F00", LOSES_COLOR = "#D55E00", WINS_COLOR = "#009E73";
const dataAndModel = (drawn, inks) => [[DATA_COLOR, "data"], [MODEL_COLOR, "generated"]];

// Rows of images, each with its name above it.
function strips(pen, { width, inks, type }, rows, columns) {
  const cell = width / columns, side = cell - 4;
  let top = 0;
  pen.textAlign = "left";
  pen.textBaseline = "top";
  for (const [name, images, shape] of rows) {
    pen.fillStyle = inks.soft;
    pen.fillText(name, 0, top);
    top += 1.3 * type;
    images.forEach((pixels, k) => {
      const left = (k % columns) * cell, at = top + Math.floor(k / columns) * cell;
      const box = { left, top: at, right: left + side, bottom: at + side };
      picture(pen, box, pixels, shape, inks);
      outline(pen, box, inks.faint);
    });
    top += Math.ceil(images.length / columns) * cell + 4;
  }
}

const cut = (flat, size) => Array.from({ length: flat.length / size }, (_, k) => flat.subarray(k * size, (k + 1) * size));

DISPLAYS.reconstructions = {
  ratio: () => 3 / 8 + 0.24,
  draw(pen, frame, { reconstructed, sampled }) {
    const { flat, shape: [count, tall, wide] } = arrayOf(frame.drawn.images), size = tall * wide, shape = [wide, tall];
    const rows = [["images", flat], ["decoded from their codes", reconstructed], ["generated from random codes", sampled]];
    strips(pen, frame, rows.map(([name, pixels]) => [name, cut(pixels, size), shape]), count);
  },
  words: () => "Each image above what the decoder makes of its code. The random codes are the same at every step.",
};

DISPLAYS.pictures = {
  ratio: () => 4 / 6 + 0.1,
  draw(pen, frame, { sampled }) {
    const [tall, wide] = frame.drawn.shape;
    strips(pen, frame, [["generated", cut(sampled, tall * wide), [wide, tall]]], 6);
  },
  words: () => "Images from the generator. Its random numbers are the same at every step.",
};

// The points of the data and those that the model generates, over a map of the box.
function clouds(pen, frame, sampled, names, paint, grid) {
  const { drawn, inks } = frame, points = arrayOf(drawn.points).flat;
  const { box, x, y } = axes(pen, frame, drawn.box, names);
  if (paint) raster(pen, box, [grid, grid], paint);
  within(pen, box, () => {
    for (const [flat, color] of [[points, DATA_COLOR], [sampled, MODEL_COLOR]]) {
      for (let k = 0; k < flat.length; k += 2) dot(pen, x(flat[k]), y(flat[k + 1]), 3, color, inks.page);
    }
  });
  outline(pen, box, inks.faint);
}

DISPLAYS.samples = {
  draw: (pen, frame, { sampled }) => clouds(pen, frame, sampled, ["value 1", "value 2"]),
  words: () => "Points that the model generates, beside the data. Its random numbers are the same at every step.",
  key: dataAndModel,
};

DISPLAYS.adversaries = {
  draw(pen, frame, { sampled, realness }) {
    const { inks } = frame, side = Math.sqrt(realness.length), [real, fake] = [WINS_COLOR, LOSES_COLOR].map(channelsOf);
    const paint = (i, j) => {
      const sure = 2 * realness[(side - 1 - j) * side + i] - 1;
      return blend(inks.channels, sure > 0 ? real : fake, 0.55 * Math.abs(sure));
    };
    clouds(pen, frame, sampled, ["value 1", "value 2"], paint, side);
  },
  words: () => "The background is the discriminator: it believes points real where its probability is above ½.",
  key: (drawn, inks) => [...dataAndModel(drawn, inks), [WINS_COLOR, "believed real", "square"], [LOSES_COLOR, "believed generated", "square"]],
};

DISPLAYS.duel = {
  ratio: () => 0.7,
  draw(pen, frame, { sampled, logits }) {
    const { drawn, inks } = frame, { box, x, y } = axes(pen, frame, drawn.box, ["x", "D(x)"]), [[low, high]] = drawn.box;
    within(pen, box, () => {
      for (const [from, to] of [[[low, 0], [high, 0]]]) {
        pen.beginPath();
        pen.moveTo(x(from[0]), y(from[1]));
        pen.lineTo(x(to[0]), y(to[1]));
        pen.strokeStyle = inks.faint;
        pen.lineWidth = 1;
        pen.stroke();
      }
      pen.beginPath();
      logits.forEach((value, k) => pen.lineTo(x(low + ((high - low) * k) / (logits.length - 1)), y(value)));
      pen.strokeStyle = WINS_COLOR;
      pen.lineWidth = 3;
      pen.stroke();
      for (const value of arrayOf(drawn.points).flat) dot(pen, x(value), y(0), 7, DATA_COLOR, inks.page);
      for (const value of sampled) dot(pen, x(value), y(0), 7, MODEL_COLOR, inks.page);
    });
    outline(pen, box, inks.faint);
  },
  words: ({ box: [[low, high]] }, { sampled: [value] }) => `The generator is at ${rounded(value)}${value < low || value > high ? ", outside of the picture" : ""}; the data are at 0.`,
  key: (drawn, inks) => [...dataAndModel(drawn, inks), [WINS_COLOR, "discriminator", "line"]],
};

DISPLAYS.histogram = {
  ratio: () => 0.75,
  draw(pen, frame, { density }) {
    const { drawn, inks } = frame, { box, x, y } = axes(pen, frame, drawn.box, ["value", "density"]), [[low, high]] = drawn.box;
    const data = arrayOf(drawn.density).flat, edge = (k) => x(low + ((high - low) * k) / data.length);
    within(pen, box, () => {
      data.forEach((value, k) => {
        pen.fillStyle = `color-mix(in srgb, ${DATA_COLOR} 55%, ${inks.page})`;
        pen.fillRect(edge(k) + 0.5, y(value), edge(k + 1) - edge(k) - 1, box.bottom - y(value));
      });
      pen.beginPath();
      density.forEach((value, k) => (pen.lineTo(edge(k), y(value)), pen.lineTo(edge(k + 1), y(value))));
      pen.strokeStyle = MODEL_COLOR;
      pen.lineWidth = 3;
      pen.stroke();
    });
    outline(pen, box, inks.faint);
  },
  words: () => "The density of the data, and of numbers that the model generates.",
  key: (drawn) => [[DATA_COLOR, "data", "square"], [MODEL_COLOR, "generated", "line"]],
};
