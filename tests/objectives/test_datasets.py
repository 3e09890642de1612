"""Data: shapes, kinds, units, splits and draws."""

import numpy as np
import pytest

from landscapes.knobs import knobs
from landscapes.objectives import DATASETS as EVERY
from landscapes.objectives import datasets, generated

# Vectors and images with labels, real targets or counts; data of other kinds are tested with their families.
GENERATED, MEASURED = list(generated.DATASETS), list(datasets.DATASETS)
DATASETS = {**datasets.DATASETS, **generated.DATASETS}
EXAMPLES = list(DATASETS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_shapes_kinds_and_immutability(name):
    dataset = DATASETS[name]
    data = dataset.load(3)
    for part in (data.train, data.test):
        x, y = part["x"], part["y"]
        assert x.dtype == np.float32
        assert x.ndim == (2 if dataset.inputs == "vector" else 4)
        assert x.shape[1:] == data.input_shape
        assert np.all(np.isfinite(x))
        if data.classes is not None:
            assert dataset.targets == "classes"
            assert y.dtype == np.int32
            assert y.shape == (len(x),)
            assert set(np.unique(y)) == set(range(data.classes))
        else:
            assert dataset.targets in ("values", "counts")
            assert y.dtype == np.float32
            assert y.shape == (len(x), 1)
        with pytest.raises(ValueError, match="read-only"):
            x[0] = 0
    assert len(data.train["x"]) == knobs(dataset.load)["examples"].default


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "digits" not in name])
def test_standardized_by_the_training_set_alone(name):
    data = DATASETS[name].load(1)
    for column in ["x", "y"] if DATASETS[name].targets == "values" else ["x"]:
        train = data.train[column].astype(float)
        np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-5)
        assert np.max(np.abs(data.test[column].mean(axis=0))) > 1e-3


