"""A page with two linked stages and nothing else: what the tests of the stage drive."""

from typing import Any

import streamlit as st

from landscapes import figures
from landscapes.figures.step_data import step_data
from landscapes.views.stage import stage
from tests.browser.stage_scene import LABELS, landscape, steps_of_walks, walks

st.set_page_config(layout="wide")
st.html("<style>.block-container{padding-top:3.5rem}</style>")
row = st.container(horizontal=True)
kind = row.segmented_control("kind", ["3-D", "contour", "line"], default="3-D", required=True)
scale = row.segmented_control("scale", ["linear", "log"], default="linear", required=True)
shift = row.segmented_control("shift", [0.0, 1.5, 3.0], default=0.0, required=True)
twin = row.toggle("twin")
presenter = row.toggle("presenter")
one_step = row.toggle("one step")
row.button("again")

theme = "dark" if st.context.theme.type == "dark" else "light"
dimension = 1 if kind == "line" else 2
surface = landscape(shift, dimension)
paths = walks(shift, dimension)
draw = {"3-D": figures.surface, "contour": figures.contour, "line": figures.line}[kind]
look = {"scale": scale, "theme": theme, "presenter": presenter}
minima = [(3.0, 2.0), (-2.805118, 3.131312)] if dimension == 2 else []
figure = draw(surface, paths, labels=LABELS[:dimension], minima=minima, **look)

if one_step and dimension == 2:
    steps = step_data(steps_of_walks(), paths, side=10.0, model=True, own_axes=True)
    figure.update_layout(meta={**figure.layout.meta, "steps": steps})

# A hall has the picture and next to nothing else.
shown: dict[str, Any] = {"presenter": presenter, "link": "demo"}
shown |= {"height": "calc(100vh - 200px)"} if presenter else {}
columns = st.columns(2) if twin else [st.container()]
st.session_state.runs = st.session_state.get("runs", 0) + 1
with columns[0]:
    result = stage(figure, key="stage", pick=True, **shown)
if twin:
    with columns[1]:
        stage(figure, key="twin", **shown)
st.text(f"runs {st.session_state.runs} pick {result.pick} weights {result.weights}")
