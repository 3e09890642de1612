"""MP4, WebP and GIF: the optimizers of a picture run, its camera turns, or both.

The frames are those of `figures.paper`; a bundle draws them once for all three formats.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary

import numpy as np

from landscapes.exports.bundle import Bundle, Export
from landscapes.exports.settings import FRAMES_PER_SECOND
from landscapes.figures import paper
from landscapes.packages import find_spec

PRESET = "neurips"
MISSING = (
    "animations need the packages imageio and imageio-ffmpeg, which are not both installed; "
    '`pip install "landscapes[export]"` brings them'
)
WEBP_QUALITY = 80  # of 100
_FRAMES: WeakKeyDictionary[Bundle, np.ndarray] = WeakKeyDictionary()
_LOCK = threading.Lock()


def frames(bundle: Bundle) -> np.ndarray:
    """The frames["count height width 3"] of a bundle in the light theme, with its caption.

    Raises:
        ValueError: if nothing moves in its picture, or not what its settings ask for.
    """
    with _LOCK:
        if bundle not in _FRAMES:
            settings = bundle.settings
            _FRAMES[bundle] = paper.frames(
                bundle.light_figure,
                motion=settings.motion,
                count=settings.frames,
                width_px=settings.frame_px,
                preset=settings.preset or PRESET,
                caption=bundle.caption,
            )
        return _FRAMES[bundle]


def mp4(bundle: Bundle) -> bytes:
    """H.264, which browsers, slides and phones play; its metadata hold the title and the caption.

    Raises:
        ValueError: if nothing moves, or FFmpeg does not run.
    """
    tags = {"title": bundle.title, "comment": bundle.description}
    metadata = [part for name, text in tags.items() for part in ("-metadata", f"{name}={text}")]
    codec = ("-c:v", "libx264", "-crf", "20", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    return _by_ffmpeg(frames(bundle), ".mp4", (*codec, *metadata))


def gif(bundle: Bundle) -> bytes:
    """GIF, for programs that show neither MP4 nor WebP, with the 256 colors that suit all of its frames.

    Raises:
        ValueError: if nothing moves, or FFmpeg does not run.
    """
    palette = "[0:v]split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_mode=rectangle"
    return _by_ffmpeg(frames(bundle), ".gif", ("-filter_complex", palette))


def webp(bundle: Bundle) -> bytes:
    """WebP, which plays without end in a page or a README. Frames that are the same are one that stays longer.

    Raises:
        ValueError: if nothing moves.
    """
    import imageio.v3

    look = {"duration": 1000 / FRAMES_PER_SECOND, "loop": 0, "quality": WEBP_QUALITY, "method": 2}
    return imageio.v3.imwrite("<bytes>", frames(bundle), extension=".webp", plugin="pillow", **look)


def missing() -> str:
    """A sentence with the remedy if a package that animations need is not installed, or ""."""
    packages = ("imageio", "imageio_ffmpeg")
    return paper.missing() or ("" if all(map(find_spec, packages)) else MISSING)


def _by_ffmpeg(film: np.ndarray, extension: str, options: Sequence[str]) -> bytes:
    """The frames["count height width 3"] as a file. imageio's own writer would fork, at which JAX may deadlock.

    Raises:
        ValueError: if FFmpeg is not there or fails.
    """
    from imageio_ffmpeg import get_ffmpeg_exe

    _, height, width, _ = film.shape
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FRAMES_PER_SECOND))
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"film{extension}"
        try:
            # The same frames give the same bytes.
            command = [get_ffmpeg_exe(), *source, "-i", "-", *options, "-fflags", "+bitexact", str(file)]
            subprocess.run(command, input=film.tobytes(), capture_output=True, check=True)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            raise ValueError(f"FFmpeg does not run here ({error}); save the animation as WebP") from error
        return file.read_bytes()


EXPORTS = {
    "mp4": Export("Animation (MP4)", ".mp4", "video/mp4", mp4, missing, moves=True),
    "webp": Export("Animation (WebP)", ".webp", "image/webp", webp, missing, moves=True),
    "gif": Export("Animation (GIF)", ".gif", "image/gif", gif, missing, moves=True),
}
