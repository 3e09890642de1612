// Moves the slice of a volume from node to node of the third axis, in the browser: the figure has the values of every
// slice, and nothing is interpolated between two of them. Surfaces of equal loss are drawn below the slice alone. Their
// triangles are ordered by layers between nodes, so a slice cuts off the last ones.

function prepareSlice(stage) {
  const { data, layout: { meta } } = stage.figure, { slices } = meta;
  const bar = stage.root.querySelector(".stage-slice");
  stage.slices = slices;
  bar.hidden = !slices || !stage.options.transport;
  if (!slices) return;
  for (const name of ["heights", "losses"]) if (slices[name]) slices[name] = decoded(slices[name]);
  for (const trace of data) if (trace.meta?.triangles) trace.meta.triangles = decoded(trace.meta.triangles);
  const input = bar.querySelector("input");
  input.max = slices.nodes.length - 1;
  input.setAttribute("aria-label", `Slice: ${plain(slices.label)}`);
  bar.title = `Slice: ${plain(slices.label)} (← →)`;
  // The viewer's place is kept when the volume is refined.
  if (stage.memory.slice !== undefined) slices.node = nearestNode(slices, stage.memory.slice);
  for (const [trace, cut] of sliceCuts(stage)) Object.assign(trace, cut);
  labelSlice(stage);
}

function nearestNode({ nodes }, place) {
  const distances = nodes.map((node) => Math.abs(node - place));
  return distances.indexOf(Math.min(...distances));
}

// [trace, what the slice changes of it].
function sliceCuts({ slices: { node, nodes, heights, losses }, figure: { data } }) {
  return data.flatMap((trace) => {
    const { role, triangles, layers } = trace.meta ?? {};
    if (role === "level") {
      const end = layers[node]; // where there is no triangle, Plotly would span a hull
      const [i, j, k] = triangles.map((corners) => (end ? corners.subarray(0, end) : Int32Array.of(0)));
      return [[trace, { i, j, k }]];
    }
    if (role !== "slice" && role !== "surface") return [];
    const width = (trace.x = decoded(trace.x)).length, lines = rows(heights[node], width);
    const facts = losses || role === "slice" ? { customdata: losses ? rows(losses[node], width) : lines } : {};
    const values = role === "slice" ? { z: lines.map((line) => line.map(() => nodes[node])), surfacecolor: lines } : { z: lines };
    return [[trace, { ...values, ...facts }]];
  });
}

function labelSlice({ root, slices: { node, nodes }, figure: { layout: { meta } } }) {
  const bar = root.querySelector(".stage-slice"), input = bar.querySelector("input"), place = short(nodes[node]);
  input.value = node;
  input.setAttribute("aria-valuetext", `${place}, node ${node + 1} of ${nodes.length}`);
  input.style.setProperty("--played", `${(100 * node) / (nodes.length - 1)}%`);
  bar.querySelector("output").textContent = `${place} · node ${node + 1} / ${nodes.length}`;
  root.dataset.slice = node;
  meta.notes = meta.notes.map((note) => note.replace(/^slice at [^:]*/, `slice at ${place}`));
}

function moveSlice(stage, place, linked = true) {
  const { slices } = stage;
  if (!slices) return;
  if (linked) broadcast(stage, { slice: place });
  stage.memory.slice = place;
  slices.node = nearestNode(slices, place);
  labelSlice(stage);
  if (!stage.slicing && stage.bound) stage.slicing = drawSlices(stage).finally(() => (stage.slicing = undefined));
}

async function drawSlices(stage) {
  for (let drawn; drawn !== stage.slices?.node; ) {
    drawn = stage.slices.node;
    await redrawSlice(stage, sliceCuts(stage));
    showNotes(stage);
    await new Promise(requestAnimationFrame);
  }
}

// In a scene the objects of gl3d are updated, because Plotly.restyle would compute the others again, too.
function redrawSlice({ plot, figure: { data } }, cuts) {
  const { _fullData: traces, _fullLayout: { scene } } = plot, drawn = scene?._scene?.traces;
  for (const [trace, cut] of cuts) Object.assign(trace, cut);
  const changed = cuts.map(([trace, cut]) => [traces[data.indexOf(trace)], cut]);
  if (scene?._scene?.glplot && changed.every(([{ uid, visible }]) => visible !== true || drawn[uid]?.update)) {
    for (const [trace, cut] of changed) {
      Object.assign(trace, cut);
      if (trace.visible === true) drawn[trace.uid].update(trace);
    }
    scene._scene.glplot.redraw();
    return undefined;
  }
  const change = {}, names = new Set(cuts.flatMap(([, cut]) => Object.keys(cut)));
  for (const name of names) change[name] = cuts.map(([trace, cut]) => cut[name] ?? trace[name]);
  return Plotly.restyle(plot, change, cuts.map(([trace]) => data.indexOf(trace)));
}

function listenForSlice(stage, listen, $) {
  listen($(".stage-slice input"), "input", ({ target }) => moveSlice(stage, stage.slices.nodes[Number(target.value)]));
}
