"""A tab keeps its session's name over the runs of its page."""

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from landscapes.views.controls import tab

    st.text(tab.session())


def test_a_tab_keeps_its_name():
    page = AppTest.from_function(script).run()
    name = page.text[0].value
    assert name
    assert page.run().text[0].value == name
    assert not page.exception
