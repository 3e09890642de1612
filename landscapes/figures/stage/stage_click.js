// Clicks that pick a point.

const MAX_CLICK_MOVEMENT = 4; // pixels between press and release
const DOUBLE_CLICK_MILLISECONDS = 300; // longest time between the two clicks of a double click
const MAX_HIT_DELAY_MILLISECONDS = 700; // gl3d reports the point under a click up to this much later

// gl3d reports a click when the button goes down, before it is known whether the viewer turns the scene. So a pick
// waits for the release at the same place. On axes the coordinates are those of the pixel, not of a grid point.
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
    setTurning(stage, false);
    const still = Math.hypot(event.clientX - x, event.clientY - y) < MAX_CLICK_MOVEMENT;
    if (still && event.type === "pointerup" && event.button === 0) clicked(stage, event);
    if (stage.waiting) draw(stage);
  };
  listen(window, "pointerup", release, { capture: true });
  listen(window, "pointercancel", release, { capture: true });
}

// A double click resets the view and cancels the pick of its first click.
function clicked(stage, event) {
  clearTimeout(stage.picking);
  const before = stage.clicked;
  stage.clicked = [event.clientX, event.clientY, event.timeStamp];
  const [dx, dy, late] = stage.clicked.map((value, i) => value - (before?.[i] ?? -Infinity));
  if (Math.hypot(dx, dy) > MAX_CLICK_MOVEMENT || late > DOUBLE_CLICK_MILLISECONDS) return pick(stage, event);
  stage.clicked = stage.asked = undefined;
  if (stage.bound) reset(stage);
}

function hit(stage, point) {
  if (!stage.bound || !stage.figure.layout.scene) return;
  stage.over = point;
  if (stage.asked && performance.now() - stage.asked < MAX_HIT_DELAY_MILLISECONDS) reportPick(stage, [point.x, point.y]);
}

function pick(stage, event) {
  const { layout } = (stage.bound && stage.figure) || {};
  if (!layout) return;
  if (layout.scene) {
    if (stage.over) reportPick(stage, [stage.over.x, stage.over.y]);
    else stage.asked = performance.now();
    return;
  }
  const place = placeOnAxes(stage, event);
  if (!place) return;
  if (layout.meta.kind === "history") seek(stage, Math.round(place[0]));
  else reportPick(stage, place.slice(0, layout.meta.box?.length ?? 0));
}

// The coordinates of a pixel on the axes that are under it. A figure may have several pairs of axes.
function placeOnAxes(stage, event) {
  const { left, top } = stage.plot.getBoundingClientRect();
  const at = (axis, pixel) => (pixel >= 0 && pixel <= axis._length ? axis.p2d(pixel) : NaN);
  const places = Object.values(stage.plot._fullLayout._plots).map(({ xaxis, yaxis }) => [
    at(xaxis, event.clientX - left - xaxis._offset),
    at(yaxis, event.clientY - top - yaxis._offset),
  ]);
  return places.find((place) => !place.some(Number.isNaN));
}

function reportPick(stage, place) {
  stage.asked = undefined;
  const inside = stage.figure.layout.meta.box?.every(([low, high], i) => place[i] >= low && place[i] <= high);
  if (!stage.options.pick || !place.length || !inside) return;
  stage.picking = setTimeout(() => stage.report("pick", place.map(Number)), DOUBLE_CLICK_MILLISECONDS);
}
