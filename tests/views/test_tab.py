"""A tab keeps its session's name over the runs of its page."""

from streamlit.testing.v1 import AppTest

from landscapes.views.controls import tab


class State(dict):
    """A session's state: all of its keys belong to the program."""

    @property
    def filtered_state(self):
        return dict(self)


def script() -> None:
    import streamlit as st

    from landscapes.views.controls import tab

    st.text(tab.session())


def test_a_closed_tab_drops_its_pictures_and_keeps_its_settings():
    tab._states["ada"] = state = State({"last picture": 1, "drawing picture": 2, "seed": 3})
    tab._drop_pictures("ada")
    tab._drop_pictures("ada")
    assert (dict(state), "ada" in tab._states) == ({"seed": 3}, False)


def test_a_tab_keeps_its_name():
    page = AppTest.from_function(script).run()
    name = page.text[0].value
    assert name
    assert page.run().text[0].value == name
    assert not page.exception
