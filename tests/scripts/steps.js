// What a viewer does, by the names that pages.py files give: [[words, what happens], …]. Of words in parentheses nothing is
// recorded. The functions are those of run.js, and `inner` evaluates an expression inside the script of the page.

const MOUNT = [
  ["opened", async () => {
    show(bytes(data.options, data.figure));
    await pass(800);
  }],
];

const PLAY = [
  ["one step back", async () => { click('[data-do=back]'); }],
  ["to the start", async () => { click('[data-do=start]'); }],
  ["one step on", async () => { click('[data-do=forth]'); }],
  ["scrubbed to 7", async () => { input('.stage-transport input', '7'); }],
  ["arrow right in the bar", async () => { return key('ArrowRight', find('.stage-transport input')).isPrevented; }],
  ["played at double speed", async () => { input('.stage-transport select', '2', 'change'); click('[data-do=play]'); await pass(900); }],
  ["paused by space", async () => { key(' ', find('.stage-transport input')); }],
  ["played to the end", async () => { click('[data-do=play]'); await pass(9000); }],
  ["played again", async () => { click('[data-do=play]'); await pass(20); }],
  ["End", async () => { key('End', find('.stage-transport input')); }],
];

const STILL = [
  ["played for who prefers reduced motion", async () => {
    globalThis.matchMedia = () => ({ matches: true });
    click('[data-do=start]');
    await pass(30);
    click('[data-do=play]');
    await pass(2600);
    globalThis.matchMedia = () => ({ matches: false });
    click('[data-do=play]');
  }],
];

const LEGEND = [
  ["hide the first", async () => { click('.stage-legend button'); }],
  ["another alone", async () => {
    click(document.querySelectorAll('.stage-legend button')[1]);
    happen(document.querySelectorAll('.stage-legend button')[1], 'dblclick');
  }],
  ["all again", async () => { happen(document.querySelectorAll('.stage-legend button')[1], 'dblclick'); }],
];

const SHARED = [
  ["shared with a hidden path and a step", async () => {
    click('.stage-legend [data-group]');
    input('.stage-transport input', '6');
    say(inner('viewText')());
    click('[data-share]');
    say(find('.stage-share input').value, find('.stage-share img').src);
  }],
  ["copied", async () => { click('.stage-share-copy'); await pass(10); say(document.copied); }],
  ["code on the screen", async () => { click('.stage-share-code'); say(find('.stage-code p').textContent); }],
  ["closed by a key", async () => { key('Escape'); }],
  ["and the panel", async () => { key('Escape'); }],
];

const SCENE = [
  ["turned by keys", async () => {
    for (const name of ['ArrowLeft', 'ArrowUp', '+']) {
      key(name, find('.stage-plot'));
      await pass(40);
    }
  }],
  ["dragged", async () => { await drag('.stage-plot', [[300, 250], [330, 230], [350, 210]]); }],
  ["shifted", async () => { await drag('.stage-plot', [[300, 250], [320, 260]], { shiftKey: true }); }],
  ["zoomed by the wheel", async () => { happen('.stage-plot', 'wheel', { deltaY: -120, ctrlKey: true, clientX: 250, clientY: 170 }); }],
  ["a wheel without Ctrl", async () => {
    return Boolean(happen('.stage-plot', 'wheel', { deltaY: -120, clientX: 250, clientY: 170 }).isPrevented);
  }],
  ["below the horizon", async () => {
    for (let i = 0; i < 9; i++) {
      key('ArrowDown', find('.stage-plot'));
      await pass(40);
    }
  }],
  ["reset", async () => { click('.stage-tools [data-view=reset]'); }],
  ["hovered and clicked", async () => {
    tell(find('.stage-plot'), 'plotly_hover', { points: [{ x: 0.5, y: -1 }] });
    await drag('.stage-plot', [[300, 210]]);
    await pass(400);
  }],
  ["double click", async () => { await drag('.stage-plot', [[300, 210]]); await drag('.stage-plot', [[300, 210]]); await pass(400); }],
  ["saved", async () => { click('.stage-tools [data-view=png]'); }],
];

const FLAT = [
  ["zoomed out by a key", async () => { key('-', find('.stage-plot')); }],
  ["zoomed about a pixel", async () => { happen('.stage-plot', 'wheel', { deltaY: -250, ctrlKey: true, clientX: 250, clientY: 170 }); }],
  ["view", async () => { return inner('viewText')(); }],
  ["picked", async () => { await drag('.stage-plot', [[300, 210]]); await pass(400); }],
  ["reset by a double click", async () => { await drag('.stage-plot', [[300, 210]]); await drag('.stage-plot', [[301, 211]]); await pass(400); }],
  ["saved", async () => { click('.stage-tools [data-view=svg]'); }],
];

