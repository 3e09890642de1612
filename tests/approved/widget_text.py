"""The widgets beside a picture, as they are drawn for a recipe: labels, values, options, ranges and help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import formula, mix, own_table, sidebar, toolbar, widgets
from landscapes.views.sections import PAGES
from tests.approved.page_text import Page, as_text

# A recipe for each kind of sidebar, in which next to nothing has its default.
ADDRESSES = {
    "network": "data=moons&moons.noise=0.3&model=mlp&mlp.width=5&optimizers=sgd&optimizers=adam"
    "&sgd.learning_rate=0.02&steps=90&seed=3&view=contour&scale=log&schedule=cosine&precision=float64&batch_size=7&weight.l2=0.25"
    "&split=test&extent=2&beside=split:train&start=picked&start_x=0.5&start_y=-0.25"
    "&space=full&eigenvalues=2&tolerance=0.01&one_step=true&behavior=true&directions=hessian&drawn=brier",
    "function": "objective=rosenbrock&optimizers=adam&steps=33&view=contour&start_x=0.5&start_y=1.5&extent=2",
    "formula": "objective=formula&formula.text=a*x^2%2By&formula.a=3&optimizers=sgd",
    "game": "objective=minimax-gan&term=discriminator&optimizers=simultaneous",
    "stochastic-line": "objective=elbo&dimension=1&draws=4&term=kl",
    "reward": "objective=rlhf&weight.kl=-0.5&term=true-reward&beside=weight.kl:-1.5",
    "switches": "objective=sharpness-aware&data=digits&model=convnet&mix=l2:0.5",
    "fresh": "",
}  # fmt: skip
MAX_OPTIONS = 9  # that are written out
SECTIONS = "sections"  # the record of the knobs of all sections


class Controls(Page):
    """Stands for Streamlit, with widgets that nobody touches: each returns its value."""

    def __init__(self) -> None:
        super().__init__()
        self.sidebar = self
        for name in ("toggle", "slider", "number_input", "text_input", "text_area", "checkbox"):
            setattr(self, name, self._widget(name))
        for name in ("selectbox", "segmented_control", "multiselect", "pills", "radio"):
            setattr(self, name, self._widget(name))

    def _widget(self, function: str) -> Callable[..., Any]:
        def draw(
            label: str, *, options: Any = None, format_func: Any = str, index: Any = None, **more: Any
        ) -> Any:
            value = options[index] if index is not None else more.pop("value", more.pop("default", None))
            facts = [f"{label} = {value!r}"]
            words = [str(format_func(each)) for each in options or ()]
            # A new entry of a registry need not change every record.
            facts += [" / ".join(words if len(words) <= MAX_OPTIONS else [*words[:3], "…"])] if words else []
            for name in ("min_value", "max_value", "step", "format", "disabled", "placeholder", "help"):
                facts += [f"{name} {more[name]}"] if more.get(name) is not None else []
            self.parts.append((f"{function} {more.get('key', '')}", "; ".join(facts)))
            return value

        return draw

    def popover(self, label: str, *, help: str = "", **options: Any) -> Page:
        self.parts.append(("popover", label or help))
        return self


def names() -> list[str]:
    """The names of the records."""
    return [*ADDRESSES, SECTIONS]


def text(name: str) -> str:
    """The widgets of a recipe, or the settings of all sections."""
    page = Controls()
    with ExitStack() as stack:
        for module in (formula, mix, own_table, sidebar, toolbar, widgets):
            stack.enter_context(patch.object(module, "st", page))
        stack.enter_context(patch.object(own_table, "offered", lambda objective: []))  # no session has a table
        stack.enter_context(patch.object(own_table, "draw", lambda data, use: data))
        lines = list(_sections(page) if name == SECTIONS else _beside(page, ADDRESSES[name]))
    return as_text(lines)


def _beside(page: Controls, address: str) -> Iterator[str]:
    """The sidebar and the toolbar of Explore at an address, whose recipe they give back."""
    recipe, faults = catalog.read_address(address)
    yield from (f"fault: {each}" for each in faults)
    if address:
        sidebar.set_widgets(recipe)
    drawn = sidebar.draw()
    toolbar.choose_one_step()
    toolbar.choose_behavior(drawn)
    toolbar.choose_second_picture(drawn)
    if not catalog.is_function(drawn):
        toolbar.choose_directions(drawn)
    toolbar.choose_picture()
    drawn = replace(drawn, term=toolbar.choose_term(drawn))
    shown = catalog.complete(replace(drawn, beside=toolbar.second_picture()))
    assert shown == recipe, f"the widgets of {recipe.query} give {shown.query}"
    yield f"address: {urlencode(catalog.to_query(shown), doseq=True)}"
    yield from (f"{function}: {words}" for function, words in page.parts)
    yield from (f"notice: {each}" for each in page.session_state.get(widgets.NOTICES, []))


def _sections(page: Controls) -> Iterator[str]:
    recipe = catalog.complete(Recipe())
    sidebar.set_widgets(recipe)
    for name, sections in PAGES.items():
        toolbar.choose_section(name, sections, list(sections))
        for key, section in sections.items():
            page.parts.append(("section", f"{key}: {section.title}"))
            settings = toolbar.draw_section_settings(key, section, recipe)
            page.parts.append(("settings", str(settings)))
    yield from (f"{function}: {words}" for function, words in page.parts)
