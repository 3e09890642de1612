"""What the pages and figures call terms and knobs."""

from __future__ import annotations

from collections.abc import Mapping

from landscapes.objective import Sense

# Terms that are good one way, whatever the objective is that they stand beside.
BETTER: dict[str, Sense] = {
    **dict.fromkeys(("true-reward", "reward", "return", "ndcg", "concordance"), "maximize"),
    **dict.fromkeys(("kl", "disagreement", "error-rate"), "minimize"),
}

# What a term, or an objective that is drawn whole, is called where it is not by its registered name.
SYMBOLS = {
    "l1": "L1",
    "l2": "L2",
    "kl": "KL",
    "nll": "−log-likelihood",
    "squared-error": "squared error",
    "absolute-error": "absolute error",
    "error-rate": "error rate",
    "huber": "Huber loss",
    "hinge": "hinge loss",
    "focal": "focal loss",
    "poisson": "Poisson loss",
    "quantile": "quantile loss",
    "ridge": "ridge loss",
    "lasso": "lasso loss",
    "elastic-net": "elastic-net loss",
    "dropout": "cross-entropy under dropout",
    "sharpness-aware": "sharpness-aware cross-entropy",
    "classify-reconstruct": "classification + reconstruction loss",
    "next-token": "next-token cross-entropy",
    "next-token-z": "next-token cross-entropy + z-loss",
    "mixture-of-experts": "next-token cross-entropy + balance",
    "masked-token": "masked-token cross-entropy",
    "own-loss": "own loss",
    "info-nce": "InfoNCE loss",
    "triplet": "triplet loss",
    "supervised-contrastive": "supervised contrastive loss",
    "arcface": "ArcFace loss",
    "barlow-twins": "Barlow Twins loss",
    "vicreg": "VICReg loss",
    "distillation": "distillation loss",
    "byol": "BYOL",
    "simsiam": "SimSiam",
    "online-loss": "online network's loss",
    "soft": "T²·KL to the teacher",
    "hard": "hard labels",
    "elbo": "−ELBO",
    "linear-elbo": "−ELBO",
    "generator-loss": "generator's loss",
    "discriminator-loss": "discriminator's loss",
    "gradient-penalty": "gradient penalty",
    "noise-prediction": "noise-prediction loss",
    "v-prediction": "v-prediction loss",
    "score-matching": "score-matching loss",
    "flow-matching": "flow-matching loss",
    "rectified-flow": "rectified-flow loss",
    "maximum-likelihood": "−log-likelihood",
    "noise-contrastive": "noise-contrastive loss",
    "contrastive-divergence": "−log-likelihood",
    "log-partition": "log Z",
    "low-noise": "low noise",
    "middle-noise": "middle noise",
    "high-noise": "high noise",
    "expected-return": "expected return",
    "reinforce": "sampled return",
    "ppo": "PPO surrogate",
    "bradley-terry": "Bradley–Terry loss",
    "rlhf": "learned reward − β·KL",
    "true-reward": "true reward",
    "dpo": "DPO loss",
    "ipo": "IPO loss",
    "kto": "KTO loss",
    "simpo": "SimPO loss",
    "orpo": "ORPO loss",
    "odds-ratio": "odds-ratio loss",
    "grpo": "GRPO surrogate − β·KL",
    "best-of-n": "divergence from best-of-n",
    "forward": "KL(q‖π)",
    "backward": "KL(π‖q)",
    "reward-ensemble": "ensemble reward − β·KL",
    "mean-reward": "mean reward",
    "smallest-reward": "smallest reward",
    "in-context": "in-context squared error",
    "residual": "residual of the equation",
    "boundary": "boundary error",
    "initial": "initial error",
    "energy": "Ritz energy",
    "pinn-oscillator": "PINN loss",
    "pinn-poisson": "PINN loss",
    "pinn-heat": "PINN loss",
    "pinn-convection": "PINN loss",
    "deep-ritz": "Ritz energy + penalty",
    "listnet": "ListNet loss",
    "lambdarank": "LambdaRank loss",
    "ndcg": "NDCG",
    "cox": "−log partial likelihood",
    "brier": "Brier score",
    "calibration-error": "calibration error",
    "dice": "Dice loss",
    "ctc": "CTC loss",
    "sliced-wasserstein": "sliced Wasserstein distance",
}
KNOBS = {"b1": "β₁", "b2": "β₂", "eps": "ε"}


def weighted_sum(weights: Mapping[str, float]) -> str:
    """Σ wᵢ·Lᵢ in words, without terms of weight 0: "cross-entropy + 0.01·L2"."""
    text = ""
    for term, weight in weights.items():
        if weight:
            sign = ("−" if weight < 0 else "") if not text else " − " if weight < 0 else " + "
            text += sign + ("" if abs(weight) == 1 else f"{abs(weight):g}·") + symbol(term)
    return text or "0"


def sense_of_term(term: str, sense: Sense) -> Sense:
    """Which way a drawn term is good: its own, such as up for a reward that stands beside a loss, or else `sense`,
    that of its objective. `term` is "" for the weighted sum."""
    return BETTER.get(term, sense)


def symbol(term: str) -> str:
    """A term's name as it is written in a sum, or what a whole objective is called on an axis."""
    return SYMBOLS.get(term, term)


def knob_name(knob: str) -> str:
    """What a knob is called in a sentence."""
    return KNOBS.get(knob, knob.replace("_", " "))


def capitalize(text: str) -> str:
    """With a capital where the first letter is a plain one: the β of "β₁" stays."""
    return text[:1].upper() + text[1:] if text[:1].isascii() else text
