"""Addresses with faults: everything valid is kept, and every fault is named with the nearest valid name."""

from dataclasses import replace
from typing import Any

import pytest

from landscapes import Choice
from landscapes.recipes import catalog

# query, what each fault says, and what is kept of the address
FAULTS = [
    ("modle=softmax&seed=3", ["modle is not part of an address, and was ignored; did you mean model?"], "seed=3"),
    ("wobble=1&seed=3", ["wobble is not part of an address, and was ignored"], "seed=3"),
    ("mpl.width=3&steps=9", ["mpl.width is not part of an address, and was ignored; did you mean mlp?"],
     "steps=9"),
    ("mlp.widht=3&mlp.depth=1", ["mlp has no knob 'widht'; ", "did you mean width?"], "mlp.depth=1"),
    ("transformer.layer=3&seed=1", ["transformer has no knob 'layer'; ", "did you mean layers?"], "seed=1"),
    ("transformer.layers=2&seed=3",
     ["transformer.layers was ignored, because transformer is not chosen"], "seed=3"),
    ("optimizers=adam&adam.b1=0.7&sgd.learning_rate=0.2",
     ["sgd.learning_rate was ignored, because sgd is not chosen"], "optimizers=adam&adam.b1=0.7"),
    ("objective=bowl&bowl.condition=3&mlp.width=5", ["mlp.width was ignored, because mlp is not chosen"],
     "objective=bowl&bowl.condition=3"),
    ("model=resnett&data=iris", ["there is no model named 'resnett'; did you mean resnet?"], "data=iris"),
    ("model=resnett&mlp.width=5", ["there is no model named 'resnett'"], "mlp.width=5"),
    ("objective=ridg&seed=4&steps=9", ["there is no objective named 'ridg'; did you mean ridge?"],
     "seed=4&steps=9"),
    ("objective=bowl&data=irsi&seed=2", ["there is no dataset named 'irsi'; did you mean iris?"],
     "objective=bowl&seed=2"),
    ("mlp.width=-3&mlp.depth=3", ["mlp: width = -3 is out of range; give a whole number from 1"], "mlp.depth=3"),
    ("steps=many&seed=5", ["steps = 'many' is not a number"], "seed=5"),
    ("view=4d&scale=log", ["view = '4d' is not one of 3d, contour"], "scale=log"),
    ("optimizers=adma&optimizers=sgd", ["there is no optimizer named 'adma'; did you mean adam?"],
     "optimizers=sgd"),
    ("optimizers=sgd&optimizers=sgd&steps=9", ["optimizers are named twice"], "optimizers=sgd&steps=9"),
    ("optimizers=&seed=8", ["choose at least one optimizer"], "seed=8"),
    ("objective=ridge&data=moons&seed=2", ["ridge needs real targets, but moons has class labels"],
     "objective=ridge&seed=2"),
    ("data=iris&model=convnet&iris.examples=50", ["convnet needs image inputs, but iris has vector inputs"],
     "data=iris&iris.examples=50"),
    ("data=irsi&model=convnet", ["there is no dataset named 'irsi'"], "data=digits-images&model=convnet"),
    ("objective=minimax-gan&directions=hessian&seed=6", ["hessian directions need a Hessian"],
     "objective=minimax-gan&seed=6"),
    ("weight.l3=1&weight.l2=0.5", ["cross-entropy has no term 'l3'"], "weight.l2=0.5"),
    ("weight.l2=much&weight.l1=0.5", ["l2 = 'much' is not a number"], "weight.l1=0.5"),
    ("objective=elbo&weight.kl=-1&weight.reconstruction=2", ["weight.kl = -1 is on the wrong side of 0"],
     "objective=elbo&weight.reconstruction=2"),
    ("term=l22&mix.l2=0.5", ["there is no term 'l22' to draw; did you mean l2?"], "mix.l2=0.5"),
    ("drawn=hings&seed=1", ["there is no objective named 'hings'; did you mean hinge?"], "seed=1"),
    ("objective=error-rate&data=iris", ["error-rate is piecewise constant"], "data=iris&drawn=error-rate"),
    ("beside=spit:test&seed=1", ["beside names 'spit', which is no setting"], "seed=1"),
    ("beside=model:resnett&steps=9", ["there is no model named 'resnett'; did you mean resnet?"], "steps=9"),
    (
        "modle=mlp&data=irsi&steps=0&adam.learning_rate=nan&view=4d&seed=7&scale=log&mlp.width=5",
        ["modle is not part", "'irsi'; did you mean iris?", "steps = 0",
         "adam: learning_rate = nan", "view = '4d'"],
        "seed=7&scale=log&mlp.width=5",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "sentences", "kept"), FAULTS, ids=[query for query, *_ in FAULTS])
def test_every_fault_is_named_and_the_rest_is_kept(query, sentences, kept):
    recipe, faults = catalog.read_address(query)
    text = "\n".join(faults)
    assert [each for each in sentences if each not in text] == []
    assert len(faults) == (len(sentences) if len(sentences) > 2 else 1)
    assert recipe == catalog.complete(catalog.from_query(kept))


def test_an_address_without_faults_is_read_as_it_was():
    query = "objective=huber&data=iris&model=mlp&mlp.width=5&optimizers=adam&utm_source=mail"
    assert catalog.read_address(query) == (catalog.complete(catalog.from_query(query)), [])


def test_what_a_key_may_resemble_can_be_added():
    _, faults = catalog.read_address("sectoin=x&spectrm.width=2", others=["section"], owners=["spectrum"])
    assert [fault.rpartition("; ")[2] for fault in faults] == ["did you mean section?", "did you mean spectrum?"]


def test_the_rest_of_a_wrong_address_opens_where_its_own_data_do():
    recipe, _ = catalog.read_address("objective=huber&data=sinee")
    assert (recipe.data, recipe.start) == (catalog.complete(catalog.opening_of("huber")).data, "picked")
    assert recipe.model.name == "linear"
    laid, faults = catalog.read_address("stepss=4&seed=2", base=catalog.opening_of("ppo"))
    assert (laid.objective.name, laid.seed, len(faults)) == ("ppo", 2, 1)
    assert laid.optimizers[0] == Choice.of("adam", **{**catalog.complete(laid).optimizers[0].settings})


def test_a_picture_beside_another_keeps_the_terms_that_it_has():
    shown = catalog.complete(
        catalog.from_query("data=iris&optimizers=sgd&steps=9&weight.l2=0.5&mix.l1=0.25&term=l1")
    )

    def beside(*change) -> Any:
        return catalog.neighbour(replace(shown, beside=change))

    assert beside() is None
    test = beside(("split", "test"))
    assert (test.split, test.weights, test.mix, test.term) == ("test", shown.weights, shown.mix, "l1")
    drawn = beside(("drawn", "error-rate"))
    assert (drawn.weights, drawn.mix) == (shown.weights, ())
    other = beside(("objective", "hinge"))
    assert (other.objective.name, other.weights, other.mix, other.term) == ("hinge", (), (), "")
    assert other.drawn == catalog.SAME
    assert (other.data, other.steps, other.optimizers) == (shown.data, 9, shown.optimizers)
    own = beside(("objective", "hinge"), ("weight.l2", "0.1"), ("term", "hinge"))
    assert (own.weights, own.mix, own.term) == ((("l2", 0.1),), (), "hinge")
