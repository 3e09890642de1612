// What all displays share: arrays, colors, axes and numbers.

const DISPLAYS = {}; // by kind: draw(pen, frame, values), words(drawn, values, examples), key(drawn, inks, values), ratio(drawn)
// Okabe and Ito (2008): color-blind readers can distinguish them.
const CLASS_COLORS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800", "#8C8C8C", "#7A5195", "#A6761D", "#2F9E9E", "#555555"];
const ARRAYS = { u1: Uint8Array, i1: Int8Array, i2: Int16Array, i4: Int32Array, f4: Float32Array };

const marked = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const rounded = (value, digits = 3) => String(Number(value.toPrecision(digits))).replaceAll("-", "−");
const percentOf = (share) => `${Math.round(100 * share)} %`;

// A packed array as {flat, shape}: one byte a number is a share of the range from low to high. It is decoded once.
function arrayOf(spec) {
  if (spec?.dtype === undefined) return spec;
  if (spec.decoded) return spec.decoded;
  const bytes = Uint8Array.from(atob(spec.bdata), (letter) => letter.charCodeAt(0));
  const shape = String(spec.shape).split(",").map(Number);
  let flat = new ARRAYS[spec.dtype](bytes.buffer);
  if (spec.low !== undefined) flat = Float32Array.from(flat, (share) => spec.low + ((spec.high - spec.low) * share) / 255);
  return (spec.decoded = { flat, shape });
}

// One row of each array.
function rowsOf(values, row) {
  return Object.fromEntries(Object.entries(values).map(([name, spec]) => {
    const { flat, shape } = arrayOf(spec), size = flat.length / shape[0];
    return [name, size === 1 && shape.length === 1 ? flat[row] : flat.subarray(row * size, (row + 1) * size)];
  }));
}

const channelsOf = (color) => {
  const pen = (globalThis.landscapesInk ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
};

function pageInks(root) {
  const style = getComputedStyle(root), page = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
  const text = style.color, [r, g, b] = channelsOf(page);
  return { page, text, channels: [r, g, b], isDark: r + g + b < 384, faint: `color-mix(in srgb, ${text} 30%, ${page})`, soft: `color-mix(in srgb, ${text} 75%, ${page})` };
}

const blend = (from, to, share) => from.map((c, i) => c + (to[i] - c) * share);

// A square for axes, with the names of both and their ends. Returns the maps from values to pixels.
function axes(pen, { width, height, inks, type }, [[x0, x1], [y0, y1]], names) {
  const box = { left: 1.9 * type, top: 2, right: width - 2, bottom: height - 1.7 * type };
  pen.fillStyle = inks.soft;
  pen.textBaseline = "bottom";
  pen.textAlign = "center";
  pen.fillText(names[0], (box.left + box.right) / 2, height - 1);
  pen.textAlign = "left";
  pen.fillText(rounded(x0, 2), box.left, height - 1);
  pen.textAlign = "right";
  pen.fillText(rounded(x1, 2), box.right, height - 1);
  pen.save();
  pen.rotate(-Math.PI / 2);
  pen.textBaseline = "top";
  pen.textAlign = "center";
  pen.fillText(names[1], -(box.top + box.bottom) / 2, 2);
  pen.textAlign = "left";
  pen.fillText(rounded(y0, 2), -box.bottom, 2);
  pen.textAlign = "right";
  pen.fillText(rounded(y1, 2), -box.top, 2);
  pen.restore();
  const x = (value) => box.left + ((value - x0) / (x1 - x0)) * (box.right - box.left);
  const y = (value) => box.bottom - ((value - y0) / (y1 - y0)) * (box.bottom - box.top);
  return { box, x, y };
}

function outline(pen, { left, top, right, bottom }, color) {
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.strokeRect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
}

function within(pen, { left, top, right, bottom }, draw) {
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, bottom - top);
  pen.clip();
  draw();
  pen.restore();
}

function dot(pen, x, y, radius, fill, edge, edgeWidth = 1) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = fill;
  pen.fill();
  if (!edge) return;
  pen.strokeStyle = edge;
  pen.lineWidth = edgeWidth;
  pen.stroke();
}

// Pixels of `size` × `size`, from paint(i, j) → [r, g, b], stretched over a box.
function raster(pen, { left, top, right, bottom }, [across, down], paint, smooth = true) {
  const sheet = new OffscreenCanvas(across, down), ink = sheet.getContext("2d"), image = ink.createImageData(across, down);
  for (let j = 0, at = 0; j < down; j++) for (let i = 0; i < across; i++, at += 4) {
    const [r, g, b] = paint(i, j);
    image.data[at] = r, image.data[at + 1] = g, image.data[at + 2] = b, image.data[at + 3] = 255;
  }
  ink.putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = smooth;
  pen.drawImage(sheet, left, top, right - left, bottom - top);
}
