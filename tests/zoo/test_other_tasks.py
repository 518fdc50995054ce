import pytest

from contracts.errors import Unsupported
from zoo.other_tasks import WithoutPairs, WithoutPerturbations


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


class Cells(WithoutPairs):
    entry = "some-cells"


class Pairs(WithoutPerturbations):
    entry = "some-pairs"


@pytest.mark.parametrize(
    ("scorer", "instead"),
    [(Cells(), r"type \.predict\("), (Pairs(), r"type \.score\(")],
)
def test_every_method_is_refused_with_what_to_type(scorer: object, instead: str):
    methods = public(type(scorer).__bases__[0])
    assert methods
    for method in methods:
        with pytest.raises(Unsupported, match=rf"does not offer {method}\. .*{instead}"):
            getattr(scorer, method)(1, two=2)
        assert getattr(scorer, method).__doc__.startswith("Raise Unsupported")
        assert getattr(scorer, method).__name__ == method


def test_each_refuses_what_the_other_offers():
    from zoo.pairs.scorer import PairScorer
    from zoo.perturbations.scorer import PerturbationScorer

    assert public(WithoutPairs) <= set(dir(PairScorer))
    assert public(WithoutPerturbations) <= public(PerturbationScorer)
