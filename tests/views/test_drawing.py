"""Figures as JSON, kept for the session."""

from streamlit.testing.v1 import AppTest


def drawn(recipe: str) -> None:
    import plotly.graph_objects as go
    import streamlit as st

    from landscapes.views.stage import stage
    from landscapes.views.stage.drawing import drawing

    def make() -> go.Figure:
        st.session_state["made"] = st.session_state.get("made", 0) + 1
        return go.Figure(layout={"title": {"text": recipe}})

    stage(drawing("picture", (recipe, {"theme": "dark"}), make), key="picture", height=400)


def test_a_polling_panel_builds_each_figure_once():
    page = AppTest.from_function(drawn, kwargs={"recipe": "first"}).run().run()
    first = page.get("bidi_component")[0].proto.bytes
    assert page.session_state["made"] == 1
    page = AppTest.from_function(drawn, kwargs={"recipe": "second"})
    page.session_state["drawing picture"] = ("first", {"theme": "dark"}), None
    assert page.run().get("bidi_component")[0].proto.bytes != first
    assert page.session_state["made"] == 1