const MIX = [
  ["slope at a hundredth", async () => { input('[data-term=slope]', '0.25'); find('.stage-mix').dispatchEvent(new Happening('change')); }],
  ["without the square", async () => { input('[data-term=square]', '0'); }],
  ["both at their own", async () => { happen('[data-term=square]', 'dblclick'); happen('[data-term=slope]', 'dblclick'); }],
];

const STEPS = [
  ["step 3", async () => {
    input('.stage-transport input', '3');
    await pass(60);
    return document.querySelector('.stage-step').innerHTML;
  }],
  ["step 40", async () => { input('.stage-transport input', '40'); }],
  ["another path, from a network", async () => {
    click(document.querySelectorAll('.stage-step-paths button')[1]);
    await pass(60);
    return document.querySelector('.stage-step').innerHTML;
  }],
  ["its step 3", async () => { input('.stage-transport input', '3'); }],
  ["at the end", async () => { input('.stage-transport input', '120'); }],
];

const HALL = [
  ["laser", async () => { key('l'); point('pointermove', document, [333, 222]); }],
  ["laser off", async () => { key('L'); }],
  ["remote", async () => { key('PageUp'); await pass(30); key('PageUp'); await pass(30); key('PageDown'); }],
  ["typing is not for the stage", async () => { key('l', find('.typed')); key('q', find('.typed')); key('PageUp', find('.typed')); }],
  ["code", async () => { key('q'); }],
  ["code off", async () => { key('x'); }],
];

const LINKED = [
  ["followed", async () => {
    tellStages({ group: 'pair', source: {}, step: 5, kind: 'surface', view: { 'scene.camera': { eye: { x: 1, y: 2, z: 1.5 }, center: { x: 0, y: 0, z: 0.1 }, up: { x: 0, y: 0, z: 1 } } } });
  }],
  ["not of this group", async () => {
    tellStages({ group: 'other', source: {}, step: 9 });
  }],
  ["turns with the other", async () => {
    tellStages({ group: 'pair', source: {}, turning: true });
  }],
  ["at rest", async () => {
    tellStages({ group: 'pair', source: {}, turning: false });
  }],
  ["home with the other", async () => {
    tellStages({ group: 'pair', source: {}, kind: 'surface', view: {}, home: true });
  }],
  ["tells the others", async () => {
    window.addEventListener('landscapes-stage', ({ detail: { source, ...rest } }) => say(rest));
    input('.stage-transport input', '3');
    key('ArrowLeft', find('.stage-plot'));
    await pass(40);
    say(inner('viewText')());
  }],
];

const SLICES = [
  ["another slice", async () => { input('.stage-slice input', '2'); }],
  ["the first", async () => { input('.stage-slice input', '0'); }],
  ["view", async () => { return inner('viewText')(); }],
];

const VIEW = [
  ["view", async () => { return inner('viewText')(); }],
];

const ANOTHER = [
  ["another figure", async () => {
    show(bytes({ ...data.options, id: 'two' }, data.other));
    await pass(800);
  }],
];

const HISTORY = [
  ["at a step", async () => { await drag('.stage-plot', [[200, 200]]); }],
];

const PANEL = [
  ["at step 3 of adam", async () => {
    const memory = { step: 3, explainedPath: 'adam' };
    (globalThis.landscapesStages ??= new Map()).set('stage picture', memory);
    show(bytes(data.options, JSON.stringify(data.panel)));
  }],
  ["at its last step", async () => {
    tellStep('stage picture', 9);
  }],
  ["of another stage", async () => { tellStep('other', 0); }],
];

const CHOICES = [
  ["another path", async () => {
    window.addEventListener('landscapes-stage', ({ detail: { source, ...rest } }) => say(rest));
    click('[data-path="sgd <1>"]');
  }],
  ["the stage explains adam", async () => { tellStages({ explain: 'adam', source: {} }); }],
  ["picked point", async () => {
    show(bytes(data.options, JSON.stringify({ ...data.panel, point: data.point })));
  }],
  ["a step leaves the point", async () => {
    tellStep('stage picture', 4);
  }],
  ["the point again", async () => { click('[data-path=""]'); }],
  ["in a hall", async () => {
    show(bytes({ ...data.options, presenter: true }, JSON.stringify(data.panel)));
  }],
];

