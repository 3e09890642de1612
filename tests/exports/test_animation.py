"""Animations are read back by imageio: number, size and order of frames."""

from dataclasses import replace

import imageio.v3 as iio
import numpy as np
import pytest

from landscapes import figures
from landscapes.exports import EXPORTS
from landscapes.exports.animation import frames
from landscapes.exports.settings import ExportSettings
from landscapes.recipes.recipe import Recipe

FORMATS = {"mp4": "FFMPEG", "webp": "pillow", "gif": "pillow"}


@pytest.fixture(scope="module")
def film(bundle):
    """Six frames of a surface that turns while a path grows."""
    scene = figures.surface(bundle.surface, bundle.paths, labels=("x", "y"), resolution=9)
    return replace(bundle, figure=scene, settings=ExportSettings(frames=6, frame_px=160), caption="A ravine.")


# imageio's reader forks, and leaves its pipes open.
@pytest.mark.filterwarnings("ignore:os.fork", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(("name", "plugin"), FORMATS.items())
def test_file_has_the_frames_of_the_figure(film, name, plugin):
    expected = frames(film)
    data = EXPORTS[name].encode(film)
    with iio.imopen(data, "r", extension=f".{name}", plugin=plugin) as file:
        read = np.stack([frame[..., :3] for frame in file.iter()])
    assert read.shape == expected.shape == (6, *expected.shape[1:3], 3)
    assert np.abs(read.astype(int) - expected).mean() < 12
    assert EXPORTS[name].encode(film) == data


def test_formats_share_the_frames_of_a_bundle(film):
    assert frames(film) is frames(film)
    assert frames(replace(film)) is not frames(film)


def test_title_and_caption_are_in_the_mp4(film):
    data = EXPORTS["mp4"].encode(film)
    assert film.title.encode() in data
    assert b"A ravine." in data


def test_still_pictures_have_no_animation(bundle):
    still = replace(bundle, figure=figures.contour(bundle.surface, resolution=9), paths={})
    with pytest.raises(ValueError, match="nothing moves in this picture; add an optimizer"):
        EXPORTS["gif"].encode(still)
    export, moving, calm = EXPORTS["mp4"], Recipe(), Recipe(optimizers=())
    assert export.is_for(moving, 1)
    assert export.is_for(calm, 2)  # a surface, whose camera turns
    assert not export.is_for(calm, 1)
    assert not export.is_for(replace(calm, view="contour"), 2)


@pytest.mark.parametrize("package", ["imageio", "imageio_ffmpeg"])
def test_absent_package_disables_animations(film, monkeypatch, package):
    monkeypatch.setattr(
        "landscapes.exports.animation.find_spec", lambda name: None if name == package else object()
    )
    for name in FORMATS:
        with pytest.raises(ValueError, match="need the packages imageio and imageio-ffmpeg") as caught:
            EXPORTS[name].encode(film)
        assert str(caught.value).count(". ") == 0


def test_ffmpeg_that_does_not_run_is_reported(film, monkeypatch, tmp_path):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "none"))
    with pytest.raises(ValueError, match=r"FFmpeg does not run here .*; save the animation as WebP"):
        EXPORTS["mp4"].encode(film)
