"""`make quick` finds the tests of a change."""

from pathlib import Path

import pytest

from tests.quick import IDENTITIES, mirrors


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        ("landscapes/curvature/lanczos.py", ["tests/curvature/test_lanczos.py"]),
        ("landscapes/plane.py", ["tests/test_plane.py"]),
        ("landscapes/recipes/catalog/table.py", ["tests/recipes/test_table.py"]),
        ("landscapes/views/sections/sharpness.py", ["tests/views/test_sharpness.py"]),
        ("objectives/supervised.py", ["tests/objectives/test_supervised.py"]),
        ("tests/test_plane.py", ["tests/test_plane.py"]),
        ("tests/browser/test_app.py", []),
        ("README.md", []),
    ],
)
def test_a_module_has_the_tests_that_mirror_it(file, tests):
    assert mirrors(file) == tests


def test_every_identity_is_a_file():
    assert not [file for file in IDENTITIES if not (Path(__file__).parent.parent / file).exists()]
