import importlib

import pytest

from contracts import tasks
from contracts.errors import Unsupported
from zoo.scorer import Scorer, offer, require


def families() -> tuple[str, ...]:
    return tasks.families()


@pytest.mark.parametrize("family", families())
def test_a_family_offers_what_its_scorers_have(family: str):
    scorer = importlib.import_module(f"zoo.{family}.scorer")
    (kind,) = (
        each
        for each in vars(scorer).values()
        if isinstance(each, type)
        and issubclass(each, Scorer)
        and each.__module__ == scorer.__name__
    )
    for method in {*offer(family).methods} - {*offer(family).elsewhere}:
        assert callable(getattr(kind, method))


def test_a_method_of_another_family_is_no_attribute(table, product):
    for model, other, instead in (
        (table, "perturbations", ".score("),
        (product, "pairs", ".predict("),
    ):
        for method in offer(other).methods:
            assert not hasattr(model, method)
            assert method not in dir(model)
            with pytest.raises(Unsupported, match=f"does not offer {method}") as raised:
                getattr(model, method)
            assert instead in str(raised.value)


def test_any_other_name_is_a_plain_attribute_error(table):
    with pytest.raises(AttributeError, match="has no 'scores'") as raised:
        _ = table.scores
    assert not isinstance(raised.value, Unsupported)


def test_a_model_of_another_family_is_refused_for_a_command(table):
    assert require(table, "pairs", "zoo score") is table
    with pytest.raises(Unsupported, match=r"does not offer zoo predict\..*use zoo score"):
        require(table, "perturbations", "zoo predict")


def test_a_notebook_shows_name_and_summary(table):
    shown = table._repr_html_()
    assert table.entry in shown
    assert "<script" not in shown
