// Draws paths and arrows whose points have changed. Plotly.restyle would compute and draw the surface, the contours and
// the axes again, which is nine tenths of the time of a step. The functions below call those parts of plotly.js that draw
// one trace; where they are not as expected, restyle draws.

function redraw(stage, tracks) {
  const cuts = tracks.map((track) => shown(stage, track)), { plot, figure: { data } } = stage;
  tracks.forEach((track, i) => Object.assign(data[track.index], cuts[i]));
  const changed = tracks.map((track, i) => [plot._fullData?.[track.index], cuts[i]]);
  if (changed.every(([trace]) => trace?._module) && (redrawScene(plot, changed) || redrawAxes(plot, changed))) return undefined;
  const change = {};
  for (const name of ["x", "y", "z", "customdata"]) {
    if (cuts.some((cut) => cut[name])) change[name] = cuts.map((cut) => cut[name]);
  }
  return Plotly.restyle(plot, change, tracks.map((track) => track.index));
}

// In a scene each trace has an object of gl3d, without which it is drawn for the first time.
function redrawScene({ _fullLayout: { scene } }, changed) {
  const drawn = scene?._scene?.traces, isShown = ({ visible }) => visible === true;
  if (!scene?._scene?.glplot || changed.some(([trace]) => isShown(trace) && !drawn[trace.uid]?.update)) return false;
  for (const [trace, cut] of changed) {
    Object.assign(trace, cut, { _length: cut.x.length });
    if (isShown(trace)) drawn[trace.uid].update(trace);
  }
  scene._scene.glplot.redraw();
  return true;
}

// On two axes all scatter traces are drawn together, from their computed points.
function redrawAxes(plot, changed) {
  const { _fullLayout: { scene, _plots }, calcdata } = plot, axes = _plots?.xy, [[{ _module: scatter }]] = changed;
  const layer = axes?.plot?.select("g.scatterlayer");
  if (scene || !calcdata || !layer?.node() || changed.some(([trace]) => trace._module !== scatter || !scatter.calc)) return false;
  for (const [trace, cut] of changed) {
    Object.assign(trace, cut, { _length: cut.x.length });
    if (trace.visible !== true) continue;
    const points = scatter.calc(plot, trace);
    if (!points.length) points.push({ x: undefined, y: undefined }); // as Plotly marks a trace without points
    points[0].t ??= {};
    points[0].trace = trace;
    calcdata[trace.index] = points;
  }
  const all = calcdata.filter(([{ trace }]) => trace._module === scatter && trace.visible === true);
  scatter.plot(plot, axes, all, layer);
  return true;
}
