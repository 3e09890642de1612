"""The section on the noise of minibatch gradients."""

from dataclasses import replace

from landscapes.views.sections.noisescale import describe
from tests.figures.test_gradient_noise_figure import NOISE
from tests.views.pages import SMALL, open_page, settle, stages, warnings
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
