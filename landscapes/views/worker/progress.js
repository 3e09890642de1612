// How far the work is, and the button that ends it. A click is answered here, before the server has heard of it. The
// bar asks the server for news at the path `data.follow`, and for a run of its part of the page once there is a result.

const RETRY_MILLISECONDS = 1000; // after an answer that did not come, and before it asks for a run once more

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".progress");
  const button = root.querySelector("button");
  if (root.dataset.work !== data.work) {
    root.dataset.work = data.work;
    button.disabled = false;
    button.textContent = "Cancel";
  }
  show(root, data);
  button.onclick = () => {
    button.disabled = true;
    button.textContent = "Cancelling…";
    setTriggerValue("cancel", data.work);
  };
  if (root.followed === data.follow) return;
  root.followed = data.follow;
  if (data.follow) follow(root, data.follow, setTriggerValue);
}

function show(root, { fraction, note }) {
  const percent = Math.round(100 * fraction);
  root.querySelector(".progress-note").textContent = note;
  const track = root.querySelector("[role=progressbar]");
  track.setAttribute("aria-valuenow", percent);
  track.firstElementChild.style.width = `${percent}%`;
}

async function follow(root, path, setTriggerValue) {
  const isCurrent = () => root.isConnected && root.followed === path;
  for (let runs = 0; isCurrent(); ) {
    const news = await ask(path);
    if (!isCurrent()) return;
    if (news && !news.isNew) {
      show(root, news);
      continue;
    }
    setTriggerValue("news", ++runs);
    await new Promise((done) => setTimeout(done, RETRY_MILLISECONDS));
  }
}

// The server's answer; nothing if it cannot be reached. Then a run of the page says how far the work is.
async function ask(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}
