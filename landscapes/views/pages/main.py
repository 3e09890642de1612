"""The script of the app: the pages and the navigation between them."""

from functools import partial
from pathlib import Path

import streamlit as st

from landscapes.views.controls import browser_history, lessons, tab, widgets
from landscapes.views.pages import compare, curvature, explore, home, opened, race
from landscapes.views.worker.idle_work import IDLE_WORK

# A local file, because Streamlit fetches its own icons from a server that may be out of reach.
ICON = Path(__file__).with_name("icon.svg")
LOGO = ICON.with_name("logo.svg")

st.set_page_config(page_title="Landscapes", page_icon=ICON, layout="wide", initial_sidebar_state=300)
st.logo(LOGO, size="large", icon_image=ICON)
tab.session()
IDLE_WORK.postpone()

RACE = st.Page(race.page, title="Race", url_path="race")
CURVATURE = st.Page(curvature.page, title="Curvature", url_path="curvature")
COMPARE = st.Page(compare.page, title="Compare", url_path="compare")
SECTIONED = {page.url_path: page for page in (RACE, CURVATURE, COMPARE)}
EXPLORE = st.Page(partial(explore.page, SECTIONED), title="Explore", url_path="explore")
OPEN = st.Page(opened.page, title="Open", url_path="open")
HOME = st.Page(partial(home.page, EXPLORE), title="Home", default=True)


def open_home() -> None:
    """Open the page Home with the query of this address."""
    st.switch_page(HOME, query_params=browser_history.current())


ALIAS = st.Page(open_home, title="Landscapes", url_path="gallery", visibility="hidden")

st.html(ICON.with_name("page.css"))
page = st.navigation([HOME, EXPLORE, RACE, CURVATURE, COMPARE, OPEN, ALIAS], position="top")
if page is ALIAS:
    page.run()
if page is HOME and not lessons.is_list_only(browser_history.current()):
    # The address of a picture may lack the name of its page.
    st.switch_page(EXPLORE, query_params=browser_history.current())
widgets.enter_page(page.url_path)
if page is not HOME:
    # The other pages show no heading, because the navigation has their names.
    st.html(f'<h1 class="unseen">{page.title}</h1>')
page.run()
