"""What the model does follows the scrubber in the browser."""

import json

import numpy as np
import pytest

from landscapes.figures.behavior import SCRIPT
from landscapes.figures.behavior_data import packed

pytestmark = pytest.mark.browser

SMALL = "?data=moons&moons.examples=60&model=mlp&mlp.width=6&mlp.depth=1&steps=40&eigenvalues=1&tolerance=0.1"
PANEL = "document.querySelector('.behavior')"


@pytest.fixture(scope="module")
def page(open_page, app_url):
    page = open_page(
        f"{app_url}/explore{SMALL}&optimizers=adam&optimizers=sgd&adam.learning_rate=0.1&behavior=true"
    )
    page.wait_for_selector(".behavior[data-path=adam]")
    page.wait_for_selector(".st-key-stage-picture .stage[data-drawn]")
    return page


def seek(page, step):
    page.locator(".st-key-stage-picture .stage-transport input").fill(str(step))
    page.wait_for_function(f"{PANEL}.dataset.step === '{step}'")
    colors = f"Array.from({PANEL}.querySelector('canvas').getContext('2d').getImageData(20, 20, 200, 200).data)"
    return page.locator(".behavior-words").inner_text(), page.evaluate(f"JSON.stringify({colors})")


def test_regions_change_with_the_scrubber(page):
    (first_words, first), (last_words, last) = seek(page, 0), seek(page, 40)
    assert "of 60 training examples are classified wrong" in first_words
    wrong = [int(words.split()[0]) for words in (first_words, last_words)]
    assert wrong[1] < wrong[0]
    changed = sum(a != b for a, b in zip(json.loads(first), json.loads(last), strict=True))
    assert changed > 5_000
    assert seek(page, 0)[1] == first


def test_another_path_shows_its_own_model(page):
    adam = seek(page, 40)
    page.locator(".behavior [data-path=sgd]").click()
    page.wait_for_function(f"{PANEL}.dataset.path === 'sgd'")
    assert seek(page, 40)[1] != adam[1]
    assert page.locator(".behavior-source").inner_text().startswith("sgd at step 40")
    assert "sgd at step 40" in page.locator(".behavior canvas").get_attribute("aria-label")


# Draws one display and gives the colors of pixels, and where each text begins.
DRAW = """([script, kind, drawn, rows, pixels]) => {
  const displays = new Function(script + '; return DISPLAYS')();
  const canvas = Object.assign(document.createElement('canvas'), { width: 240, height: 240 });
  const pen = canvas.getContext('2d', { willReadFrequently: true }), texts = [], write = pen.fillText.bind(pen);
  pen.font = '12px sans-serif';
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, 240, 240);
  pen.fillText = (text, x, y) => {
    const at = pen.getTransform().transformPoint({ x, y });
    texts.push([String(text), at.x, at.y]);
    write(text, x, y);
  };
  const inks = { page: '#ffffff', text: '#000000', channels: [255, 255, 255], faint: '#cccccc', soft: '#888888' };
  const values = Object.fromEntries(Object.entries(rows).map(([name, row]) =>
    [name, Array.isArray(row) ? Float32Array.from(row) : row]));
  displays[kind].draw(pen, { width: 240, height: 240, type: 12, inks, color: '#d000d0', drawn }, values);
  const colors = pixels.map((at) => [...pen.getImageData(...at.map(Math.round), 1, 1).data.slice(0, 3)]);
  return { colors, texts, words: displays[kind].words(drawn, values, 'training examples') };
}"""
HUES = {"blue": (0, 114, 178), "orange": (230, 159, 0), "green": (0, 158, 115), "red": (213, 94, 0)}
HUES |= {"pink": (204, 121, 167), "path": (208, 0, 208), "black": (0, 0, 0)}
# Pixels of the box between the axes: left, right, top and bottom.
LEFT, RIGHT, TOP, BOTTOM = 22.8, 238.0, 2.0, 219.6


@pytest.fixture(scope="module")
def blank(open_page):
    return open_page("about:blank")


def shown(blank, kind, drawn, values, at=()):
    """What a display draws: the hues of pixels, each text with its place, and its words."""
    packed_arrays = {name: packed(each) if isinstance(each, np.ndarray) else each for name, each in drawn.items()}
    result = blank.evaluate(DRAW, [SCRIPT.replace("export default ", ""), kind, packed_arrays, values, list(at)])
    return [hue(color) for color in result["colors"]], result["texts"], result["words"]


def hue(color):
    """The name of the hue that is blended with white; "white" without one, and "faint" of a light gray."""
    ink = 255.0 - np.array(color)
    if np.linalg.norm(ink) < 12:
        return "white"
    inks = {name: 255.0 - np.array(each) for name, each in HUES.items()}
    nearest = max(inks, key=lambda name: ink @ inks[name] / np.linalg.norm(inks[name]))
    return "faint" if nearest == "black" and np.linalg.norm(ink) < 150 else nearest


