// What functions of the panel beside a stage come to; see stage_functions.js.
({
  "row at a step": [-1, 0, 4, 5, 99].map((step) => rowAt([0, 5, 9], step)),
  "rows of arrays": JSON.stringify(rowsOf({ a: { dtype: 'u1', bdata: btoa('\x00\xff\x33\x66'), shape: '2, 2', low: -1, high: 4 }, b: { dtype: 'i2', bdata: btoa('\x05\x00\x06\x00'), shape: '2' } }, 1), (_, each) => (ArrayBuffer.isView(each) ? [...each] : each)),
  "escaped text": marked('<a href="x">&'),
  "colors between": blend([0, 100, 200], [100, 0, 200], 0.25),
  "error of a solution": relativeError([2, 2], [1, -1]),
})
