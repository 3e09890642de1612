"""Settings of exports that are not valid are answered by one sentence."""

import pytest

from landscapes.exports.settings import ExportSettings


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"preset": "acm"}, "there is no preset 'acm'; there are icml, "),
        ({"motion": "fly"}, "there is no motion 'fly'; there are paths, camera, both"),
        ({"dpi": 20}, "dpi = 20 is not valid; give a number from 50 to 1200"),
        ({"frames": 1}, "frames = 1 is not valid; give a number from 2 to 600"),
        ({"frame_px": 4000}, "frame_px = 4000 is not valid"),
    ],
)
def test_invalid_settings_name_what_is_valid(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        ExportSettings(**settings)


def test_settings_are_plain_values():
    assert ExportSettings("ieee", 200).as_dict() == {
        "preset": "ieee",
        "dpi": 200,
        "motion": "",
        "frames": 50,
        "frame_px": 640,
    }
