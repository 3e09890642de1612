"""The Transformer, against the bigram bound."""

from landscapes import descend
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_transformer_falls_below_bigram_bound():
    recipe = LESSONS["context"].recipe
    table, transformer = (catalog.complete(one or recipe) for one in (recipe, recipe.neighbour()))
    assert (table.model.name, transformer.model.name) == ("bigram", "transformer")
    bound = catalog.references(table)["best bigram, H(next | this)"]
    assert catalog.references(transformer)["best bigram, H(next | this)"] == bound
    ends = []
    for complete, steps in ((table, table.steps), (transformer, 80)):
        adam = complete.optimizers[0]
        assert adam.name == "adam"
        ends.append(descend(catalog.build(complete), (adam.name, adam.settings), steps).loss[-1])
    assert bound < ends[0] < bound + 0.01
    assert ends[1] < bound - 0.2
    assert f"{bound:.2f} nats" in " ".join(LESSONS["context"].sentences)
