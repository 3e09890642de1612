// Ctrl+Z presses Undo and Ctrl+Shift+Z (or Ctrl+Y) Redo, except where the viewer types, where they undo the text.

const TYPED = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";

export default function () {
  const press = (event) => {
    const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event, letter = key.toLowerCase();
    if (!(ctrlKey || metaKey) || altKey || !["z", "y"].includes(letter) || target.closest?.(TYPED)) return;
    const name = shiftKey || letter === "y" ? "redo" : "undo";
    event.preventDefault();
    document.querySelector(`.st-key-settings-${name} button`)?.click();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
