"""Lessons on learning rates, curvature and the axes of optimizers."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "How optimizers move"

VALLEY = Lesson(
    title="Rosenbrock's valley is easy to enter and slow to follow",
    section=SECTION,
    sentences=(
        "The walls of the valley are steep and its floor is bent: at the minimum the Hessian's eigenvalues "
        "differ by a factor of 2508.",
        "From the same start every optimizer first falls to the floor and then follows it.",
        "After 400 steps gradient descent is still at 2.7, and momentum at 0.0045.",
    ),
    question="Which curvature limits the learning rate, and which sets the time?",
    answer="The largest limits the learning rate, because longer steps climb the walls. The smallest sets the "
    "time, because the floor is nearly level.",
    recipe=Recipe(
        objective=Choice("rosenbrock"),
        optimizers=(
            Choice.of("sgd", learning_rate=0.001),
            Choice.of("momentum", learning_rate=0.001),
            Choice.of("adam", learning_rate=0.05),
        ),
        steps=400,
        start="picked",
        start_x=-1.2,
        start_y=1.0,
        scale="log",
    ),
    next=(
        Variation("Walls a tenth as steep", "rosenbrock.b=10"),
        Variation("L-BFGS, which learns the curvature", "optimizers=lbfgs&optimizers=sgd&steps=40"),
    ),
    source=Source(
        "Rosenbrock 1960, An automatic method for finding the greatest or least value of a function",
        "https://doi.org/10.1093/comjnl/3.3.175",
    ),
)

STABILITY = Lesson(
    title="Too large a step: the edge at 2/λ",
    section=SECTION,
    sentences=(
        "The largest Hessian eigenvalue of the bowl is λ = 10, and gradient descent is stable for learning rates "
        "below 2/λ = 0.2.",
        "On the left the rate is 0.19: each step multiplies y by −0.9, and the zigzag dies out.",
        "On the right the rate is 0.205: the factor is −1.05, and the same zigzag grows until it leaves the "
        "picture.",
    ),
    question="What happens at the edge itself?",
    answer="At the edge y changes its sign at every step and keeps its size. The loss then falls only by what "
    "x gains.",
    recipe=Recipe(
        objective=Choice.of("bowl", condition=10.0),
        optimizers=(Choice.of("sgd", learning_rate=0.19),),
        steps=30,
        start="picked",
        start_x=-3.5,
        start_y=1.0,
        view="contour",
        beside=(("sgd.learning_rate", "0.205"),),
    ),
    next=(
        Variation("The edge itself beside", "beside=sgd.learning_rate:0.2"),
        Variation(
            "Momentum above the edge",
            "optimizers=momentum&momentum.learning_rate=0.19&beside=momentum.learning_rate:0.3",
        ),
    ),
    source=Source(
        "Cohen et al. 2021, Gradient descent typically occurs at the edge of stability",
        "https://arxiv.org/abs/2103.00065",
    ),
)

SADDLE = Lesson(
    title="A saddle is left slowly",
    section=SECTION,
    sentences=(
        "At the origin the gradient vanishes, but one Hessian eigenvalue is −1: it is a saddle and no minimum.",
        "The path starts 0.01 beside the ridge, and every step multiplies that distance by 1.1.",
        "It takes 49 steps to come as far as 1 from the ridge; from a tenth of the distance it would take 24 "
        "more.",
    ),
    question="Why does noise help here?",
    answer="On the ridge itself the gradient has no part that leads away from it. Noise has one, and every step "
    "enlarges it.",
    recipe=Recipe(
        objective=Choice("saddle"),
        optimizers=(Choice.of("sgd", learning_rate=0.1),),
        steps=55,
        start="picked",
        start_x=1.8,
        start_y=0.01,
    ),
    next=(
        Variation("Start a tenth as far from the ridge", "start_y=0.001"),
        Variation("Adam as well", "optimizers=sgd&optimizers=adam&adam.learning_rate=0.05&steps=40"),
    ),
    source=Source("Jin et al. 2017, How to escape saddle points efficiently", "https://arxiv.org/abs/1703.00887"),
)

AXES = Lesson(
    title="Adam depends on the axes",
    section=SECTION,
    sentences=(
        "Both pictures show a ravine of condition number 300; on the right it is turned by 45°.",
        "On the left Adam divides each axis by the size of its own gradients, and 100 steps end at 0.017.",
        "Turned, the steep direction has a share of both axes, and the same steps end at 0.27.",
    ),
    question="Which optimizers would do as well on the right as on the left?",
    answer="Gradient descent and momentum: if the start is turned as well, their path turns with the surface. "
    "Methods that scale each coordinate do not have this symmetry.",
    recipe=Recipe(
        objective=Choice.of("bowl", condition=300.0),
        optimizers=(Choice.of("adam", learning_rate=0.2), Choice.of("sgd", learning_rate=2 / 301)),
        steps=100,
        start="picked",
        start_x=-3.5,
        start_y=2.5,
        view="contour",
        scale="log",
        beside=(("bowl.angle", "45.0"),),
    ),
    next=(
        Variation("Turned by less", "beside=bowl.angle:10.0"),
        Variation(
            "RMSProp and Adagrad",
            "optimizers=rmsprop&optimizers=adagrad&rmsprop.learning_rate=0.1&adagrad.learning_rate=1",
        ),
    ),
    source=Source("Kingma and Ba 2015, Adam", "https://arxiv.org/abs/1412.6980"),
)

SCHEDULE = Lesson(
    title="A learning rate that falls, against minibatch noise",
    section=SECTION,
    sentences=(
        "Softmax regression on wine learns from minibatches of 8 examples, so every step follows a noisy "
        "gradient.",
        "On the left the learning rate stays at 2: the path comes near the minimum and keeps wandering around it.",
        "On the right it falls to 0 on a cosine: the noise dies out, and the loss ends at 0.134 nats.",
    ),
    question="Why not take the small learning rate from the start?",
    answer="Many more steps would be needed to come near. Large steps cover the distance, and small ones settle.",
    recipe=Recipe(
        objective=Choice("cross-entropy"),
        weights=(("l2", 0.02),),
        data=Choice("wine"),
        model=Choice("softmax"),
        optimizers=(Choice.of("sgd", learning_rate=2.0),),
        steps=200,
        batch_size=8,
        directions=Choice("principal"),
        view="contour",
        beside=(("schedule", "cosine"),),
    ),
    next=(
        Variation("All examples in every step", "batch_size=0"),
        Variation("A rate that drops in stages beside", "beside=schedule:step"),
    ),
    source=Source(
        "Robbins and Monro 1951, A stochastic approximation method", "https://doi.org/10.1214/aoms/1177729586"
    ),
)

LESSONS = {"valley": VALLEY, "stability": STABILITY, "saddle": SADDLE, "axes": AXES, "schedule": SCHEDULE}
