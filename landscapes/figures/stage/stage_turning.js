// While the viewer turns a scene it has fewer nodes, level lines and pixels, no lines on the floor and no rings. Without a
// graphics card a frame then takes 80 ms of the processors instead of 270. At rest the scene is complete.

const MAX_TURNING_NODES = 31; // per axis of a surface
const TURNING_LEVELS = 2; // every second level line is drawn
const OMITTED_ROLES = ["rings"]; // of traces; gl3d draws each ring as a character
const REST_MILLISECONDS = 1000; // without a movement; then the scene is complete though the button is still pressed

// Linked stages turn together.
function setTurning(stage, turning, linked = true) {
  clearTimeout(stage.resting);
  if (turning === Boolean(stage.isTurning) || stage.root.stage !== stage) return; // or it has left the page
  stage.isTurning = turning;
  drawForTurning(stage);
  if (linked) broadcast(stage, { turning });
}

// The turn has paused: a viewer who holds the button and does not move sees the complete scene.
function restSoon(stage) {
  clearTimeout(stage.resting);
  if (stage.isTurning) stage.resting = setTimeout(() => setTurning(stage, false), REST_MILLISECONDS);
}

// Reduces the scene again if Plotly has drawn it completely during a turn, for example because a path is played.
function reduceAgain(stage) {
  const { isTurning, plot: { _fullData: traces, _fullLayout: layout } } = stage, drawn = layout.scene?._scene?.traces ?? {};
  const isComplete = ({ type, uid }) => type === "surface" && drawn[uid] && !drawn[uid].data.isReduced;
  if (isTurning && traces.some(isComplete)) drawForTurning(stage);
}

// Passes the reduced or the complete traces to gl3d. Plotly's own update of a trace takes longer than a frame.
function drawForTurning(stage) {
  const { isTurning: turning, plot: { _fullData: traces, _fullLayout: layout } } = stage, scene = layout.scene?._scene;
  if (!scene?.glplot) return;
  for (const trace of traces) {
    const drawn = scene.traces[trace.uid];
    if (!drawn) continue;
    if (trace.type === "surface") {
      drawn.refineData = !turning; // Plotly adds nodes to a small grid
      if (turning) drawn.dataScaleX = drawn.dataScaleY = 1;
      drawn.update(turning ? reduced(trace) : trace);
    } else if (OMITTED_ROLES.includes(trace.meta?.role) && drawn.scatterPlot) {
      drawn.scatterPlot.isOpaque = drawn.scatterPlot.isTransparent = () => false;
      if (!turning) for (const name of ["isOpaque", "isTransparent"]) delete drawn.scatterPlot[name];
    }
  }
  scene.glplot.pixelRatio = CONFIG.plotGlPixelRatio / (turning ? 2 : 1);
  scene.glplot.redraw(); // sets the size of the canvas, too
}

function reduced(trace) {
  const { x, y, z, contours, surfacecolor } = trace;
  const stride = (axis) => Math.ceil((axis.length - 1) / (MAX_TURNING_NODES - 1));
  const thinned = (values, step) => Array.from(values).filter((_, i) => i % step === 0 || i === values.length - 1);
  const grid = (values) => thinned(values, stride(y)).map((row) => thinned(row, stride(x)));
  const rows = grid(z), colors = surfacecolor ? { surfacecolor: grid(surfacecolor) } : {};
  const lines = { ...contours.z, size: TURNING_LEVELS * contours.z.size, project: { x: false, y: false, z: false } };
  return {
    ...trace, ...colors, isReduced: true, x: thinned(x, stride(x)), y: thinned(y, stride(y)), z: rows,
    _xlength: rows[0].length, _ylength: rows.length, contours: { ...contours, z: lines },
  };
}