const PROGRESS = [
  ["a third", async () => {
    show(data);
    await pass(10);
  }],
  ["cancelled", async () => { click('button'); await pass(10); }],
  ["more of the same work", async () => {
    show({ ...data, fraction: 0.5 });
    await pass(10);
  }],
  ["other work", async () => {
    show({ ...data, work: 'b', note: 'Plane' });
    await pass(10);
  }],
  ["follows the server", async () => {
    globalThis.answers = [{ isNew: false, fraction: 0.256, note: 'Training, step 3' }, { isNew: true }, undefined];
    globalThis.fetch = async (path) => {
      say('asked', path);
      const answer = answers.shift();
      await new Promise((done) => setTimeout(done, 300));
      if (answer === undefined) throw new Error('no network');
      return { ok: true, json: async () => answer };
    };
    show({ ...data, work: 'b', follow: '/news/7' });
    await pass(260);
  }],
  ["its news", async () => { await pass(300); }],
  ["a result", async () => { await pass(320); }],
  ["no answer", async () => { await pass(1000); }],
  ["followed elsewhere", async () => {
    show({ ...data, work: 'b', follow: '' });
    await pass(3010);
  }],
];

const UNDO = [
  ["mounted", async () => {
    globalThis.leave = inner('entrance')();
    for (const name of ['undo', 'redo']) find(`button.${name}`).onclick = () => say(name);
  }],
  ["Ctrl+Z", async () => { say(key('z', document.body, { ctrlKey: true }).isPrevented); }],
  ["Ctrl+Shift+Z", async () => { key('Z', document.body, { ctrlKey: true, shiftKey: true }); }],
  ["Cmd+Y", async () => { key('y', document.body, { metaKey: true }); }],
  ["without Ctrl, with Alt, another letter", async () => {
    key('z');
    key('z', document.body, { ctrlKey: true, altKey: true });
    key('x', document.body, { ctrlKey: true });
  }],
  ["where the viewer types", async () => { key('z', find('.typed'), { ctrlKey: true }); }],
  ["where the viewer scrubs", async () => { key('z', find('.scrubbed'), { ctrlKey: true }); }],
  ["before the button can be pressed", async () => {
    find('button.undo').disabled = true;
    const app = new Node('div');
    app.className = 'stApp';
    app.dataset.testScriptState = 'running';
    document.body.append(app);
    key('z', document.body, { ctrlKey: true });
    await pass(120);
  }],
  ["then it can", async () => { find('button.undo').disabled = false; await pass(60); }],
  ["left", async () => { globalThis.leave(); key('z', document.body, { ctrlKey: true }); }],
];

const WIDGET = [
  ["(rendered at step 6)", async () => {
    const heard = (globalThis.heard = {}), traits = (globalThis.traits = { _options: data.options, _figure: data.figure, step: 6 });
    globalThis.model = {
      get: (name) => traits[name], set: (name, value) => (say('set', name, value), (traits[name] = value)), save_changes: () => say('saved'),
      send: (message) => say('sent', message), on: (name, f) => (heard[name] = f), off: (name) => delete heard[name],
    };
    const element = document.body.firstChild;
    inner('entrance').render({ model, el: element }).then((end) => (globalThis.end = end));
    await pass(900);
  }],
  ["scrubbed", async () => { input('.stage-transport input', '9'); await pass(200); }],
  ["sought by Python", async () => { heard['msg:custom']({ type: 'seek', step: 3 }, []); await pass(200); }],
  ["clicked", async () => {
    tell(find('.stage-plot'), 'plotly_hover', { points: [{ x: 0.5, y: -1 }] });
    await drag('.stage-plot', [[300, 210]]);
    await pass(400);
  }],
  ["other options", async () => {
    traits._options = { ...data.options, id: 'two', status: 'done' };
    heard['change:_options']();
    await pass(300);
  }],
  ["left", async () => { end(); say(Object.keys(heard).length); await pass(1500); }],
];

module.exports = {
  MOUNT, PLAY, STILL, LEGEND, SHARED, SCENE, FLAT, MIX, STEPS, HALL, LINKED, SLICES,
  VIEW, ANOTHER, HISTORY, PANEL, CHOICES, PROGRESS, UNDO, WIDGET,
};
