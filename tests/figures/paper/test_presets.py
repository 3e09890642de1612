"""Widths and type of print."""

import pytest

from landscapes.figures.paper.presets import PRESETS, preset_of, settings

INCHES = {"icml": 3.25, "icml-wide": 6.75, "neurips": 5.5, "ieee": 3.5, "ieee-wide": 7.16}


def test_widths_are_those_of_style_files():
    for name, inches in INCHES.items():
        assert PRESETS[name].width_mm == pytest.approx(25.4 * inches, abs=0.01)
    assert (PRESETS["nature"].width_mm, PRESETS["nature-wide"].width_mm) == (89, 183)
    assert {name for name, preset in PRESETS.items() if preset.family == "sans"} == {"nature", "nature-wide"}
    assert all(5 <= preset.small_points < preset.points <= 9 for preset in PRESETS.values())


def test_unknown_preset_is_refused():
    with pytest.raises(ValueError, match="there is no preset 'a4'; there are icml, "):
        preset_of("a4")


def test_settings_embed_fonts_and_keep_text():
    result = settings(PRESETS["icml"])
    assert (result["pdf.fonttype"], result["svg.fonttype"]) == (42, "none")
    assert result["font.family"][0] == "STIXGeneral"
