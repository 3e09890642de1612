// What functions of the stage come to; test_functions.py has the answers. Evaluated inside the script of the stage.
({
  "model of a loss": modelValue({ sense: 'minimize', scale: 'log', low: -3, high: 5, floor: 0.5 }, { loss: [9, 7], numbers: { slope: [1, -3], curvature: [1, 4] } }, 1, 2),
  "model of a reward": modelValue({ sense: 'maximize', scale: 'log', low: -3, high: 5, floor: 0.5 }, { loss: [9, 7], numbers: { slope: [1, -3], curvature: [1, 4] } }, 1, 2),
  "height of a loss": heightOf({ sense: 'minimize', scale: 'log', low: -3, high: 5, floor: 0.5 }, 1),
  "height of a reward": heightOf({ sense: 'maximize', scale: 'log', low: -3, high: 5, floor: 0.5 }, 1),
  "height on a linear scale": heightOf({ scale: 'linear', sense: 'minimize' }, 1),
  "points up to a step": [-1, 0, 2, 3, 9].map((step) => count([0, 3, 6], step)),
  "magnification": [magnification({ path: { norms: { s_t: [0.3] } }, index: 0 }, 10), magnification({ path: { norms: { s_t: [2] } }, index: 0 }, 10)],
  "rounded up": [0.3, 1, 1.1, 2.2, 5.5, 37].map(roundUp),
  "off the plane": offPlane({ norms: { g: [5] }, vectors: { g: [[3, 0]] } }, 'g', 0),
  "share in words": [0, 0.004, 0.126, 0.996, 0.9999, 1].map(percent),
  "numbers of a rule": [0, 0.00012, 0.5, -3.14159, 123456, null, NaN].map(shortNumber),
  "short numbers": [short(0), short(-1234.5), short(0.12345, 2), short(3.14159, 5, 0.02), short(0.04, 3, 0.3)],
  "gain of a loss": gainOf({ gains: { actual: [0.5], rounding: [0.1], predicted: [0.4] }, sense: 'minimize' }, 0),
  "between nodes": between([[0, 1, 3], [0, 2]], [[0, 10, 30], [100, 110, 130]], [2, 0.5]),
  "outside of the nodes": String(between([[0, 1, 3], [0, 2]], [[0, 10, 30], [100, 110, 130]], [3.5, 0.5])),
  "nearest node": [-5, 0.4, 0.6, 9].map((place) => nearestNode({ nodes: [0, 1, 2] }, place)),
  "shown names": listed([{ name: 'a' }, { name: 'a' }, { name: 'b', visible: false }, { name: 'c', type: 'surface' }, { name: 'd', showlegend: false }, { name: 'e', type: 'surface', meta: { role: 'path' } }]).map(({ name }) => name),
  "plain text": plain('<b>a</b><br>b <i>c</i>'),
  "ticks of an axis": ticksOf({ range: [0, 10], nticks: 6 }),
  "polygons": [apart(cornersOf([0, 0, 2, 2]), cornersOf([2, 0, 3, 1])), apart(cornersOf([0, 0, 2, 2]), cornersOf([1, 1, 3, 3]))],
  "spaced ticks": spacedTicks({ tickvals: [0, 1, 2, 3, 4], tickangle: 0, range: [0, 4] }, 'x', 40, 10).tickvals,
  "formula": mathml('\\frac{a}{b_1^2} - \\hat{m}'),
  "a figure's arrays": Array.from(decoded({ dtype: 'i2', bdata: btoa('\x01\x00\x02\x00\xff\xff\x04\x00'), shape: '2, 2' }), (row) => [...row]),
  "projected center": projection({ eye: { x: 2, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } }, 400, 200)([0, 0, 1]),
  "projected y": projection({ eye: { x: 2, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } }, 400, 200)([0, 1, 1]).map((c) => Math.round(c)),
  "projected z": projection({ eye: { x: 2, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } }, 400, 200)([0, 0, 1.5]).map((c) => Math.round(c)),
  "turned by a quarter": vector(turned({ eye: { x: 2, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } }, Math.PI / 2, 0.5, 2).eye),
  "turned below": turned({ eye: { x: 2, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } }, 0, -1).eye.z,
  "as near as may be": Math.hypot(...minus(vector(turned({ eye: { x: 2, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } }, 0, 0, 99).eye), [0, 0, 1])),
  "shifted": vector(shifted({ eye: { x: 2, y: 0, z: 1 }, center: { x: 0, y: 0, z: 1 } }, 0.25, 0).center),
  // The nearest snapshot before and after a step; where a drag leaves the middle of a scene, in heights of the stage.
  "stops": [0, 2, 3, 5, 7, 10, 12].map((step) => [previous, next].map((stop) => stop({ stops: [0, 3, 7], step, last: 12 }))),
  "dragged": [[0.1, 0], [0, 0.2], [-0.3, 0.05]].map(([dx, dy]) => {
    const camera = { eye: { x: 1.5, y: -0.7, z: 1.1 }, center: { x: 0.2, y: 0.1, z: -0.1 } };
    const [before, after] = [camera, shifted(camera, dx, dy)].map((each) => projection(each, 900, 500)(vector(camera.center)));
    return minus(after, before).map((pixels) => pixels / 500);
  }),
  "sums": sums.map(({ weights, symbols }) =>
    heightName({ weights, given: "", figure: { layout: { meta: { value: "loss", sum: "training {sum}", symbols } } } })),
  "every mark": (() => {
    const name = marks;
    document.querySelectorAll = () => [{ stage: {
      options: { link: '', name: 'stage ' + name }, memory: { hidden: new Set([name]), explainedPath: name, slice: -0.25 },
      slices: {}, explained: {}, moved: true, plot: { layout: { xaxis: { range: [-1.25, 2e-7] }, yaxis: { range: [3, 40] } } },
      figure: { layout: { meta: {} } }, last: 9, step: 4 } }];
    const address = shareAddress();
    return [name, address, readView(new URL(address).searchParams.get('stage'), { name: 'stage ' + name, link: '' })];
  })(),
  "others' entries": readView('other*s3**=pair*s5*z1_2_3_4**picture*sx*c1_2*h%*p2', { name: 'stage picture', link: 'pair' }),
})
