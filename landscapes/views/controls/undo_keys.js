// Ctrl+Z presses Undo and Ctrl+Shift+Z (or Ctrl+Y) Redo, except where the viewer types, where they undo the text.

const TYPED = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";

export default function () {
  let waiting;
  // The address changes before the buttons do: a key that comes early waits until its button can be pressed, or until
  // the page has finished without it.
  const click = (name) => {
    const button = document.querySelector(`.st-key-settings-${name} button`);
    if (button && !button.disabled) button.click();
    else if (document.querySelector(".stApp[data-test-script-state=running]")) waiting = setTimeout(click, 50, name);
  };
  const press = (event) => {
    const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event, letter = key.toLowerCase();
    if (!(ctrlKey || metaKey) || altKey || !["z", "y"].includes(letter) || target.closest?.(TYPED)) return;
    event.preventDefault();
    clearTimeout(waiting);
    click(shiftKey || letter === "y" ? "redo" : "undo");
  };
  document.addEventListener("keydown", press);
  return () => {
    clearTimeout(waiting);
    document.removeEventListener("keydown", press);
  };
}
