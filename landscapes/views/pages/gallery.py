"""The page Gallery: lessons that open in one click and by permalink."""

from __future__ import annotations

import streamlit as st

from landscapes.lessons import LESSONS
from landscapes.views.controls import address, browser_history

LESSONS_PER_ROW = 3


def page(explore: st.Page) -> None:
    """Draw the page. Lessons open on the page `explore`."""
    browser_history.forget()
    st.title("Gallery", anchor=False)
    columns = [column for _ in range(0, len(LESSONS), LESSONS_PER_ROW) for column in st.columns(LESSONS_PER_ROW)]
    for column, (name, lesson) in zip(columns, LESSONS.items(), strict=False):
        with column.container(border=True, height="stretch"):
            st.header(lesson.title, anchor=False)
            for sentence in lesson.sentences:
                st.markdown(sentence)
            st.markdown(f"*{lesson.question}*")
            if st.button("Open", key=f"open {name}"):
                address.adopt({"lesson": [name]})
                st.session_state["opened"] = True
                st.switch_page(explore)
            st.caption(f"Permalink: `/?lesson={name}`")
