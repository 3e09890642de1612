"""The section on the noise of minibatch gradients."""

from dataclasses import replace
from typing import Any

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.views.sections import noisescale
from landscapes.views.sections.noisescale import describe
from landscapes.views.sections.section import Result
from tests.figures.test_gradient_noise_figure import NOISE
from tests.small_recipes import BOWL, TINY
from tests.views.pages import SMALL, open_page, settle, stages, warnings
from tests.views.recorded import record
from tests.views.test_sectioned import turn_to


def test_section_draws_and_describes_the_noise():
    page = settle(turn_to(open_page(f"{SMALL}&section=noisescale", complete=False), "curvature"))
    assert not warnings(page)
    assert len(stages(page)) == 1
    assert any("tr Σ = " in each.value for each in page.caption)


def test_description_states_errors_and_says_where_no_scale_is_known():
    text = describe(NOISE)
    assert text.startswith("Of 64 examples at the centre: tr Σ = 4.00 ± 0.50. ")
    assert "tr Σ/‖G‖² is 2.50 ± 0.60 examples" in text
    assert "critical batch size is 3.00 ± 0.70 examples" in text
    assert "tr Σ/tr H = 0.4; alignment tr(HΣ)/(‖H‖‖Σ‖) = 0.8," in text
    far = describe(replace(NOISE, noise_scale=(1234.0, 558.0), trace=(1.2e-6, 3e-8)))
    assert "is 1,230 ± 560 examples" in far
    assert "tr Σ = 1.2e-06 ± 3e-08. " in far
    lost = describe(replace(NOISE, squared_gradient=(0.1, 0.2)))
    assert "no noise scale is known; under Picture, choose “initial” as the centre" in lost
    assert "noise scale tr Σ" not in lost


def test_what_has_no_noise_of_examples_says_why():
    recipe = catalog.complete(replace(TINY, directions=Choice("gaussian")))
    assert noisescale.obstacle(recipe, {}) is None
    reasons = {
        "a test function has no examples": BOWL,
        "it draws random numbers for a whole batch": replace(recipe, drawn=Choice("dropout")),
    }
    for reason, other in reasons.items():
        refused = noisescale.obstacle(catalog.complete(other), {})
        assert refused is not None
        assert reason in refused.reason


def test_noise_is_drawn_with_its_description(monkeypatch):
    calls: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(noisescale.figures, "gradient_noise", lambda shown, **look: calls.append((shown, look)))
    drawn = record(monkeypatch, noisescale, {"present": True})
    noisescale.draw(Result(NOISE, TINY))
    assert calls == [(NOISE, {"theme": "light", "presenter": True})]
    assert drawn.of("caption") == [describe(NOISE)]
    assert list(drawn.stages) == ["stage noise scale"]
