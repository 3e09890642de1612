// In presenter mode the key L turns a red dot on and off, which follows the pointer over the whole page.

function listenForLaser(stage, listen) {
  let at = [innerWidth / 2, innerHeight / 2];
  const move = () => stage.laser && (stage.laser.style.transform = `translate(${at[0]}px, ${at[1]}px) translate(-50%, -50%)`);
  listen(document, "pointermove", ({ clientX, clientY }) => {
    at = [clientX, clientY];
    move();
  }, { capture: true, passive: true });
  listen(document, "keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
    const { presenter, transport } = stage.options; // of two stages side by side, one has the transport bar
    const typing = target.closest("input:not([type=range]), textarea, select, [contenteditable]");
    if (key.toLowerCase() !== "l" || !presenter || !transport || typing || ctrlKey || metaKey || altKey) return;
    if (stage.laser) return removeLaser(stage);
    stage.laser = document.body.appendChild(Object.assign(document.createElement("div"), { className: "stage-laser" }));
    document.documentElement.classList.add("pointing");
    move();
  });
}

function removeLaser(stage) {
  if (!stage.laser) return;
  stage.laser.remove();
  stage.laser = undefined;
  document.documentElement.classList.remove("pointing");
}
