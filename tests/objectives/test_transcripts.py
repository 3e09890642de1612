"""CTC against the sum over all alignments."""

from itertools import groupby, product

import jax
import numpy as np
from scipy.special import log_softmax, logsumexp

from landscapes.objectives import DATASETS, OBJECTIVES


def ctc(outputs, labels):
    batch = {"x": outputs.reshape(-1, outputs.shape[-1]), "labels": np.array(labels)}
    return float(terms(batch)["ctc"])


@jax.jit
def terms(batch):
    return OBJECTIVES["ctc"].terms(lambda params, state, x: x, {}, {}, batch, None)


def alignments(frames, classes, labels):
    for path in product(range(classes), repeat=frames):
        if [symbol for symbol, _ in groupby(path) if symbol] == list(labels):
            yield path


def test_ctc_sums_over_all_alignments():
    outputs, labels = np.random.default_rng(0).normal(size=(2, 5, 3)), [[1, 2], [2, 2]]
    expected = [
        -logsumexp([sum(row[t, a] for t, a in enumerate(path)) for path in alignments(5, 3, said)])
        for row, said in zip(log_softmax(outputs, axis=-1), labels, strict=True)
    ]
    np.testing.assert_allclose(ctc(outputs, labels), np.mean(expected), rtol=1e-5)


def test_ctc_of_equal_outputs_counts_alignments():
    count = len(list(alignments(6, 3, [1, 2])))
    np.testing.assert_allclose(ctc(np.zeros((1, 6, 3)), [[1, 2]]), 6 * np.log(3) - np.log(count), rtol=1e-5)


def test_frames_of_an_utterance_spell_its_labels():
    data = DATASETS["utterances"].load(3)
    for symbols, said in zip(data.train["y"].reshape(-1, 12), data.train["labels"], strict=True):
        assert [symbol for symbol, _ in groupby(symbols) if symbol] == list(said)
