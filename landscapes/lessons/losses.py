"""Lessons on losses of classes, ranks and sequences."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

OVERLAP = Lesson(
    title="A small disc: its overlap, or hard pixels",
    section="What an objective is",
    sentences=(
        "A network is to find a disc that covers 5 % of 289 pixels.",
        "On the left the Dice loss reads only how the predicted disc overlaps the true one: at the start "
        "its gradient has length 0.06, and after 300 steps momentum is at 0.64 and Adam at 0.24.",
        "On the right the focal loss is a mean over pixels in which well classified ones count little: its "
        "gradient starts at 7.26, and after 50 steps both are below 0.05.",
    ),
    question="Which of the two losses changes more where the disc is smaller?",
    answer=(
        "The focal loss: it is a mean over all pixels, to which a small disc adds little. The Dice loss is "
        "a ratio of areas of the disc. Adam classifies 8 pixels wrong under either."
    ),
    recipe=Recipe(
        objective=Choice("dice"),
        data=Choice.of("disc", examples=289, radius=0.25),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.02), Choice.of("momentum", learning_rate=0.05)),
        steps=300,
        scale="log",
        behavior=True,
        beside=(("objective", "focal"),),
    ),
    next=(
        Variation("A larger disc", "disc.radius=0.4"),
        Variation("Cross-entropy beside", "beside=objective:cross-entropy"),
    ),
    source=Source("Lin et al. 2017, Focal loss for dense object detection", "https://arxiv.org/abs/1708.02002"),
)

BOUNDED = Lesson(
    title="A bounded loss hardly feels sure errors",
    section="What an objective is",
    sentences=(
        "Softmax regression starts sure of the wrong class for most of 200 points, and two of its weights "
        "are moved.",
        "On the left the Brier score is at most 2: at the start its gradient has length 0.03, and 50 steps "
        "lower it from 1.58 to 1.51.",
        "On the right cross-entropy grows with every sure error: its gradient has length 0.91, and the same "
        "steps take it from 7.29 to 0.35.",
    ),
    question="Why is the left surface not convex, although the right one is?",
    answer=(
        "Where the right class has a probability below a third, the Brier score of an example curves "
        "downward; toward probability 0 its slope and its curvature vanish. Cross-entropy is convex in the "
        "weights."
    ),
    recipe=Recipe(
        objective=Choice("brier"),
        data=Choice.of("moons", noise=0.35),
        model=Choice("softmax"),
        optimizers=(Choice.of("sgd", learning_rate=1.0),),
        steps=200,
        directions=Choice.of("coordinates", first=2, second=4),
        center="initial",
        extent=30.0,
        start="picked",
        start_x=5.0,
        start_y=-5.0,
        behavior=True,
        beside=(("objective", "cross-entropy"),),
    ),
    next=(
        Variation("A start that is less wrong", "start_x=2"),
        Variation("Calibration error beside", "beside=term:calibration-error"),
    ),
    source=Source(
        "Brier 1950, Verification of forecasts expressed in terms of probability",
        "https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2",
    ),
)

SWAPS = Lesson(
    title="Ranking by pairs, and by whole lists",
    section="What an objective is",
    sentences=(
        "A network scores the documents of 30 queries, and only the order of the scores is asked for.",
        "On the left LambdaRank weighs each pair by how much NDCG changes if the two swap ranks, so its "
        "surface jumps where they do; Adam ends at 0.05, above 0.",
        "On the right ListNet compares the softmax of the scores with that of the relevance: its least "
        "value is 1.64, and Adam ends at 1.71.",
    ),
    question="Which of the two ends ranks the documents better?",
    answer="Neither by much: NDCG is 0.989 under LambdaRank and 0.991 under ListNet, and 1 is the most.",
    recipe=Recipe(
        objective=Choice("lambdarank"),
        data=Choice("documents"),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.02), Choice.of("sgd", learning_rate=0.3)),
        steps=200,
        scale="log",
        behavior=True,
        beside=(("objective", "listnet"),),
    ),
    next=(
        Variation("NDCG beside", "beside=term:ndcg"),
        Variation("Noise in the relevance", "documents.noise=2"),
    ),
    source=Source(
        "Wang et al. 2018, The LambdaLoss framework for ranking metric optimization",
        "https://doi.org/10.1145/3269206.3271784",
    ),
)

FRAMES = Lesson(
    title="Symbols are learned without an alignment",
    section="Sequence models",
    sentences=(
        "Each utterance has 12 frames and says 3 symbols; CTC adds up the probabilities of all ways to "
        "align them, and no frame has a label.",
        "On the left Adam takes the loss from 7.25 to 0.22 nats, and 25 of 288 frames are not given the "
        "symbol that they were drawn from.",
        "On the right the frames are noisier, with a standard deviation of 1 in place of 0.25: Adam ends at "
        "1.96 nats, and 127 frames are not.",
    ),
    question="How many frames of a symbol have to be recognized for a low loss?",
    answer=(
        "One: the others may be called blank. An alignment needs each symbol once, so the loss does not say "
        "where a symbol begins and ends."
    ),
    recipe=Recipe(
        objective=Choice("ctc"),
        data=Choice("utterances"),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01), Choice.of("momentum", learning_rate=0.01)),
        steps=200,
        behavior=True,
        scale="log",
        beside=(("utterances.noise", "1"),),
    ),
    next=(
        Variation("Only 4 utterances", "utterances.examples=4"),
        Variation("Smaller rates", "adam.learning_rate=0.002&momentum.learning_rate=0.002"),
    ),
    source=Source(
        "Graves et al. 2006, Connectionist temporal classification", "https://doi.org/10.1145/1143844.1143891"
    ),
)

LESSONS = {"overlap": OVERLAP, "sure": BOUNDED, "swaps": SWAPS, "frames": FRAMES}
