
// The stage as a widget (anywidget). The figure, the options and the step are traits of the Python object; clicks, and the
// request for plotly.js, are messages to it, and a step that Python sets is a message to the stage.

const STEP_MILLISECONDS = 100; // between the steps that are sent while a path plays
const PLOTLY_SECONDS = 60; // to wait for plotly.js, 1.5 MB

// The address of plotly.js, which Python sends once for all widgets of the page; it is not on the network.
function plotlyAddress(model) {
  if (globalThis.Plotly) return Promise.resolve("");
  return (globalThis.landscapesPlotlyAddress ??= new Promise((done, fail) => {
    const stop = () => (clearTimeout(late), model.off("msg:custom", receive));
    const late = setTimeout(() => {
      stop();
      globalThis.landscapesPlotlyAddress = undefined;
      fail(new Error("plotly.js did not arrive from Python; run the cell again"));
    }, 1000 * PLOTLY_SECONDS);
    const receive = async ({ type }, [packed]) => {
      if (type !== "plotly") return;
      stop();
      const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      done(URL.createObjectURL(new Blob([await new Response(unpacked).text()], { type: "text/javascript" })));
    };
    model.on("msg:custom", receive);
    model.send({ type: "plotly" });
  }));
}

async function render({ model, el }) {
  el.classList.add("landscapes-widget");
  el.dataset.lmSuppressShortcuts = "true"; // arrows and space play, and do not leave the cell in JupyterLab
  el.innerHTML = `<div class="stage" role="status">Loading plotly.js</div>`;
  const root = el.firstChild, { name } = model.get("_options");
  let plotly, end, sent = -Infinity, sending;
  try {
    plotly = await plotlyAddress(model);
  } catch (error) {
    root.textContent = error.message;
    return;
  }
  root.removeAttribute("role");
  const report = (kind, value) => kind === "pick" && model.send({ type: "click", coordinates: value });
  const draw = () => {
    const header = JSON.stringify({ ...model.get("_options"), plotly });
    const data = new TextEncoder().encode(`${header}\n${model.get("_figure")}`);
    end = showStage({ data, parentElement: el, setStateValue: report, setTriggerValue: report });
  };
  const send = () => {
    const step = root.stage && Number.isFinite(root.stage.step) ? root.stage.step : null;
    sent = performance.now();
    if (step === null || step === model.get("step")) return;
    model.set("step", step);
    model.save_changes();
  };
  const stepped = ({ detail }) => {
    if (detail.stage !== name) return;
    clearTimeout(sending);
    sending = setTimeout(send, Math.max(0, sent + STEP_MILLISECONDS - performance.now()));
  };
  // A change of the trait may be the late echo of a step that was sent while the path played, so Python sends a message.
  const asked = ({ type, step }) => {
    if (type !== "seek" || !root.stage?.bound) return;
    pause(root.stage);
    showStep(root.stage, step);
  };
  if (model.get("step") !== null) recall(name).shared = { hidden: [], step: model.get("step") };
  window.addEventListener("landscapes-step", stepped);
  model.on("change:_options", draw);
  model.on("msg:custom", asked);
  draw();
  return () => {
    window.removeEventListener("landscapes-step", stepped);
    clearTimeout(sending);
    model.off("change:_options", draw);
    model.off("msg:custom", asked);
    root.remove();
    end();
  };
}

export default { render };
