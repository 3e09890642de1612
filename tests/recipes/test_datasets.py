"""Tables as the data of recipes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import jax
import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.tables import STORE, Table, pack, read_table
from tests.small_recipes import build_unfilled
from tests.tables.files import HOMES, csv_of

OWNER = "test"
NUMBERS = csv_of(["x1", "x2", "y", "label"], [(k, k * k % 7, k / 3, "abc"[k % 3]) for k in range(30)])


@pytest.fixture(autouse=True)
def _release() -> Iterator[None]:
    yield
    STORE.release(OWNER)


def _data(table: Table, kind: str, **settings) -> Choice:
    STORE.add(OWNER, table)
    baseline = {"target": len(table.columns), "table": str(table.reference)}
    return Choice.of(f"table-{kind}", **(baseline | settings))


def _recipe(data: Choice, **settings) -> Recipe:
    objective, model = ("cross-entropy", "softmax") if "classes" in data.name else ("squared-error", "linear")
    return catalog.complete(Recipe(objective=Choice(objective), model=Choice(model), data=data, **settings))


@pytest.mark.parametrize(
    ("name", "loader", "kind"), [("iris", load_iris, "classes"), ("diabetes", load_diabetes, "values")]
)
def test_a_dataset_written_as_csv_gives_the_same_problem(name, loader, kind):
    bunch = loader()
    # The names of the species are in the order of their numbers, and Python writes every number exactly.
    targets = [bunch.target_names[k] for k in bunch.target] if kind == "classes" else bunch.target.tolist()
    rows = [(*x, y) for x, y in zip(bunch.data.tolist(), targets, strict=True)]
    table = read_table(csv_of([*bunch.feature_names, "target"], rows))
    data = catalog.complete(_recipe(_data(table, kind, split_seed=3), seed=11)).data
    ours, built_in = catalog.load(data, 11), DATASETS[name].load(3)
    assert ours.classes == built_in.classes
    for split in ("train", "test"):
        for key in ("x", "y"):
            one, other = getattr(ours, split)[key], getattr(built_in, split)[key]
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


def test_standardization_and_means_are_those_of_the_training_examples():
    rng = np.random.default_rng(0)
    rows = [(k, "" if k % 6 == 1 else round(float(rng.normal(5, 2)), 3), 7 + 3 * k) for k in range(50)]
    table = read_table(csv_of(["row", "x", "y"], rows))
    raw = catalog.load(_recipe(_data(table, "values", standardize="nothing", test_share=0.3)).data, 0)
    train, test = raw.train["x"], raw.test["x"]
    assert (len(train), len(test)) == (35, 15)
    assert not set(train[:, 0]) & set(test[:, 0])
    assert set(train[:, 0]) | set(test[:, 0]) == set(range(50))
    np.testing.assert_array_equal(raw.train["y"][:, 0], 7 + 3 * train[:, 0])
    for part in (train, test):
        is_missing = part[:, 0] % 6 == 1
        present = train[train[:, 0] % 6 != 1, 1]
        np.testing.assert_allclose(part[is_missing, 1], present.mean(), rtol=1e-6)
    scaled = catalog.load(_recipe(_data(table, "values", test_share=0.3)).data, 0)
    inputs = catalog.load(_recipe(_data(table, "values", standardize="inputs", test_share=0.3)).data, 0)
    np.testing.assert_allclose(scaled.train["x"].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.train["x"].std(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(scaled.train["y"].std(), 1, atol=1e-6)
    np.testing.assert_allclose(scaled.test["x"], (test - train.mean(axis=0)) / train.std(axis=0), atol=1e-5)
    np.testing.assert_array_equal(inputs.train["x"], scaled.train["x"])
    np.testing.assert_array_equal(inputs.train["y"], raw.train["y"])


def test_a_column_constant_in_training_is_not_blown_up():
    seed, share = 0, 0.2
    probe = read_table(csv_of(["row", "y"], [(k, k % 2) for k in range(20)]))
    held = catalog.load(_recipe(_data(probe, "values", standardize="nothing")).data, seed).test["x"][:, 0]
    rows = [(k, 0.3 if k in held else 0.1, k % 2) for k in range(20)]
    data = catalog.load(
        _recipe(_data(read_table(csv_of(["row", "x", "y"], rows)), "values", test_share=share)).data, 0
    )
    np.testing.assert_allclose(data.train["x"][:, 1], 0, atol=1e-6)
    np.testing.assert_allclose(data.test["x"][:, 1], 0.2, atol=1e-6)


def test_classes_are_in_proportion_in_both_parts():
    rows = [(k, "rare" if k % 10 == 0 else "common") for k in range(200)]
    data = catalog.load(_recipe(_data(read_table(csv_of(["x", "y"], rows)), "classes", examples=100)).data, 0)
    assert np.bincount(data.train["y"]).tolist() == [90, 10]
    assert abs(np.bincount(data.test["y"])[1] - 4) <= 1


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_recipe_with_a_table_is_written_and_read_back(is_packed):
    table = read_table(HOMES.encode(), "my homes (2).csv")
    settings = {"packed": pack(table)} if is_packed else {}
    settings |= {"leave_out": "5", "as_categories": "2,3", "missing": "indicator", "test_share": 0.25}
    recipe = _recipe(_data(table, "values", **settings), steps=7)
    query = catalog.to_query(recipe)
    assert catalog.complete(catalog.from_query(query)) == recipe
    assert catalog.complete(Recipe.from_json(recipe.to_json())) == recipe
    assert catalog.read_address(query) == (recipe, [])
    assert catalog.title(recipe) == "squared error of linear regression on my homes (2).csv"
    before = catalog.build(recipe).data
    STORE.release(OWNER)
    if is_packed:
        jax.tree.map(np.testing.assert_array_equal, catalog.build(recipe).data, before)
    else:
        with pytest.raises(ValueError, match=r"upload the table my homes \(2\)\.csv \(5 rows, 6 columns, hash "):
            catalog.build(recipe)


def test_a_table_is_shown_to_its_owner_alone():
    recipe = _recipe(_data(read_table(NUMBERS, "n.csv"), "classes"))
    catalog.check_table(recipe, OWNER)
    with pytest.raises(ValueError, match=r"upload the table n\.csv"):
        catalog.check_table(recipe, "another viewer")
    catalog.check_table(replace(recipe, data=Choice("iris")), "another viewer")


def test_every_objective_and_model_that_fits_reads_a_table():
    table = read_table(NUMBERS)
    for kind, target, name in (("classes", 4, "iris"), ("values", 3, "diabetes")):
        data = _data(table, kind, target=target)
        objectives = catalog.objectives_for(data.name)
        assert objectives == catalog.objectives_for(name)
        for objective in catalog.trainable_objectives(objectives):
            models = catalog.models_for(data.name, objective)
            assert models == catalog.models_for(name, objective)
            recipe = catalog.complete(Recipe(objective=Choice(objective), model=Choice(models[0]), data=data))
            assert recipe.data.settings["table"] == str(table.reference)
            problem = build_unfilled(recipe)
            terms = jax.eval_shape(lambda problem: problem.terms(problem.params), problem)
            assert set(terms) == set(OBJECTIVES[objective].weights_for(kind))


def test_an_uploaded_table_brings_an_objective_that_fits():
    values = _data(read_table(NUMBERS), "values", target=3)
    before = catalog.complete(Recipe(steps=9, seed=4))
    after = catalog.with_table(before, values)
    assert (after.objective.name, after.data.name) == ("squared-error", "table-values")
    assert (after.steps, after.seed) == (9, 4)
    classes = _data(read_table(NUMBERS), "classes")
    after = catalog.with_table(after, classes)
    assert (after.objective.name, after.data.name) == ("squared-error", "table-classes")
    # Another objective that fits keeps the table.
    changed = catalog.with_objective(after, Choice("cross-entropy"))
    assert changed.data == after.data


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"table": "no reference"}, "names no table"),
        ({"leave_out": "a,b"}, "names no columns"),
        ({"target": 0}, "target = 0 is out of range"),
        ({"missing": "guess"}, "not one of mean, indicator, drop"),
    ],
)
def test_wrong_knobs_are_named_and_the_others_kept(settings, sentence):
    table = read_table(NUMBERS)
    data = _data(table, "classes")
    data = Choice.of(data.name, **(data.settings | {"split_seed": 5} | settings))
    recipe, faults = catalog.repair(Recipe(data=data))
    assert any(sentence in fault for fault in faults)
    assert recipe.data.settings["split_seed"] == 5
    assert catalog.complete(recipe) == recipe
