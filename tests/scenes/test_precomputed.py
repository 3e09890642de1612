from dataclasses import replace

from landscapes.recipes import catalog
from landscapes.scenes.precomputed import Precomputed, ProblemFacts


def test_facts_of_a_scene_are_those_of_its_problem_or_of_its_file(network):
    assert network.facts == ProblemFacts(network.problem.dim, 20, "minimize", {})
    others = ProblemFacts(7, 3, "maximize", {"one": {"term": 1.0}})
    assert replace(network, precomputed=Precomputed("9.8", others)).facts is others


def test_facts_name_the_weights_of_players():
    facts = ProblemFacts.of(catalog.build(catalog.complete(catalog.opening_of("minimax-gan"))))
    assert facts.dim == 2
    assert set(facts.player_weights) == {"generator", "discriminator"}
