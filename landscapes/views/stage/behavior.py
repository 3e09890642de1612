"""The panel beside a stage that shows what the model does at the stage's step."""

from __future__ import annotations

import json

import streamlit as st
from streamlit.components.v2 import component

from landscapes.figures.behavior import HTML, SCRIPT, STYLE
from landscapes.figures.behavior_data import behavior_data
from landscapes.recipes import catalog
from landscapes.scenes.scene import Scene

NAME = "landscapes_behavior"
_component = component(NAME, html=HTML, css=STYLE, js=SCRIPT, isolate_styles=False)


def behavior_panel(scene: Scene, *, slot: str, presenter: bool = False) -> None:
    """Draw what the model of a scene does, at the step of the stage of this slot. Nothing is drawn for a scene
    without it."""
    behaviors = scene.behaviors
    if behaviors is None:
        return
    key = f"behavior {slot}"
    cached = st.session_state.get(f"data of {key}")
    if cached is None or cached[0] is not behaviors:
        text = json.dumps(behavior_data(behaviors, examples=catalog.examples(scene.recipe)))
        cached = st.session_state[f"data of {key}"] = behaviors, text
    options = {"stage": f"stage {slot}", "presenter": presenter}
    _component(key=key, data=f"{json.dumps(options)}\n{cached[1]}".encode())