def pixel(x, y):
    """The pixel of a place in the box, in shares from its lower left corner."""
    return LEFT + x * (RIGHT - LEFT), BOTTOM - y * (BOTTOM - TOP)


CORNERS = [pixel(x, y) for y in (0.05, 0.95) for x in (0.05, 0.95)]  # from the lower left one, x first


def test_maps_have_their_first_row_below(blank):
    box = [[0.0, 4.0], [-1.0, 1.0]]
    regions = {"box": box, "points": np.array([1.0, 0.5]), "labels": np.array([1]), "examples": 9}
    classes = {"classes": [0, 1, 2, 3], "margin": [1, 1, 1, 1], "predicted": [1], "wrong": 1}
    colors, texts, words = shown(blank, "regions", regions, classes, [*CORNERS, pixel(0.25, 0.75)])
    assert colors == ["blue", "orange", "green", "pink", "orange"]
    assert words == "1 of 9 training examples is classified wrong."
    at = {text: (x, y) for text, x, y in texts}
    assert at["input 1"][1] > BOTTOM
    assert at["input 2"][0] < LEFT
    assert at["0"][0] < at["4"][0]
    assert at["1"][1] < at["−1"][1]

    points = {"box": box, "points": np.zeros(0)}
    real = {"sampled": [1.0, 0.5], "realness": [1.0, 0.0, 0.5, 0.5]}
    colors, _, _ = shown(blank, "adversaries", points, real, [*CORNERS, pixel(0.25, 0.75)])
    assert colors == ["green", "red", "white", "white", "orange"]

    axes = {"across": 2, "down": 2, "box": [[0.0, 1.0], [-1.0, 1.0]]}
    places = [(x, y + half) for half in (0, 120) for y in (90, 10) for x in (40, 220)]
    waves = {"network": [1.0, -1.0, 0.0, 1.0], "exact": [-1.0, 0.0, 1.0, -1.0]}
    colors, _, _ = shown(blank, "spacetime", axes, waves, places)
    assert colors == ["red", "blue", "white", "red", "blue", "white", "red", "blue"]


def test_matrices_have_true_classes_as_rows_from_the_top(blank):
    _, texts, words = shown(blank, "confusion", {"examples": 15}, {"counts": [5, 2, 0, 8]})
    at = {text: (x, y) for text, x, y in texts}
    assert at["5"][0] < at["2"][0] == at["8"][0]
    assert at["5"][1] == at["2"][1] < at["8"][1]
    assert at["predicted class"][1] > at["8"][1]
    assert at["true class"][0] < at["5"][0]
    assert words == "2 of 15 training examples are classified wrong."

    labels = {"labels": np.array([3, 3, 7])}
    cosine = [1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 1.0]
    edge, side = 1.6 * 12, (240 - 1.6 * 12) / 3
    cells = [(edge + (i + 0.5) * side, edge + (j + 0.5) * side) for j, i in ((0, 0), (0, 1), (0, 2), (2, 0))]
    colors, texts, words = shown(blank, "similarities", labels, {"cosine": cosine}, cells)
    assert words.endswith("two training examples, by their classes, which the encoder has not seen.")
    assert colors == ["blue", "white", "red", "red"]
    assert sorted(x for text, x, y in texts if text == "3") == pytest.approx([edge / 2, edge + side])

    labels = {"labels": np.array([0, 0, 1])}
    cosine = [1.0, 0.0, -1.0, 0.0, 0.0, 1.0]
    cells = [(edge + (i + 0.5) * 1.5 * side, edge + (j + 0.5) * side) for j, i in ((0, 0), (0, 1), (1, 0), (2, 1))]
    colors, _, words = shown(blank, "classcosines", labels, {"cosine": cosine}, cells)
    assert colors == ["blue", "white", "red", "blue"]
    assert "Of 3 training examples, 2 are nearest to the axis of their class" in words
    assert words.endswith("the angle to it is 60° on average.")


def test_policies_are_drawn_along_their_moves(blank):
    """Cells of 120 pixels; the probabilities are those of up, right, down and left of each free cell."""
    moves = {"world": ["S.", "#G"]}
    policy = {"probabilities": [1.0, 0, 0, 0, 0, 0, 0.5, 0.5]}
    places = [(60, 30), (90, 60), (60, 90), (30, 60), (180, 30), (210, 60), (180, 75), (165, 60)]
    colors, texts, _ = shown(blank, "moves", moves, policy, places)
    assert colors == ["black", "faint", "faint", "faint", "faint", "faint", "black", "black"]
    assert [text for text, _, _ in texts] == ["start", "goal +1"]

    arms = {"rewards": np.array([3.0, 1.0, 2.0])}
    probabilities = {"probabilities": [0.125, 0.25, 0.625]}
    _, texts, words = shown(blank, "arms", arms, probabilities)
    by_arm = [[text for text, *_ in sorted(texts[2 * k : 2 * k + 2])] for k in range(3)]
    assert by_arm == [["13 %", "reward 3"], ["25 %", "reward 1"], ["63 %", "reward 2"]]
    assert words.endswith("its expected reward is 1.88.")


