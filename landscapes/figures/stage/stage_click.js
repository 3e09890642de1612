const STILL = 4; // pixels that a hand may tremble during a click
const TWICE = 300; // milliseconds between the two clicks of a double click
const LATE = 700; // milliseconds within which gl3d may still answer where a click fell

// Clicks. gl3d reports one when the button goes down, so an orbit would pick: wait for the release, and for a hand
// that stayed still. On axes the place is computed from the pixel, not from the nearest grid point.
function listenForPicks(stage, listen) {
  listen(stage.plot, "pointerdown", (event) => {
    stage.pressed = [event.clientX, event.clientY];
    stage.at = undefined;
    stage.plot.focus({ preventScroll: true });
  }, { capture: true });
  const release = (event) => {
    if (!stage.pressed) return;
    const [x, y] = stage.pressed;
    stage.pressed = undefined;
    const still = Math.hypot(event.clientX - x, event.clientY - y) < STILL;
    if (still && event.type === "pointerup" && event.button === 0) clicked(stage, event);
    if (stage.waiting) draw(stage);
  };
  listen(window, "pointerup", release, { capture: true });
  listen(window, "pointercancel", release, { capture: true });
}

// The second of two clicks brings the view back, and takes back the first.
function clicked(stage, event) {
  clearTimeout(stage.picking);
  const before = stage.clicked;
  stage.clicked = [event.clientX, event.clientY, event.timeStamp];
  const [dx, dy, late] = stage.clicked.map((value, i) => value - (before?.[i] ?? -Infinity));
  if (Math.hypot(dx, dy) > STILL || late > TWICE) return picked(stage, event);
  stage.clicked = stage.asked = undefined;
  if (stage.figure) reset(stage);
}

function hit(stage, point) {
  if (!stage.figure?.layout.scene) return;
  stage.over = point;
  if (stage.asked && performance.now() - stage.asked < LATE) tell(stage, [point.x, point.y]);
}

function picked(stage, event) {
  const { layout } = stage.figure ?? {};
  if (!layout) return;
  if (layout.scene) {
    if (stage.over) tell(stage, [stage.over.x, stage.over.y]);
    else stage.asked = performance.now();
    return;
  }
  const { xaxis, yaxis } = stage.plot._fullLayout;
  const { left, top } = stage.plot.getBoundingClientRect();
  const at = (axis, pixel) => (pixel >= 0 && pixel <= axis._length ? axis.p2d(pixel) : NaN);
  const place = [at(xaxis, event.clientX - left - xaxis._offset), at(yaxis, event.clientY - top - yaxis._offset)];
  if (place.some(Number.isNaN)) return;
  if (layout.meta.kind === "history") seek(stage, Math.round(place[0]));
  else tell(stage, place.slice(0, layout.meta.box?.length ?? 0));
}

function tell(stage, place) {
  stage.asked = undefined;
  const inside = stage.figure.layout.meta.box?.every(([low, high], i) => place[i] >= low && place[i] <= high);
  if (!stage.options.pick || !place.length || !inside) return;
  stage.picking = setTimeout(() => stage.report("pick", place.map(Number)), TWICE);
}
