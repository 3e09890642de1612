"""Lessons on language models."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

CONTEXT = Lesson(
    title="A table of bigrams and a Transformer read the same text",
    section="Sequence models",
    sentences=(
        "Both predict the next character of the same sentences; the loss is in nats per token.",
        "The table sees one character back: its loss is convex, and the best it can reach is 1.31 nats.",
        "The Transformer on the right sees all characters before and falls far below that.",
    ),
    question="After which characters does the table guess worst, and what would have helped it?",
    answer=(
        "After the space, where a word begins: the table does not see which words came before, and a longer "
        "context would have told."
    ),
    recipe=Recipe(
        objective=Choice("next-token"),
        model=Choice("bigram"),
        data=Choice("text"),
        optimizers=(Choice.of("adam", learning_rate=0.1), Choice.of("momentum", learning_rate=1.0)),
        steps=200,
        behavior=True,
        beside=(("model", "transformer"), ("adam.learning_rate", "0.01"), ("momentum.learning_rate", "0.03")),
    ),
    next=(
        Variation("A gated recurrent unit beside", "beside=model:gru&beside=adam.learning_rate:0.01"),
        Variation(
            "A Transformer that fills in masked tokens",
            "objective=masked-token&model=transformer&adam.learning_rate=0.01&momentum.learning_rate=0.03&beside=",
        ),
    ),
    source=Source(
        "Shannon 1951, Prediction and entropy of printed English",
        "https://doi.org/10.1002/j.1538-7305.1951.tb01366.x",
    ),
)

ENTROPY = Lesson(
    title="The loss of a language model does not fall below the entropy",
    section="Sequence models",
    sentences=(
        "A Markov chain writes the text, and a table of bigrams learns it: 6 tokens, 36 weights.",
        "The loss starts near ln 6 = 1.79 nats and ends at 1.612, the entropy of the next token given this one.",
        "Both optimizers end there, because the loss of a table is convex.",
    ),
    question="What would a larger model reach on this text?",
    answer=(
        "On new text of the chain no less than the entropy. On the training text it may go below that, by "
        "learning the text by heart."
    ),
    recipe=Recipe(
        objective=Choice("next-token"),
        data=Choice("markov-chain"),
        model=Choice("bigram"),
        optimizers=(Choice.of("adam", learning_rate=0.1), Choice.of("sgd", learning_rate=5.0)),
        steps=150,
        directions=Choice("principal"),
    ),
    next=(
        Variation("A chain that is easier to predict", "markov-chain.concentration=0.2"),
        Variation(
            "A Transformer on the same text", "model=transformer&adam.learning_rate=0.01&sgd.learning_rate=0.3"
        ),
    ),
    source=Source(
        "Shannon 1948, A mathematical theory of communication",
        "https://doi.org/10.1002/j.1538-7305.1948.tb01338.x",
    ),
)

ADDITION = Lesson(
    title="A Transformer learns sums by heart",
    section="Sequence models",
    sentences=(
        "A Transformer reads sums modulo 7 and is trained on 30 of the 49; the others are its test.",
        "On the left the training loss falls below 0.01 nats.",
        "On the right the same steps raise the test loss above 3 nats: it has learned the sums and not the "
        "addition.",
    ),
    question="How can a test loss be higher than that of guessing?",
    answer="The model is certain and wrong: cross-entropy has no upper bound, while guessing costs the "
    "logarithm of the number of tokens.",
    recipe=Recipe(
        objective=Choice("next-token"),
        data=Choice.of("modular-addition", modulus=7, examples=30),
        model=Choice("transformer"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=250,
        directions=Choice("principal"),
        tolerance=0.02,
        beside=(("split", "test"),),
    ),
    next=(
        Variation("Train on most of the sums", "modular-addition.examples=44"),
        Variation("Decay the weights", "optimizers=adamw&adamw.weight_decay=0.5"),
    ),
    source=Source(
        "Power et al. 2022, Grokking: generalization beyond overfitting", "https://arxiv.org/abs/2201.02177"
    ),
)

NORMALIZER = Lesson(
    title="A penalty on log Z turns a trough into a bowl",
    section="Sequence models",
    sentences=(
        "A table of bigrams learns a Markov chain with next-token cross-entropy + 0.1·log² Z, where Z is the "
        "normalizer of the softmax.",
        "The left picture is their sum, a bowl: the paths end at the only minimum.",
        "The right picture is the cross-entropy alone, a trough: one number added to all logits changes no "
        "probability.",
    ),
    question="Does the z-loss change the probabilities that the table learns?",
    answer=(
        "No. It is 0 where the logits are the logarithms of the probabilities, and the cross-entropy there is "
        "that of every other point of the trough."
    ),
    recipe=Recipe(
        objective=Choice("next-token-z"),
        data=Choice("markov-chain"),
        model=Choice("bigram"),
        optimizers=(Choice.of("adam", learning_rate=0.1), Choice.of("momentum", learning_rate=1.0)),
        steps=200,
        extent=2.5,
        beside=(("mix.z-loss", "0"),),
    ),
    next=(
        Variation("Train without the z-loss", "weight.z-loss=0"),
        Variation(
            "Linear regression in context instead",
            "objective=in-context&model=linear-attention&data=linear-tasks&adam.learning_rate=0.01&momentum.learning_rate=0.03&beside=",
        ),
    ),
    source=Source("Chowdhery et al. 2022, PaLM, section 5", "https://arxiv.org/abs/2204.02311"),
)

ADAPTERS = Lesson(
    title="Few numbers turn a model to another text",
    section="Sequence models",
    sentences=(
        "The left Transformer comes from another text: on this one it starts at 3.55 nats, above the 2.64 of "
        "guessing.",
        "Its weights stay as they are, and only adapters of rank 2 are trained, 636 numbers: Adam takes the loss "
        "to 1.15 nats, below the 1.31 of the best table of bigrams.",
        "The right Transformer starts anew and trains 3758 numbers, although its output layer shares the "
        "embeddings of the tokens; its loss falls to 0.25 nats.",
    ),
    question="Which of the two would you rather train for many customers, each with a text of their own?",
    answer=(
        "The one with adapters: the base is kept once, and each customer adds 636 numbers. A larger rank costs "
        "more of them and comes closer to the loss of training all."
    ),
    recipe=Recipe(
        objective=Choice("next-token"),
        data=Choice("text"),
        model=Choice("lora-transformer"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=200,
        behavior=True,
        beside=(("model", "transformer"), ("transformer.tied", "true")),
    ),
    next=(
        Variation("Adapters of rank 8", "lora-transformer.rank=8"),
        Variation("Embeddings and output layer apart beside", "beside=model:transformer"),
    ),
    source=Source("Hu et al. 2021, LoRA: low-rank adaptation", "https://arxiv.org/abs/2106.09685"),
)

EXPERTS = Lesson(
    title="Balance keeps all experts at work",
    section="Sequence models",
    sentences=(
        "Each token of a text goes to one of four experts, the one to which the router gives the largest "
        "probability.",
        "On the left a balance with the weight 0.1 is added to the loss: at the end the fullest expert reads "
        "0.26 of the tokens. On the right there is none: it reads 0.44, and 0.59 early in the run.",
        "The cross-entropy ends at 0.11 with the balance, and at 0.12 without it.",
    ),
    question="What is the balance good for, if the loss is nearly the same?",
    answer=(
        "For the time of a step: experts work side by side, and all wait for the fullest. The gradient of the "
        "balance takes probability from the experts that read the most tokens."
    ),
    recipe=Recipe(
        objective=Choice("mixture-of-experts"),
        data=Choice.of("text", examples=32),
        model=Choice("moe-transformer"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=120,
        directions=Choice("principal"),
        tolerance=0.05,
        behavior=True,
        beside=(("weight.balance", "0"),),
    ),
    next=(
        Variation("Twice as many experts", "moe-transformer.experts=8"),
        Variation("A larger weight on the balance", "weight.balance=1"),
    ),
    source=Source("Fedus et al. 2022, Switch Transformers", "https://arxiv.org/abs/2101.03961"),
)

LESSONS = {
    "context": CONTEXT,
    "entropy": ENTROPY,
    "addition": ADDITION,
    "normalizer": NORMALIZER,
    "adapters": ADAPTERS,
    "experts": EXPERTS,
}
