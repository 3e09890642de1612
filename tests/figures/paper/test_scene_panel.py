"""A scene: the surface as an image, the visible parts of paths as paths."""

import numpy as np
import plotly.graph_objects as go

from landscapes import figures
from landscapes.figures import paper
from landscapes.figures.paper.scene_panel import has_scene
from landscapes.figures.paper.scene_projection import Projection3D
from tests.figures.scenes import asymmetric, path, role


def test_path_is_projected_from_the_points_of_plotly():
    plotly = figures.surface(asymmetric(), {"adam": path()}, resolution=9)
    (path_trace,) = role(plotly, "path")
    screen = Projection3D.of(plotly)(np.column_stack([path_trace.x, path_trace.y, path_trace.z]))
    axes = paper.draw(plotly).axes[0]
    drawn = np.concatenate(
        [segment for each in axes.collections if hasattr(each, "get_segments") for segment in each.get_segments()]
    )
    middle = screen[len(screen) // 2]
    assert np.min(np.linalg.norm(drawn - middle, axis=1)) < 1e-6
    surface = next(each for each in axes.collections if each.get_gid() == "surface")
    assert surface.get_rasterized()
    assert len(surface.get_paths()) == 64


def test_number_of_level_lines_is_an_argument():
    plotly = figures.surface(asymmetric(), resolution=9)
    few, many = (
        sum(map(len, (e.get_paths() for e in paper.draw(plotly, levels=n).axes[0].collections))) for n in (2, 12)
    )
    assert few < many


def test_curves_are_no_scene():
    assert not has_scene(go.Figure(go.Scatter(y=[1, 2])))
    assert has_scene(go.Figure(go.Surface(z=[[1, 2], [2, 1]])))