def test_digits_are_gray_values_and_images_are_the_same_digits():
    vectors, images = (DATASETS[name].load(5) for name in ("digits", "digits-images"))
    assert vectors.train["x"].min() == 0
    assert vectors.train["x"].max() == 1
    assert images.train["x"].shape == (500, 8, 8, 1)
    assert len(vectors.test["x"]) == 360
    np.testing.assert_array_equal(images.test["x"].reshape(360, 64), vectors.test["x"])
    np.testing.assert_array_equal(images.test["y"], vectors.test["y"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_seed_decides_everything(name):
    load = DATASETS[name].load
    first, again, other = load(7), load(7), load(8)
    np.testing.assert_array_equal(first.train["x"], again.train["x"])
    np.testing.assert_array_equal(first.test["y"], again.test["y"])
    assert not np.array_equal(first.train["x"], other.train["x"])


@pytest.mark.parametrize("name", [name for name in MEASURED if DATASETS[name].targets == "classes"])
def test_splits_are_stratified(name):
    data = DATASETS[name].load(2)
    assert data.classes is not None
    full = np.bincount(np.concatenate([data.train["y"], data.test["y"]]))
    for part in (data.train, data.test):
        expected = full * len(part["y"]) / full.sum()
        assert np.all(np.abs(np.bincount(part["y"], minlength=data.classes) - expected) <= 2)


@pytest.mark.parametrize("name", MEASURED)
def test_all_examples_are_used_once_and_fewer_are_a_subset_of_more(name):
    load = DATASETS[name].load
    limit = int(knobs(load)["examples"].high or 0)
    if name.startswith("digits"):  # the units do not depend on the training set
        some, larger = load(4, examples=57), load(4, examples=limit)
        np.testing.assert_array_equal(some.train["x"], larger.train["x"][:57])
        np.testing.assert_array_equal(some.test["x"], larger.test["x"])
    labels = [load(4, examples=count).train["y"] for count in (limit // 2, limit)]
    if DATASETS[name].targets == "classes":
        np.testing.assert_array_equal(labels[0], labels[1][: limit // 2])
    with pytest.raises(ValueError, match=f"give at most {limit}"):
        load(4, examples=limit + 1)


@pytest.mark.parametrize("name", [name for name, dataset in EVERY.items() if not dataset.whole])
def test_no_test_example_is_among_the_training_examples(name):
    load = EVERY[name].load
    data = load(4, examples=int(knobs(load)["examples"].high or 0)) if name in MEASURED else load(4)
    rows = [{row.tobytes() for row in part["x"]} for part in (data.train, data.test)]
    assert all(rows)
    twice = rows[0] & rows[1]
    # Two of the 150 irises have the same measures, and few of the 96 lines of text recur: its grammar is small.
    assert len(twice) <= {"iris": 1, "text": 5}.get(name, 0)


@pytest.mark.parametrize("name", GENERATED)
def test_every_knob_of_generated_data_matters(name):
    load = DATASETS[name].load
    baseline = load(0, examples=40)
    assert len(baseline.train["x"]) == len(baseline.test["x"]) == 40
    assert not np.array_equal(baseline.train["x"], baseline.test["x"])
    for knob in knobs(load).values():
        if knob.name == "examples":
            continue
        assert knob.high is not None
        changed = load(0, examples=40, **{knob.name: knob.kind((float(knob.default) + knob.high) / 2)})
        assert any(not np.array_equal(changed.train[part], baseline.train[part]) for part in ("x", "y"))


OTHERS = [name for name in EVERY if name not in DATASETS]
# The variance of the first dimension does not decay.
ALONE = {("gaussian-cloud", "decay"): {"dimensions": 3}}


@pytest.mark.parametrize("name", OTHERS)
def test_arrays_of_other_kinds_are_immutable_and_every_knob_of_theirs_matters(name):
    load = EVERY[name].load
    known = knobs(load)
    few = {"examples": 25, "side": 8}
    size = {knob: int(min(known[knob].high or 0, few[knob])) for knob in few if knob in known}
    baseline = load(0, **size)
    for part in (baseline.train, baseline.test):
        assert not any(array.flags.writeable for array in part.values())
    for knob in known.values():
        if knob.name == "examples":
            fewer = load(0, **size | {"examples": max(int(knob.low or 0), 12)}).train
            counted = "chosen" if "chosen" in fewer else "x"
            assert len(fewer[counted]) < len(baseline.train[counted])
            continue
        with_it = size | ALONE.get((name, knob.name), {})
        high = min(knob.high or 0, 2 * float(knob.default) + 2) if not knob.choices else 0
        between = (float(knob.default) + high) / 2 if not knob.choices else 0
        value = knob.choices[-1] if knob.choices else knob.kind(between if between != knob.default else knob.low)
        plain, turned = load(0, **with_it), load(0, **with_it | {knob.name: value})
        assert any(not np.array_equal(turned.train[part], plain.train[part]) for part in plain.train), knob.name


def test_noise_free_shapes():
    circles = DATASETS["circles"].load(0, noise=0.0, examples=500)
    xor = DATASETS["xor"].load(0, noise=0.0)
    blobs = DATASETS["blobs"].load(0, noise=0.0, clusters=5)
    # Standardization scales the axes, so a circle is an ellipse; it is still two curves, one inside the other.
    radius = np.hypot(*circles.train["x"].T)
    assert radius[circles.train["y"] == 1].max() < radius[circles.train["y"] == 0].min()
    np.testing.assert_array_equal(np.prod(np.sign(xor.train["x"]), axis=1) < 0, xor.train["y"] == 1)
    assert len(np.unique(blobs.train["x"].round(4), axis=0)) == blobs.classes == 5


def test_examples_are_called_what_they_are():
    units = {name: dataset.unit for name, dataset in EVERY.items() if dataset.unit != "examples"}
    assert units == {
        **dict.fromkeys(("text", "markov-chain", "modular-addition"), "sequences"),
        **dict.fromkeys(("interval", "space-time"), "points"),
        "point": "point",
        "bandit": "state",
        "gridworld": "states",
        "cartpole": "distribution of starts",
        "preferences": "pairs",
        "karate-club": "members",
        "linear-tasks": "tasks",
        "documents": "documents",
        "disc": "pixels",
        "patients": "patients",
        "utterances": "utterances",
    }
    whole = {name for name, dataset in EVERY.items() if dataset.whole}
    assert whole == {
        "point",
        "bandit",
        "gridworld",
        "cartpole",
        "preferences",
        "documents",
        "patients",
        "utterances",
    }
