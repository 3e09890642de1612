"""Results survive a file bit by bit, and a file that is none is answered by one sentence."""

import io
import json
import math
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from landscapes.curvature.gradient_jump import Jump
from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.games import Flow, Jacobian
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.recipes.recipe import Recipe
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface
from landscapes.storage import SavedResults, encode_results, load, save

RNG = np.random.default_rng(5)
BITS = np.array([0.1, -0.0, np.nan, np.inf, 5e-324, 1e308])
AXES = (np.array([-1.0, np.pi, 7.0]), np.array([0.1, 0.30000000000000004]))
SURFACE = Surface(
    AXES,
    {"loss": BITS.reshape(3, 2), "a/b %": RNG.normal(size=(3, 2)).astype(np.float32)},
    np.array([[True, False]] * 3),
    {"loss": 1 / 3, "a/b %": 0.0},
    {"loss": math.inf, "a/b %": 5e-324},
    evaluations=9,
    sense="maximize",
    checks=7,
    verified=True,
    note="The loss jumps, “here”.",
)
DIVERGED = Outcome("diverged", 4, "diverged: after step 4")
STEPS = np.array([0, 2, 3])
PATH = Projection(
    *(STEPS, RNG.normal(size=(3, 2)), RNG.normal(size=3), BITS[:3], BITS[3:], 0.1, 1 / 3, DIVERGED),
    *({"loss": BITS[:3], "a/b %": BITS[3:]}, {"loss": RNG.normal(size=3), "a/b %": BITS[:3]}),
)
PARAMS = {
    "dense": ({"kernel": RNG.normal(size=(3, 4, 2)).astype(np.float32)}, [RNG.normal(size=(3, 1))]),
    "none": (),
}
RUN = Trajectory(
    *(STEPS, PARAMS, RNG.normal(size=4), RNG.normal(size=4), DIVERGED, {"loss": BITS[:4]}),
    **{
        "final_loss": math.nan,
        "final_terms": {"loss": 1 / 3},
        "projections": (PATH, replace(PATH, batch_size=32)),
        "player_weights": {"buyer": {"a/b %": 0.1}},
    },
)
SPECTRUM = Spectrum(
    *(np.array([-1.0, 1 / 3]), np.array([0.1, 0.2]), np.array([True, False]), RNG.normal(size=(2, 3))),
    *(RNG.random((2, 3)), np.array([0.0, 5e-324]), 70, 1 / 3, "lanczos", 31, 1),
    **{"sense": "maximize", "eigenvectors": {"w": RNG.normal(size=(2, 5))}, "note": "a note"},
    jump=Jump("gradient", 0.5, np.array([1.0, 0.0, -0.0]), (1.0, -1 / 3), math.nan),
)
JACOBIAN = Jacobian(
    np.array([1 + 2j, 1 - 2j]), np.array([0.1, 0.2]), 0.1, 2, 0.5, "dense", np.eye(2), np.arange(2)
)
FLOW = Flow(AXES, RNG.normal(size=(3, 2, 2)), RNG.random((3, 2)))
EVERYTHING: dict[str, Any] = {
    "surface": SURFACE,
    "paths": {"sgd, slow": PATH, "a/b": replace(PATH, share=0.5), "": PATH},
    "trajectories": {"sgd, slow": RUN},
    "spectrum": SPECTRUM,
    "jacobian": JACOBIAN,
    "flow": FLOW,
}
FACTS = {
    "value": "<script>perplexity</script>",
    "labels": ("x", "y"),
    "caption": "c",
    "directions": "d",
    "seed": 3,
}


def same(left: Any, right: Any) -> bool:
    """Equality of types, fields and bits."""
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if type(left) is not type(right):
        return False
    if is_dataclass(left):
        return all(same(getattr(left, spec.name), getattr(right, spec.name)) for spec in fields(left))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, tuple | list):
        return len(left) == len(right) and all(map(same, left, right))
    return repr(left) == repr(right)


def test_every_field_of_every_result_survives(tmp_path):
    file = tmp_path / "results.npz"
    save(file, **EVERYTHING, **FACTS, recipe=Recipe(steps=7))
    loaded = load(file)
    for name, expected in {**EVERYTHING, **FACTS}.items():
        assert same(getattr(loaded, name), expected), name
    assert loaded.recipe is not None
    assert Recipe.from_json(loaded.recipe) == Recipe(steps=7)
    assert loaded.precision == "float64"
    assert set(loaded.versions) == {"landscapes", "jax", "numpy"}
    assert loaded.surface is not None
    assert not loaded.surface.terms["loss"].flags.writeable
    assert list(tmp_path.iterdir()) == [file]


def test_results_without_recipe_have_none_and_say_what_they_are(tmp_path):
    save(tmp_path / "a file", surface=SURFACE)
    loaded = load(tmp_path / "a file")
    assert (loaded.recipe, loaded.paths, loaded.spectrum, loaded.value, loaded.seed) == (None, {}, None, "", None)
    with np.load(tmp_path / "a file", allow_pickle=False) as arrays:
        assert "recipe" not in arrays
        header = json.loads(str(arrays["header"]))
    assert header["version"] == 1
    assert header["extent"] == [[-1.0, 7.0], [0.1, 0.30000000000000004]]
    assert "error unknown" in repr(loaded)
    assert loaded.figure().to_dict()["data"]


def test_loaded_results_draw_themselves_with_their_names():
    data = io.BytesIO(encode_results(SavedResults(**EVERYTHING, **FACTS)))
    loaded = load(data)
    assert loaded.figure(term="a/b %").to_dict()["layout"]["meta"]["value"] == "a/b %"
    drawn = loaded.figure().to_dict()
    assert drawn["layout"]["meta"]["value"] == FACTS["value"]
    assert drawn["layout"]["meta"]["labels"] == ["x", "y"]
    assert {"sgd, slow", "a/b"} <= {trace.get("name") for trace in drawn["data"]}
    assert "<script>perplexity" not in str(loaded._repr_html_())


@pytest.mark.parametrize("name", ["trajectories", "paths", "spectrum", "jacobian", "flow"])
def test_each_part_alone_survives_and_is_drawn(name):
    loaded = load(io.BytesIO(encode_results(SavedResults(**{name: EVERYTHING[name]}))))
    assert same(getattr(loaded, name), EVERYTHING[name])
    one = {"paths": "path", "trajectories": "trajectory"}
    count = len(EVERYTHING[name]) if name in one else 0
    assert loaded.summary == (f"{count} {name if count > 1 else one[name]}" if count else name)
    assert loaded.figure().to_dict()["data"]


def test_failed_save_leaves_old_file_and_no_other(tmp_path):
    file = tmp_path / "results.npz"
    save(file, surface=SURFACE)
    before = file.read_bytes()
    with pytest.raises(ValueError, match="eigenvectors/w is an array of object; give arrays of numbers"):
        save(file, spectrum=replace(SPECTRUM, eigenvectors={"w": np.array([object(), None])}))
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_to_save_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is nothing to save"):
        save(tmp_path / "a", value="loss")
    with pytest.raises(ValueError, match="give a Surface"):
        save(tmp_path / "a", surface=np.ones((3, 3)))  # type: ignore[arg-type]
