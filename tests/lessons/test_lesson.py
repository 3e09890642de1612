"""The texts of every lesson have their form."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from landscapes.lessons import LESSONS, SECTIONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe

# By how much a change that is named so multiplies what it changes: from a factor to a factor.
FACTORS = {
    r"\btenth\b|\bby 10$": (0.1, 0.1),
    "^Ten times": (10, 10),
    "^Twenty times": (20, 20),
    "^Three times": (3, 3),
    r"(?i)\b(few|fewer|less|lower|smaller|narrower|shallow|nearer to uniform)\b": (0, 0.75),
    r"(?i)\b(larger|wider|longer|many|above that)\b": (1.25, 1e3),
}


def numbers(recipe: Recipe) -> dict[str, float]:
    """The numeric settings of a recipe and of the one beside it, by their keys in an address."""
    found: dict[str, Any] = {}
    for where, each in (("", recipe), ("beside ", catalog.neighbour(catalog.complete(recipe)))):
        for name, value in vars(catalog.complete(each)).items() if each else ():
            parts = value if isinstance(value, tuple) else (value,)
            for part in parts:
                if isinstance(part, Choice):
                    found |= {f"{where}{part.name}.{knob}": number for knob, number in part.knobs}
                elif name in ("weights", "mix"):
                    found[f"{where}{name}.{part[0]}"] = part[1]
                else:
                    found[f"{where}{name}"] = part
    return {key: float(value) for key, value in found.items() if type(value) in (int, float)}


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_a_lesson_has_every_field(lesson):
    assert lesson.title[-1] not in ".?!"
    assert lesson.section in SECTIONS
    assert len(lesson.sentences) == 3
    assert all(each[0].isupper() and each.endswith(".") for each in (*lesson.sentences, lesson.answer))
    assert lesson.question.endswith("?")
    assert len(lesson.next) == 2
    assert lesson.source.text[-1] != "."
    assert lesson.source.link.startswith("https://")


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_changes_lead_to_other_valid_recipes(lesson):
    recipes = [catalog.complete(lesson.recipe)]
    for variation in lesson.next:
        query = parse_qs(variation.changes, keep_blank_values=True, strict_parsing=True)
        read, faults = catalog.read_address(query, base=lesson.recipe)
        assert not faults
        assert catalog.complete(lesson.varied(variation)) == catalog.complete(read)
        recipes.append(catalog.complete(read))
        assert variation.label[-1] not in ".?!"
        factor = next((FACTORS[words] for words in FACTORS if re.search(words, variation.label)), None)
        if factor is not None:
            before, after = numbers(lesson.recipe), numbers(read)
            changed = {key: after[key] / before[key] for key in before.keys() & after if after[key] != before[key]}
            assert changed, variation.label
            wrong = {key: by for key, by in changed.items() if not factor[0] * 0.999 <= by <= factor[1] * 1.001}
            assert not wrong, variation.label
    assert len(set(recipes)) == 3


def test_lessons_follow_the_sections():
    places = [SECTIONS.index(lesson.section) for lesson in LESSONS.values()]
    assert places == sorted(places)


def test_an_unknown_section_is_refused():
    with pytest.raises(ValueError, match="there is no section 'Cooking'; there are What an objective is, "):
        replace(next(iter(LESSONS.values())), section="Cooking")
