"""The page Home: its live picture, the cards of lessons, and lists of lessons in the address."""

from __future__ import annotations

from urllib.parse import parse_qs

import numpy as np
import pytest

from landscapes.lessons import LESSONS, SECTIONS
from landscapes.recipes import catalog
from landscapes.scenes.scene import compute_scene
from landscapes.views.pages import home
from tests.views.pages import open_page, stages, warnings


def test_home_shows_a_live_picture_and_a_card_for_each_lesson():
    page = open_page()
    assert not page.exception
    assert [title.value for title in page.title] == [home.ABOUT]
    (picture,) = stages(page)
    assert '"autoplay": true' in picture
    assert "Himmelblau" in picture
    assert page.session_state["last home"].recipe == catalog.complete(home.RECIPE)  # its logarithmic scale, too
    assert [header.value for header in page.header] == [
        section for section in SECTIONS if any(lesson.section == section for lesson in LESSONS.values())
    ]
    cards = {link.label: link.proto.query_string for link in page.page_link}
    for name, lesson in LESSONS.items():
        assert parse_qs(cards[lesson.title]) == {"lesson": [name]}


def test_live_picture_ends_in_three_of_four_minima():
    recipe = catalog.complete(home.RECIPE)
    minima = np.array(catalog.minima(recipe))
    assert len(minima) == 4
    value = catalog.build(recipe).loss
    assert len({round(float(value(at)), 6) for at in minima}) == 1
    scene = compute_scene(recipe, eigenvalues=False)
    assert len({tuple(path.coordinates[0]) for path in scene.paths.values()}) == 1
    distances = [np.linalg.norm(minima - path.coordinates[-1], axis=1) for path in scene.paths.values()]
    assert len(distances) == 3
    assert max(each.min() for each in distances) < 0.05
    assert len({int(each.argmin()) for each in distances}) == 3


def test_a_list_shows_its_lessons_and_names_unknown_ones():
    page = open_page("lessons=skips,ravin,duel,skips")
    labels = [link.label for link in page.page_link]
    assert [lesson.title for lesson in LESSONS.values() if lesson.title in labels] == [
        LESSONS["skips"].title,
        LESSONS["duel"].title,
    ]
    assert len(labels) == 3  # and the live picture
    assert "did you mean ravine?" in warnings(page)[0]
    cards = [parse_qs(link.proto.query_string) for link in page.page_link]
    assert {"lesson": ["duel"], "lessons": ["skips,duel"]} in cards


@pytest.mark.parametrize("query", ["lesson=ravine", "objective=booth&optimizers=adam&steps=5", "stpes=9"])
def test_an_address_of_a_picture_opens_explore(query):
    page = open_page(query, complete=False)
    assert not page.title
    assert page.sidebar.number_input(key="steps")
