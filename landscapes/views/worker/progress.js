// How far the work is, and the button that ends it. A click is answered here, before the server has heard of it.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".progress");
  const button = root.querySelector("button");
  if (root.dataset.work !== data.work) {
    root.dataset.work = data.work;
    button.disabled = false;
    button.textContent = "Cancel";
  }
  const percent = Math.round(100 * data.fraction);
  root.querySelector(".progress-note").textContent = data.note;
  const track = root.querySelector("[role=progressbar]");
  track.setAttribute("aria-valuenow", percent);
  track.firstElementChild.style.width = `${percent}%`;
  button.onclick = () => {
    button.disabled = true;
    button.textContent = "Cancelling…";
    setTriggerValue("cancel", data.work);
  };
}
