"""Hover texts, titles of panels, and the contrast of text colors."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.curvature.layer_blocks import Block
from landscapes.curvature.sharpness_measures import Rescaling
from landscapes.directions.line_bands import Band
from landscapes.figures.convexity import state_map
from landscapes.figures.density import density
from landscapes.figures.layers import layers
from landscapes.figures.matrix import matrix
from landscapes.figures.tangent import tangent
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath
from landscapes.tradeoffs.reward_against_kl import reward_curve
from tests.figures.scenes import asymmetric, curve, hover_text, panel_titles, path, role, traces
from tests.figures.test_conflict_figure import AXES, GRID, cosines
from tests.figures.test_connection_figure import between
from tests.figures.test_convexity import example_map
from tests.figures.test_density import example_spectrum
from tests.figures.test_gradient_noise_figure import NOISE
from tests.figures.test_pareto_figure import front
from tests.figures.test_persistence_figure import FOUND
from tests.figures.test_players_figure import game_run
from tests.figures.test_race_figure import race
from tests.figures.test_rate_sweep_figure import SWEEP
from tests.figures.test_sharpness_figure import measured
from tests.figures.test_stability_figure import curvature

# No two numbers of a point are alike.
STABLE = replace(curvature([3.0, 4.4, 6.0]), errors=np.array([0.1, 0.2, 0.3]), limits=np.array([4.0, 5.0, 7.0]))
PROBED = np.full((2, 2), 0.5)
BLOCK = Block(
    "first", 4, np.array([-4.0, 16.0]), np.array([0.5, 0.25]), np.array([[-4.0, 16], [0, 8]]), PROBED, False
)
LINES = np.array([[1.0, 5, 9], [2, 5, 8], [3, 5, 7], [4, 5, 6]])
BAND = Band("gaussian", np.array([-1.0, 0.0, 2.0]), LINES, 0.0, 12)
TERMS = {"nll": np.array([3.0, 1.5, 0.5]), "kl": np.array([0.1, 0.2, 0.4])}
LOSS, NORM = np.array([4.0, 2.0, 1.0]), np.array([9.0, 8.0, 7.0])
RUN = Trajectory(np.arange(3), {}, LOSS, NORM, Outcome("diverged", 3, ""), TERMS)
PATHS = {"adam": path(drift=0.5)}
KL, TRUTH = np.array([0.0, 1.0, 4.0]), np.array([0.0, 0.75, 0.5])
GAME = {"sga": game_run([4.0, 2.0, 1.0], [9.0, 3.0, 0.5])}
PLAYERS = {"generator": {"value": 0.5}, "critic": {"value": -3.0}}
RATIOS = Rescaling(np.array([0.5, 1.0]), (measured(3.0), measured(1.0)))
COSINES = cosines(GRID)

FIGURES = {
    "stability": lambda: figures.stability(STABLE),
    "layers": lambda: layers([BLOCK]),
    "bands": lambda: figures.bands({"gaussian": BAND}),
    "front": lambda: figures.pareto(front()),
    "density": lambda: density({"Hessian": example_spectrum([[-1, 3]], [[0.5, 0.5]], 2)}, 0.1),
    "eigenvalues": lambda: figures.eigenvalues(example_spectrum([[-1, 3]], [[0.5, 0.5]], 9)),
    "conflict": lambda: figures.conflict(ConflictMap(AXES, COSINES)),
    "conflict line": lambda: figures.conflict(ConflictMap(AXES[1:], cosines(GRID[0]))),
    "conflict path": lambda: figures.conflict_path(
        {"adam": ConflictPath(np.array([0, 3, 9, 12]), cosines(GRID[0]))}
    ),
    "convexity": lambda: state_map(example_map()),
    "sharpness": lambda: figures.sharpness(RATIOS),
    "matrix": lambda: matrix(np.arange(9.0).reshape(3, 3)),
    "contour": lambda: figures.contour(asymmetric(), PATHS, critical={"minimum": [(0.25, -1.5)]}),
    "surface": lambda: figures.surface(asymmetric(), PATHS),
    "connection": lambda: figures.connection(between()),
    "off plane": lambda: figures.off_plane(PATHS, value="reward"),
    "history": lambda: figures.history({"adam": RUN}, value="ELBO", bounds="nll"),
    "tangent": lambda: tangent(curve(), -1.0, label="way", value="reward"),
    "race": lambda: race(axis="gradients", value="error"),
    "rates": lambda: figures.rate_sweep(SWEEP, current_rates={"sgd": 0.012}, value="error"),
    "diagram": lambda: figures.persistence_diagram(FOUND, value="error"),
    "players": lambda: figures.players(GAME, PLAYERS, references={"critic at rest": 1.25}),
    "rewards": lambda: figures.overoptimization({"adam": reward_curve(KL, TRUTH, "policy", proxy=3 * TRUTH)}),
    "noise": lambda: figures.gradient_noise(NOISE),
}
# By figure: the trace's place among those of its role, the role, the index of a point, and the words there.
HOVERS = [
    ("stability", "sharpness", 0, 1, "step 2<br>λ<sub>max</sub>(H) = 4.4 ± 0.2<br>limit 5"),
    ("stability", "limit", 0, 1, "step 2<br>2/η = 5"),
    ("stability", "curve", 0, 1, "step 1<br>loss 2"),
    ("layers", "smallest", 0, 0, "smallest λ = -4 ± 0.5"),
    ("layers", "largest", 0, 0, "largest λ = 16 ± 0.2"),
    ("layers", "mean", 0, 0, "trace 20 ± 4"),  # 24 and 16 of two probes
    ("bands", "median", 0, 2, "distance 2<br>median 7<br>quartiles 6 to 8"),
    ("front", "solutions", 0, 2, "fit 3<br>size 3<br>λ = 1: 0 · fit + 1 · size<br>gradient norm left 0.1"),
    ("front", "solutions", 0, 0, "fit 1<br>size 9<br>λ = 0: 1 · fit + 0 · size<br>gradient norm left 0.1"),
    ("front", "start", 0, 0, "fit 5<br>size 8"),
    ("front", "line", 0, 1, "fit 4<br>size 6<br>50% of the way"),
    ("density", "eigenvalues", 0, 1, "λ = 3 ± 0.01"),
    ("eigenvalues", "eigenvalues", 0, 1, "λ<sub>9</sub> = 3 ± 0.01<br>positive"),
    ("conflict", "conflict", 0, (1, 2), "3, 11<br>cosine 0.900 ± 2e-06<br>‖∇ fit‖ 2<br>‖∇ size‖ 3"),
    ("conflict line", None, 0, 2, "12<br>cosine 0.200 ± 2e-06"),
    ("conflict path", None, 0, 2, "<b>adam</b> step 9<br>cosine 0.200"),
    (
        "convexity",
        "cells",
        0,
        (1, 0),
        "-1, 2<br>λmin -2 ± 0.1<br>λmax 8 ± 0.2<br>ratio 0.25<br>the slice's own 1 to 7",
    ),
    (
        "sharpness",
        "measure",
        0,
        0,
        "<b>Largest eigenvalue</b><br>α = 0.5<br>6 ± 0.3 (error bar)<br>3 times that at α = 1",
    ),
    ("matrix", "matrix", 0, (1, 2), "row 1, column 2<br>5"),
    (
        "contour",
        "path",
        0,
        4,
        "<b>adam</b> step 12<br>loss -7.75<br>loss on the picture -9.75<br>distance off the picture 2",
    ),
    (
        "surface",
        "head",
        0,
        0,
        "<b>adam</b> step 12<br>loss -7.75<br>loss on the picture -9.75<br>distance off the picture 2",
    ),
    ("contour", "marks", 0, 0, "minimum<br>0.25, -1.5"),
    ("connection", "way", 1, 2, "<b>trained curve</b><br>t = 0.500, loss 1.2"),
    ("off plane", "curve", 0, 4, "<b>adam</b> step 12<br>distance off the plane 2"),
    ("off plane", "curve", 1, 4, "<b>adam</b> step 12<br>reward -7.75"),
    ("off plane", "curve", 2, 4, "<b>adam</b> step 12<br>reward on the plane -9.75"),
    ("history", "curve", 0, 1, "<b>adam</b> step 1<br>−log-likelihood 1.5"),
    ("history", "curve", 1, 1, "<b>adam</b> step 1<br>ELBO 2"),
    ("history", "curve", 2, 1, "<b>adam</b> step 1<br>gradient norm 8"),
    ("history", "stop", 0, 0, "<b>adam</b> diverged at step 3"),
    ("race", "path", 1, 2, "<b>sam</b> gradient evaluations 4<br>error 0.5"),
    ("race", "path", 3, 1, "<b>sam</b> gradient evaluations 2<br>gradient norm 1.414"),
    ("race", "path", 5, 1, "<b>sam</b> gradient evaluations 2<br>distance 1"),
    ("rates", "median", 0, 1, "<b>sgd</b> η = 0.1<br>median error 1<br>from 0.5 to 9<br>0% diverged"),
    ("rates", "diverged", 0, 0, "<b>sgd</b> η = 1<br>67% of the runs diverged"),
    ("rates", "tuned", 0, 0, "<b>sgd</b>, tuned: η = 0.1<br>median error 1"),
    ("rates", "present rate", 0, 0, "<b>sgd</b>, present rate: η = 0.01<br>median error 3"),
    ("diagram", "points", 0, 1, "error 1<br>merges at 4<br>persistence 3"),
    ("players", "curve", 0, 1, "<b>sga</b> step 1<br>generator's loss 1"),
    ("players", "curve", 1, 1, "<b>sga</b> step 1<br>critic's loss -6"),
    ("players", "curve", 2, 1, "<b>sga</b> step 1<br>norm of the field 3"),
    ("players", "reference", 0, 0, "critic at rest: 1.25"),
    ("rewards", "truth", 0, 1, "<b>adam</b><br>√KL 1<br>true reward 0.75"),
    ("rewards", "proxy", 0, 1, "<b>adam</b><br>√KL 1<br>learned reward 2.25"),
    ("noise", "eigenvalue", 0, 1, "rank 2: 2"),
    ("noise", "variance", 0, 2, "rank 3: 0.5"),
    ("tangent", "reward", 0, 0, "-1<br>reward 11"),
    ("tangent", "tangent", 0, -1, "2<br>tangent 8"),
]


@pytest.fixture(scope="module")
def drawn():
    return {name: draw() for name, draw in FIGURES.items()}


@pytest.mark.parametrize(("name", "kind", "place", "at", "words"), HOVERS)
def test_hover_text_states_values_of_the_point(drawn, name, kind, place, at, words):
    among = traces(drawn[name]) if kind is None else role(drawn[name], kind)
    assert hover_text(among[place], at) == words


@pytest.mark.parametrize(
    ("name", "direction", "titles"),
    [
        ("history", "y", {"y": "ELBO; dotted: −log-likelihood", "y2": "gradient norm"}),
        ("off plane", "y", {"y": "distance off the plane", "y2": "reward; dotted: on the plane"}),
        ("tangent", "x", {"x": "reward, and its tangent", "x2": "reward minus its tangent"}),
    ],
)
def test_each_panel_has_the_title_of_its_curves(drawn, name, direction, titles):
    assert panel_titles(drawn[name], direction) == titles


def type_colors(part) -> Iterator[str]:
    """The color of each text on the background of the page; text with a shadow is on a picture."""
    for name, value in part.items() if isinstance(part, dict) else enumerate(part):
        if str(name).endswith("font") and "shadow" not in value and "color" in value:
            yield value["color"]
        if isinstance(value, (dict, list, tuple)) and name not in ("hoverlabel", "contours"):
            yield from type_colors(value)


def contrast_to_white(color: str) -> float:
    """(1 + 0.05) / (L + 0.05) with the relative luminance L (WCAG 2.2)."""
    if color.startswith("#"):
        red, green, blue, opacity = (*(int(color[k : k + 2], 16) for k in (1, 3, 5)), 1.0)
    else:
        red, green, blue, opacity = map(float, re.findall(r"[\d.]+", color))
    shares = 1 + opacity * (np.array([red, green, blue]) / 255 - 1)
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05))


def test_text_contrasts_with_a_light_page(drawn):
    assert contrast_to_white("#8C8C8C") == pytest.approx(3.36, abs=0.005)
    colors = {name: set(type_colors(figure.to_plotly_json())) for name, figure in drawn.items()}
    assert len([name for name in colors if len(colors[name]) > 1]) > len(colors) / 2
    faint = {name: [each for each in result if contrast_to_white(each) < 4.5] for name, result in colors.items()}
    assert not any(faint.values()), faint
