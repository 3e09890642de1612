"""One rule says which values are means of samples."""

from landscapes.objectives import FUNCTIONS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.sampling import is_sampled


def test_what_is_sampled_is_what_states_its_standard_error():
    sampled = {name for name, entry in OBJECTIVES.items() if is_sampled(entry.weights)}
    assert sampled == {"reinforce"}
    # What is refined no further, and what the caption tells of, is asked of the objective that is drawn.
    assert is_sampled(catalog.drawn_entry(catalog.complete(catalog.opening_of("reinforce"))).weights)
    assert not any(is_sampled(entry.weights) for name, entry in OBJECTIVES.items() if entry.gradient == "exact")
    assert not set(FUNCTIONS) & sampled
