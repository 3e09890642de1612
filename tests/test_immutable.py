"""Read-only arrays."""

import numpy as np
import pytest

from landscapes.immutable import frozen, read_only


def test_a_frozen_array_is_a_copy_and_a_read_only_one_is_not():
    own = np.array([1.0, 2.0])
    copy = frozen(own)
    own[0] = 5
    np.testing.assert_array_equal(copy, [1, 2])
    assert read_only(own) is own
    for array in (copy, own):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
