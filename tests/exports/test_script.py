"""The script holds a hash and values of each array. tests/commands/test_render.py runs it."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from landscapes.exports import EXPORTS
from landscapes.exports.script import SAMPLES, array_facts, versions


def test_facts_are_hashes_and_values_of_arrays(bundle):
    facts = array_facts(bundle)
    sha256, values = facts["path/sgd, slow/coordinates"]
    coordinates = np.ascontiguousarray(bundle.paths["sgd, slow"].coordinates)
    assert sha256 == hashlib.sha256(coordinates.tobytes()).hexdigest()
    assert len(values) == SAMPLES
    assert values[0] == (float(coordinates.ravel()[0]), 0.0)
    assert values[-1] == (float(coordinates.ravel()[-1]), 0.0)
    assert {"axis/0", "axis/1", "loss", "eigenvalues"} <= set(facts)


def test_script_is_python_with_the_versions(bundle):
    text = EXPORTS["script"].encode(replace(bundle, caption='a \\ "b" \'\'\' """c""" {d}')).decode()
    compile(text, "script.py", "exec")
    assert f'"jax": "{versions()["jax"]}"' in text
    assert "the file of the table" not in text


def test_results_without_recipe_have_no_script(bundle):
    bare = replace(bundle, recipe=None)
    with pytest.raises(ValueError, match="keep that code"):
        EXPORTS["script"].encode(bare)
    assert not EXPORTS["script"].is_for(None, 2)
    assert EXPORTS["script"].is_for(bundle.recipe, 2)
