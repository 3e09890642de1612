// The solution of a differential equation, by the network and exact: curves, or maps over space and time.

const POSITIVE = "#D55E00", NEGATIVE = "#0072B2"; // of values on either side of 0

// ‖u − exact‖/‖exact‖ in words.
function relativeError(network, exact) {
  let distance = 0, size = 0;
  exact.forEach((value, k) => (distance += (network[k] - value) ** 2, size += value ** 2));
  return `The relative error of u is ${rounded(100 * Math.sqrt(distance / size), 2)} %.`;
}

DISPLAYS.curve = {
  ratio: () => 0.8,
  draw(pen, frame, { network, exact }) {
    const { drawn, inks, color } = frame, { box, x, y } = axes(pen, frame, drawn.box, ["position or time", "u"]);
    within(pen, box, () => {
      for (const [values, ink, width, dash] of [[network, inks.page, 5, []], [network, color, 3, []], [exact, inks.text, 1.5, [6, 5]]]) {
        pen.beginPath();
        values.forEach((value, k) => pen.lineTo(x(k / (values.length - 1)), y(value)));
        pen.setLineDash(dash);
        pen.strokeStyle = ink;
        pen.lineWidth = width;
        pen.stroke();
      }
      pen.setLineDash([]);
      for (const at of arrayOf(drawn.points).flat) dot(pen, x(at), box.bottom - 4, 1.5, inks.soft);
    });
    outline(pen, box, inks.faint);
  },
  words: (drawn, { network, exact }) => `The thick curve is the network's u, the dashed one is exact. ${relativeError(network, exact)} The dots are collocation points.`,
};

DISPLAYS.spacetime = {
  ratio: () => 1.15,
  draw(pen, frame, { network, exact }) {
    const { drawn, inks, width, height, type } = frame, { across, down, box: [times, places] } = drawn;
    const colors = [NEGATIVE, POSITIVE].map(channelsOf), half = height / 2;
    for (const [k, [name, values]] of [["network", network], ["exact", exact]].entries()) {
      pen.save();
      pen.translate(0, k * half);
      const { box } = axes(pen, { ...frame, height: half }, [times, places], [k ? "time t" : "", `x, ${name}`]);
      raster(pen, box, [across, down], (i, j) => {
        const value = values[(down - 1 - j) * across + i];
        return blend(inks.channels, colors[value > 0 ? 1 : 0], Math.min(1, 0.95 * Math.abs(value)));
      });
      outline(pen, box, inks.faint);
      pen.restore();
    }
  },
  words: (drawn, { network, exact }) => `u over time and space: above the network's, below the exact one. ${relativeError(network, exact)}`,
  key: () => [[POSITIVE, "u > 0", "square"], [NEGATIVE, "u < 0", "square"]],
};
