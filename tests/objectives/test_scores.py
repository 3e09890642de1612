"""What was learned about completions: scores with mean 0 under the reference policy."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS
from landscapes.objectives.scores import policy, rewards


@pytest.mark.parametrize("show", [rewards, policy])
def test_scores_are_centred_and_probabilities_are_those_of_the_policy(show):
    data = DATASETS["preferences"].load(0, length=3)
    behavior = show(DATASETS["preferences"], data, "train")
    tilt = np.linspace(-1, 2, len(data.train["x"]), dtype=np.float32) ** 2
    inputs = {name: jnp.asarray(array) for name, array in behavior.inputs.items()}
    result = behavior.show(lambda params, state, x: jnp.asarray(tilt)[:, None], None, None, inputs, None)
    reference = np.exp(data.train["reference"].astype(float))
    np.testing.assert_allclose(result.score, tilt - reference @ tilt, atol=1e-5)
    expected = reference if show is rewards else reference * np.exp(tilt) / np.sum(reference * np.exp(tilt))
    np.testing.assert_allclose(result.probability, expected, rtol=1e-4)
    np.testing.assert_array_equal(behavior.drawn["truth"], data.train["truth"])
