"""Batches of a loader: read ahead, again and in order."""

import threading

import numpy as np
import pytest

from landscapes.batch_source import BatchSource

X = np.arange(14.0, dtype=np.float32).reshape(7, 2)


def batches(size=3, reads=None):
    if reads is not None:
        reads.append(threading.current_thread().name)
    for start in range(0, 7, size):
        yield {"x": X[start : start + size], "index": np.arange(start, min(start + size, 7))}


def test_all_examples_are_counted():
    source = BatchSource(batches)
    assert source.sizes == (3, 3, 1)
    assert source.examples == 7
    np.testing.assert_array_equal(np.concatenate([batch["x"] for batch in source.read()]), X)


def test_batches_come_in_any_order_and_one_reader_serves_a_pass():
    reads: list[str] = []
    source = BatchSource(lambda: batches(reads=reads))
    for index in (0, 1, 2, 0, 1, 2, 2, 1):
        np.testing.assert_array_equal(source.batch(index)["index"], np.arange(3 * index, min(3 * index + 3, 7)))
    # One to count, two passes, one for the last batch again, one back to its predecessor.
    assert len(reads) == 5
    assert all(name.startswith("batches") for name in reads)


def test_loader_itself_may_be_given():
    assert BatchSource([{"x": X}, {"x": X[:2]}]).sizes == (7, 2)


def test_tensors_are_read():
    class Tensor:
        def detach(self):
            return self

        cpu = detach

        def numpy(self):
            return X

    assert BatchSource([(Tensor(),)]).sizes == (7,)


@pytest.mark.parametrize(
    ("loader", "sentence"),
    [
        (iter([X]), "batches is an iterator, which is empty after one pass"),
        (3, "batches is a int; give a function that returns an iterator"),
        (list, "batches yields nothing"),
        ([X[:2], X[:3], X[:2]], "batch 1 has other shapes than batch 0"),
        ([X[:2], X[:2, :1]], "the last batch has other shapes than batch 0"),
        ([X[:2], X[:3].astype(np.int32)], "the last batch has other shapes than batch 0"),
        ([{"x": X, "y": X[:2]}], "batch 0 is not made of arrays with the examples along axis 0"),
        ([np.float32(3)], "batch 0 is not made of arrays"),
        ([["text", "more"]], "batch 0 is not made of arrays"),
    ],
    ids=["iterator", "number", "empty", "middle", "width", "dtype", "lengths", "scalar", "text"],
)
def test_loader_that_does_not_fit_gets_one_sentence(loader, sentence):
    with pytest.raises(ValueError, match=sentence):
        BatchSource(loader)


def test_loader_that_changes_gets_one_sentence():
    passes = [[X[:3], X[:3]], [X[:3]], [X[:3], X[:2]]]
    source = BatchSource(lambda: passes.pop(0))
    with pytest.raises(ValueError, match="the loader gave 1 batches instead of 2"):
        source.batch(1)
    with pytest.raises(ValueError, match="batch 1 has other shapes than when the loader was first read"):
        source.batch(1)
