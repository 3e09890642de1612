// Shares what is on the stages of the page: an address with their cameras or zooms, steps and hidden traces, and its QR
// code. The address needs no server: the key `stage` of its query holds the view, which the browser reads.
//
// The text is a list of entries with "**" between them. An entry is a name and fields with "*" between them, such as
// "picture*c1.2_0.9_1.1_0_0_-0.1*hadam*s37": camera, hidden trace, step; z is a zoom, e the explained path and p the
// place of a volume's slice. Entries whose names begin with "=" are about all stages of a group.

const SHARE_KEY = "stage";
const CAMERA_DIGITS = 3; // after the decimal point; the scene's box is about 1 wide
const ZOOM_DIGITS = 5; // significant digits of a zoomed axis
const COPIED_MILLISECONDS = 2500;
const LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

const escapedPart = (text) => text.replace(/[%*]/g, (mark) => (mark === "*" ? "%2A" : "%25"));
const joinedNumbers = (values, digits, significant = false) =>
  values.map((value) => Number(significant ? value.toPrecision(digits) : value.toFixed(digits))).join("_");
const shortName = (name) => name.replace(/^stage /, "");
const stagesOnPage = () => [...document.querySelectorAll(".stage")].map((root) => root.stage).filter((stage) => stage?.figure);

// The text of the view of all stages on the page, "" if no viewer has changed anything.
function viewText() {
  const groups = new Map(), entries = [];
  for (const stage of stagesOnPage()) {
    const { options: { link, name }, memory } = stage, { hidden, explainedPath } = memory, { layout } = stage.figure;
    const isHistory = layout.meta.kind === "history", own = [...hidden].map((each) => `h${escapedPart(each)}`);
    const shared = link && !isHistory ? [] : own;
    if (stage.moved) shared.push(viewField(stage));
    if (stage.slices && memory.slice !== undefined) shared.push(`p${joinedNumbers([memory.slice], ZOOM_DIGITS, true)}`);
    const steps = [];
    if (stage.last && (stage.step < stage.last || stage.explained)) steps.push(`s${stage.step}`);
    if (stage.explained && explainedPath) steps.push(`e${escapedPart(explainedPath)}`);
    if (!link) own.push(...steps);
    else if (!groups.get(link)?.length) groups.set(link, [...(shared === own ? [] : shared), ...steps]);
    if (own.length) entries.push([escapedPart(shortName(name)), ...own].join("*"));
  }
  for (const [link, fields] of groups) if (fields.length) entries.push([`=${escapedPart(link)}`, ...fields].join("*"));
  return entries.join("**");
}

function viewField({ plot: { layout: { scene, xaxis, yaxis } } }) {
  if (scene) return `c${joinedNumbers([...vector(scene.camera.eye), ...vector(scene.camera.center)], CAMERA_DIGITS)}`;
  return `z${joinedNumbers([...xaxis.range, ...yaxis.range], ZOOM_DIGITS, true)}`;
}

// The fields of a stage in such a text: {camera | zoom, slice, step, explained, hidden}. What cannot be read is left out.
function readView(text, { name, link }) {
  const found = { hidden: [] };
  for (const entry of text.split("**")) {
    const [owner, ...fields] = entry.split("*").map((part) => {
      try { return decodeURIComponent(part); } catch { return ""; }
    });
    if (owner !== shortName(name) && !(link && owner === `=${link}`)) continue;
    for (const [letter, ...rest] of fields) {
      const value = rest.join(""), values = value.split("_").map(Number), isNumeric = values.every(Number.isFinite);
      if (letter === "h") found.hidden.push(value);
      else if (letter === "e") found.explained = value;
      else if (letter === "p" && isNumeric) found.slice = values[0];
      else if (letter === "s" && isNumeric) found.step = Math.max(0, values[0]);
      else if (letter === "c" && isNumeric && values.length === 6) {
        found.camera = { eye: point3(values.slice(0, 3)), center: point3(values.slice(3)), up: point3([0, 0, 1]) };
      } else if (letter === "z" && isNumeric && values.length === 4) {
        found.zoom = { x: values.slice(0, 2), y: values.slice(2), isShared: owner.startsWith("=") };
      }
    }
  }
  return found;
}

// Takes the view of a new address into the memory of the stage. Returns whether there is one.
function adoptView(stage) {
  const { memory, options: { view: text = "" } } = stage;
  if (text === (memory.viewText ?? "")) return false;
  memory.viewText = text;
  if (!text) return false;
  memory.shared = readView(text, stage.options);
  memory.hidden = new Set(memory.shared.hidden);
  memory.explainedPath = memory.shared.explained;
  memory.slice = memory.shared.slice;
  if (memory.shared.step !== undefined) stage.autoplayed = true;
  return true;
}

// The camera or zoom of the address for a new figure, once.
function takeSharedView(stage, { scene, meta: { kind, box } }) {
  const { shared, views } = stage.memory, { camera, zoom } = shared ?? {};
  if (scene && camera) {
    views[kind] = { camera };
    if (stage.bound && stage.plot.layout.scene) stage.plot.layout.scene.camera = camera;
    shared.camera = undefined;
  } else if (!scene && zoom && !(kind === "history" && zoom.isShared)) {
    views[kind] = { x: zoom.x, y: zoom.y, box };
    shared.zoom = undefined;
  }
}

