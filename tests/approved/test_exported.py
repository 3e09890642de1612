"""What every export format writes of scenes of each kind is approved."""

import pytest

from tests.approved import exported, record


@pytest.mark.parametrize("name", exported.BUNDLES)
def test_exports_hold_what_was_approved(name):
    record.check("exports", name, exported.text(name))


def test_no_record_is_of_a_bundle_that_is_gone():
    assert record.names("exports") == set(exported.BUNDLES), f"run `{record.COMMAND}`"
