"""Wrong addresses and settings: one sentence each, and the last picture stays."""

from __future__ import annotations

import pytest

from tests.views.pages import SMALL, open_page, settle, stages, warnings


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("model=resnett", "Did you mean resnet"),
        ("model=resnett", "resnet?"),
        ("model=resnett", "There is no model named 'resnett'"),
        ("mlp.width=-3", "width = -3 is out of range"),
        ("adam.learning_rate=nan", "learning_rate = nan is not valid"),
        ("data=diabetes", "cross-entropy needs class labels"),
        ("steps=1e9", "steps = 1000000000 is out of range"),
        ("optimizers=", "choose at least one optimizer"),
        ("lesson=nonsense", "There is no lesson 'nonsense'"),
        ("beside=split", "write it as key:value"),
        ("beside=model:resnett", "There is no model named 'resnett'"),
        ("objective=next-token&model=linear", "but text has tokens inputs; choose bigram, transformer"),
        ("objective=elbo&weight.kl=0", "weight.kl = 0 is on the wrong side of 0; give a number above 0"),
        ("objective=rlhf&weight.kl=0", "weight.kl = 0 is on the wrong side of 0; give a number below 0"),
        ("objective=rlhf&weight.kl=0.2", "weight.kl = 0.2 is on the wrong side of 0; give a number below 0"),
        ("objective=dpo&dpo.beta=-1", "beta = -1 is out of range; give a number above 0"),
        ("objective=huber&huber.delta=0", "huber: delta = 0 is out of range; give a number above 0 up to 10"),
        ("cross-entropy.label_smoothing=1", "label_smoothing = 1 is out of range; give a number from 0 below 1"),
        ("objective=elastic-net&data=digits", "elastic-net needs real targets, but digits has class labels"),
        (
            "objective=dropout&model=softmax",
            "needs a predictor with dropout, but softmax is a predictor; choose mlp",
        ),
        ("objective=dropout&dropout.rate=1", "rate = 1 is out of range; give a number from 0 below 1"),
        ("objective=info-nce&data=iris", "info-nce needs image inputs, but iris has vector inputs"),
        ("objective=info-nce&info-nce.temperature=0", "temperature = 0 is out of range; give a number above 0"),
        (
            "objective=masked-token&model=bigram",
            "needs a bidirectional language model, but bigram is a language model; choose transformer",
        ),
        ("objective=linear-elbo&model=vae", "linear autoencoder, but vae is an autoencoder; choose linear-vae"),
        ("objective=expected-return&data=cartpole", "but cartpole has observations inputs; choose reinforce"),
        ("objective=reinforce&reinforce.episodes=1", "episodes = 1 is out of range; give a whole number from 2"),
        ("objective=minimax-gan&model=mlp", "but point has point inputs; choose dirac-gan"),
        (
            "objective=classify-reconstruct&data=diabetes",
            "classify-reconstruct needs class labels, but diabetes has real targets",
        ),
        (
            "objective=minimax-gan&directions=hessian",
            "its field's Jacobian stand beside the picture",
        ),
    ],
)
def test_a_wrong_address_gets_exactly_one_sentence(query, sentence):
    page = open_page(f"{query}", complete=False)
    assert not page.exception
    assert sum(sentence.lower() in text.lower() for text in warnings(page)) == 1
    assert all("\n" not in text for text in warnings(page))


def test_a_wrong_setting_keeps_the_last_good_picture():
    page = open_page(SMALL)
    before = stages(page)[0]
    page.sidebar.multiselect(key="optimizers").set_value([])
    settle(page.run())
    assert any("choose at least one optimizer" in text for text in warnings(page))
    assert stages(page)[0] == before


def test_a_vocabulary_larger_than_the_data_is_refused():
    address = (
        "objective=next-token&data=markov-chain&model=bigram&markov-chain.examples=2&markov-chain.context=8"
        "&optimizers=sgd&directions=gaussian&steps=3&eigenvalues=1&tolerance=0.1"
    )
    sentence = (
        "A vocabulary of 30 is larger than the data, which has 16 to predict; "
        "give more examples, a longer context or fewer tokens."
    )
    assert warnings(open_page(f"{address}&markov-chain.vocabulary=30")) == [sentence]
    page = open_page(address)
    before = stages(page)[0]
    page.sidebar.slider(key="markov-chain.vocabulary").set_value(30)
    settle(page.run())
    assert warnings(page) == [sentence]
    assert stages(page)[0] == before
    page.sidebar.slider(key="markov-chain.vocabulary").set_value(6)
    settle(page.run())
    assert not warnings(page)


@pytest.mark.parametrize(
    ("named", "extreme"),
    [
        (
            "Huber error, softmax regression (",
            "objective=huber&data=iris&model=softmax&start=initial&huber.delta=1e-30",
        ),
        ("Cross-entropy, softmax regression (", "data=iris&model=softmax&cross-entropy.label_smoothing=0.999"),
        ("Return + 1e+06·entropy, ", "objective=expected-return&data=bandit&weight.entropy=1e6"),
    ],
)
def test_a_knob_at_its_limit_has_a_picture(named, extreme):
    page = open_page(f"{extreme}&optimizers=sgd&directions=gaussian&steps=3&eigenvalues=1&tolerance=0.1")
    assert not warnings(page)
    assert any(named in text.value for text in page.caption)
    assert len(stages(page)) >= 2


def test_a_weight_of_wrong_sign_keeps_the_picture():
    page = open_page(
        "objective=rlhf&preferences.length=2&optimizers=sgd&directions=gaussian&steps=3&eigenvalues=1&tolerance=0.1"
    )
    before = stages(page)[0]
    for weight in (0.0, 0.2):
        page.sidebar.number_input(key="weight.rlhf.kl").set_value(weight)
        settle(page.run())
        assert warnings(page) == [f"Weight.kl = {weight:g} is on the wrong side of 0; give a number below 0."]
        assert stages(page)[0] == before


def test_a_misspelt_key_is_named_and_ignored():
    page = open_page("modle=softmax&objective=himmelblau&utm_source=mail", complete=False)
    assert warnings(page)[0].startswith("Modle is not part of an address")
    assert "did you mean model?" in warnings(page)[0]
    assert page.sidebar.selectbox(key="function").value == "himmelblau"