def test_points_and_curves_lie_at_their_values(blank):
    box = [[0.0, 4.0], [-1.0, 1.0]]
    targets, fitted = {"box": box, "targets": np.array([1.0, 3.0])}, {"predicted": [0.5, -0.5]}
    places = [pixel(0.25, 0.75), pixel(0.75, 0.25), pixel(0.25, 0.25)]
    colors, texts, _ = shown(blank, "predictions", targets, fitted, places)
    assert colors[:2] == ["path", "path"]
    at = {text: (x, y) for text, x, y in texts}
    assert at["target"][1] > BOTTOM
    assert at["prediction"][0] < LEFT

    curve = {"box": box, "points": np.array([1.0]), "targets": np.array([-0.5]), "examples": 1}
    colors, _, words = shown(blank, "fit", curve, {"curve": [-0.5, 0.5]}, [pixel(0.1, 0.3), pixel(0.9, 0.7)])
    assert colors == ["path", "path"]
    assert words == "The curve is the model's output; the points are 1 training examples."

    bins = {"box": [[0.0, 2.0], [0.0, 4.0]], "density": np.array([1.0, 3.0])}
    places = [pixel(0.25, 0.1), pixel(0.25, 0.5), pixel(0.75, 0.5), pixel(0.25, 0.75), pixel(0.75, 0.25)]
    colors, _, _ = shown(blank, "histogram", bins, {"density": [3.0, 1.0]}, places)
    assert colors == ["blue", "white", "blue", "orange", "orange"]

    solution = {"box": [[0.0, 1.0], [-1.0, 1.0]], "points": np.zeros(0)}
    values = {"network": [0.5, 0.5], "exact": [-0.5, -1.0]}
    colors, _, words = shown(blank, "curve", solution, values, [pixel(0.5, 0.75)])
    assert colors == ["path"]
    assert "The relative error of u is 160 %." in words

    scores = {"truth": np.array([1.0, 2.0]), "name": "reward", "whose": "policy"}
    _, texts, words = shown(blank, "scores", scores, {"score": [5.0, 4.0], "probability": [0.25, 0.75]})
    assert [text for text, *_ in texts if text in ("true reward", "reward")] == ["true reward", "reward"]
    assert words.endswith("Its expected true reward is 1.75.")


def test_predictions_stand_at_their_examples(blank):
    images = {"images": np.array([[[1], [0]], [[0], [1]]], np.uint8), "labels": np.array([4, 7]), "examples": 2}
    places = [(15, 8), (15, 20), (45, 8), (45, 20), (33, 14), (3, 14)]  # eight columns of 30 pixels
    colors, texts, words = shown(blank, "images", images, {"predicted": [4, 9], "wrong": 1}, places)
    assert colors[:5] == ["black", "white", "white", "black", "red"]
    assert colors[5] != "red"
    assert [(text, x) for text, x, _ in texts] == [("4", 15), ("9", 45)]
    assert words == "1 of 2 training examples is classified wrong. Each image has its predicted class."

    tokens = {"names": ["a", "b"], "truth": np.array([1]), "targets": 5}
    values = {"seen": [0, 1], "at": [1], "probabilities": [1.0, 0.0], "text": [], "right": 3}
    left = 9 * 0.62 * 12 + 8
    cell = (240 - left) / 2
    colors, texts, words = shown(blank, "tokens", tokens, values, [(left + cell / 2, 120), (left + cell + 1, 120)])
    assert colors == ["blue", "orange"]
    assert [(text, round(x)) for text, x, _ in texts] == [
        ("a", round(left + cell / 2)),
        ("b", round(left + 1.5 * cell)),
        ("ab", round(left - 6)),
    ]
    assert "right for 3 of 5 targets of the training examples." in words

    duel = {"box": [[-2.0, 2.0], [-4.0, 4.0]], "points": np.array([0.0])}
    places = [pixel(0.25, 0.375), pixel(0.75, 0.5), pixel(0.5, 0.5)]
    colors, _, words = shown(blank, "duel", duel, {"sampled": [1.0], "logits": [-2.0, 2.0]}, places)
    assert colors == ["green", "orange", "blue"]
    assert words == "The generator is at 1; the data are at 0."
