"""The states of runs in a file: they return to the bit, and another optimizer is refused."""

import jax
import numpy as np
import pytest

from landscapes.evaluation.result_directory import open_results
from landscapes.optimization.run_file import RunFile
from tests.problems import skewed

STATE = {"momentum": np.array([[0.1, -0.0, np.inf]]), "count": np.array([3]), "key": jax.random.key(5)}


def test_a_state_returns_with_its_random_key(tmp_path):
    results = open_results(tmp_path / "runs", "race_from", skewed(), {"steps": 9})
    assert results is not None
    file = RunFile(results, "adam, slow", "runs-0")
    assert file.restore(STATE, {"rate": 0.1}) == (0, STATE)
    file.write(4, STATE, is_over=True)
    empty = {"momentum": np.zeros((1, 3)), "count": np.zeros(1, int), "key": jax.random.key(0)}
    done, result = file.restore(empty, {"rate": 0.1})
    assert done == 4
    assert result["momentum"].tobytes() == STATE["momentum"].tobytes()
    assert jax.random.bits(result["key"]) == jax.random.bits(STATE["key"])
    with pytest.raises(ValueError, match="another optimizer under 'adam, slow'"):
        file.restore(empty, {"rate": 0.2})
