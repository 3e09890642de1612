// What a language model predicts: a table of probabilities, and sampled text.

const MAX_CONTEXT = 9; // tokens of a context that are written
const visible = (token) => (token === " " ? "␣" : token);

DISPLAYS.tokens = {
  ratio: (drawn, { at, text }) => (at.length * 19) / 300 + (text.length ? 0.4 : 0.1),
  draw(pen, frame, { seen, at, probabilities, text }) {
    const { drawn, inks, width, height, type } = frame, rows = at.length, size = seen.length / rows;
    const names = drawn.names.map(visible), columns = names.length, truth = arrayOf(drawn.truth)?.flat;
    const family = pen.font.split("px ")[1], mono = `"Source Code Pro", ui-monospace, monospace`;
    const letters = names.every((name) => name.length === 1), between = letters ? "" : " ";
    const wide = letters ? 0.62 : 0.8;
    const left = MAX_CONTEXT * wide * type + 8, cell = (width - left) / columns;
    const textHeight = text.length ? 4.2 * type : 0, top = 1.4 * type, tall = (height - top - textHeight) / rows;
    const ink = channelsOf(CLASS_COLORS[0]);
    pen.textBaseline = "middle";
    pen.font = `${Math.min(type, 0.95 * cell / (letters ? 0.62 : 1.1) , tall)}px ${mono}`;
    pen.textAlign = "center";
    pen.fillStyle = inks.soft;
    names.forEach((name, k) => pen.fillText(name, left + (k + 0.5) * cell, top / 2));
    for (let row = 0; row < rows; row++) {
      const y = top + row * tall, tokens = seen.subarray(row * size, (row + 1) * size), hole = tokens[at[row]] < 0;
      const first = Math.max(0, at[row] - (hole ? MAX_CONTEXT >> 1 : MAX_CONTEXT - 1));
      const context = Array.from(tokens.slice(first, hole ? first + MAX_CONTEXT : at[row] + 1), (token, k) =>
        first + k === at[row] && hole ? "?" : token < 0 ? "_" : names[token]);
      pen.font = `${Math.min(type, tall)}px ${mono}`;
      pen.textAlign = "right";
      pen.fillStyle = inks.text;
      pen.fillText(context.join(between), left - 6, y + tall / 2);
      for (let k = 0; k < columns; k++) {
        const [r, g, b] = blend(inks.channels, ink, 0.05 + 0.95 * probabilities[row * columns + k]);
        pen.fillStyle = `rgb(${r},${g},${b})`;
        pen.fillRect(left + k * cell + 0.5, y + 0.5, cell - 1, tall - 1);
      }
      if (truth) {
        pen.strokeStyle = MODEL_COLOR;
        pen.lineWidth = 2;
        pen.strokeRect(left + truth[row] * cell + 1, y + 1, cell - 2, tall - 2);
      }
    }
    if (!text.length) return;
    pen.textAlign = "left";
    pen.font = `${type}px ${mono}`;
    const advance = pen.measureText("m").width, perLine = Math.floor(width / advance);
    const line = [...Array.from(arrayOf(drawn.prompt).flat, (token) => [drawn.names[token], inks.soft]), ...Array.from(text, (token) => [drawn.names[token], inks.text])];
    let x = 0, y = height - textHeight + 1.1 * type;
    for (const [name, color] of line) {
      const step = (name.length + (letters ? 0 : 1)) * advance;
      if (x + step > perLine * advance) (x = 0), (y += 1.25 * type);
      pen.fillStyle = color;
      pen.fillText(name, x, y);
      x += step;
    }
  },
  words(drawn, { seen, at, right, text }, which) {
    const size = seen.length / at.length, hides = at.some((t, row) => seen[row * size + t] < 0);
    const context = hides ? "a context with hidden tokens, _ and ?" : "a context";
    const truth = drawn.truth ? ` The likeliest token is right for ${right} of ${drawn.targets} targets of the ${which}.` : "";
    return `Each row is ${context}; the color is the probability of each token${hides ? " at ?" : ""}.${truth}${text.length ? " Below: sampled text after a given beginning." : ""}`;
  },
  key: (drawn) => (drawn.truth ? [[MODEL_COLOR, "the token that follows", "ring"]] : []),
};

DISPLAYS.experts = {
  ratio: (drawn) => (drawn.names.length + 2) / 16,
  draw(pen, { drawn, inks, width, height, type }, { shares, total }) {
    const names = [...drawn.names.map(visible), "all"], experts = total.length, tall = height / (names.length + 0.5);
    const left = 2.6 * type, wide = width - left;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    names.forEach((name, row) => {
      const isAll = row === names.length - 1, y = row * tall + (isAll ? 0.5 * tall : 0);
      const share = isAll ? total : shares.subarray(row * experts, (row + 1) * experts);
      pen.fillStyle = isAll ? inks.text : inks.soft;
      pen.fillText(name, left - 6, y + tall / 2);
      let x = left;
      share.forEach((part, k) => {
        pen.fillStyle = classColor(k);
        pen.fillRect(x, y + 1, part * wide, tall - 2);
        x += part * wide;
      });
    });
  },
  words: (drawn, { total, right }, which) =>
    `The share of each token's places in the ${which} that go to each expert: ${Array.from(total, percentOf).join(", ")} of all. ` +
    `The likeliest token is right for ${right} of ${drawn.targets} targets.`,
  key: (drawn, inks, { total }) => Array.from(total, (share, k) => [classColor(k), `expert ${k + 1}`, "square"]),
};