function shareAddress() {
  const url = new URL(location.href), text = viewText();
  url.hash = "";
  text ? url.searchParams.set(SHARE_KEY, text) : url.searchParams.delete(SHARE_KEY);
  return url.href;
}

const SHARE_ICON =
  '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M12 10.2a2.3 2.3 0 0 0-1.7.7L6 8.5a2.3 2.3 0 0 0 0-1l4.3-2.4' +
  'a2.3 2.3 0 1 0-.6-1.2L5.4 6.3a2.3 2.3 0 1 0 0 3.4l4.3 2.4A2.3 2.3 0 1 0 12 10.2z"/></svg>';
const SHARE_BUTTON = `<button data-share aria-expanded="false" title="Link and QR code of this view" hidden>${SHARE_ICON} <span>Share</span></button>`;
const SHARE_PANEL = `<section class="stage-share" aria-label="Share this view" hidden>
  <label>Link to exactly this view<input type="text" readonly spellcheck="false"></label>
  <button class="stage-share-copy">Copy link</button> <output></output>
  <button class="stage-share-code" title="Show the QR code on the whole screen (in presenter mode: Q)"><img alt="QR code of the link"></button>
  <ul></ul></section>`;

// Sentences on what the link does not do.
function shareNotes({ options: { share } }, address) {
  const notes = share.notes.map(plain);
  if (LOCAL_HOSTS.includes(location.hostname)) {
    notes.push("This address works on this computer only. Start the server with --host 0.0.0.0 and open this page by the computer's name in the network, and others can open it too.");
  }
  if (address.length > share.longest) {
    notes.push(`The link has ${address.length} characters, and a QR code that a hall can read at most ${share.longest}: copy the link.`);
  }
  return notes;
}

const codeAddress = ({ options: { share } }, address) =>
  address.length > share.longest ? "" : `${share.qr}?text=${encodeURIComponent(address)}`;

function openShare(stage, open) {
  const panel = stage.root.querySelector(".stage-share");
  stage.root.querySelector("[data-share]").ariaExpanded = String(open);
  panel.hidden = !open;
  if (!open) return;
  const address = shareAddress(), [input, code] = ["input", ".stage-share-code"].map((name) => panel.querySelector(name));
  input.value = address;
  const source = codeAddress(stage, address);
  code.hidden = !source;
  if (source) code.querySelector("img").src = source;
  panel.querySelector("output").textContent = "";
  panel.querySelector("ul").replaceChildren(...shareNotes(stage, address).map((note) =>
    Object.assign(document.createElement("li"), { textContent: note })));
  panel.style.top = `${stage.root.querySelector(".stage-head").offsetHeight + 4}px`;
  input.focus();
  input.select();
}

// Copies the link. Browsers refuse the clipboard on pages without https, where the selection is copied instead.
async function copyLink(panel) {
  const input = panel.querySelector("input"), output = panel.querySelector("output");
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    input.focus();
    input.select();
    isCopied = document.execCommand("copy");
  }
  output.textContent = isCopied ? "Copied." : "The browser refuses the clipboard. The link is selected: press Ctrl+C.";
  if (isCopied) setTimeout(() => (output.textContent = ""), COPIED_MILLISECONDS);
}

// The QR code on the whole screen, for a hall. Any key or click removes it.
function projectCode(stage) {
  if (stage.code) return removeCode(stage);
  const address = shareAddress(), source = codeAddress(stage, address);
  stage.code = Object.assign(document.createElement("div"), { className: "stage-code" });
  const words = source ? address : shareNotes(stage, address).at(-1);
  if (source) stage.code.append(Object.assign(new Image(), { src: source, alt: "QR code of the link" }));
  stage.code.append(Object.assign(document.createElement("p"), { textContent: words }));
  stage.code.onclick = () => removeCode(stage);
  document.body.append(stage.code);
}

function removeCode(stage) {
  stage.code?.remove();
  stage.code = undefined;
}

function listenForShare(stage, listen, $) {
  const panel = $(".stage-share"), button = $("[data-share]");
  listen(button, "click", () => openShare(stage, panel.hidden));
  listen(panel, "click", ({ target }) => {
    if (target.closest(".stage-share-copy")) copyLink(panel);
    else if (target.closest(".stage-share-code")) projectCode(stage);
    else if (target.matches("input")) target.select();
  });
  listen(document, "pointerdown", ({ target }) => {
    if (!panel.hidden && !panel.contains(target) && !button.contains(target) && !stage.code) openShare(stage, false);
  }, { capture: true });
  // On the window, because Streamlit's own keys listen on the document: Escape would leave presenter mode.
  listen(window, "keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event, { presenter, transport, share } = stage.options;
    const isEscape = key === "Escape" && !panel.hidden;
    const typing = target.closest?.("input:not([type=range]), textarea, select, [contenteditable]");
    const asks = key.toLowerCase() === "q" && presenter && transport && share && stage.figure && !typing;
    if (!(stage.code || isEscape || asks) || ctrlKey || metaKey || altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (stage.code || asks) return projectCode(stage);
    openShare(stage, false);
    button.focus();
  }, { capture: true });
}
