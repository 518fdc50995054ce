"""The renderer of pages: numbers, tables, wrapping, and values that nobody gave."""

import jinja2
import pytest

from training.cards.render import WIDTH, render, table

RECORD = {"value": 0.5224, "low": -0.0891, "high": 0.6606}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ 0.12345 | figure }}", "0.123"),
        ("{{ 0.12345 | figure('+.2f') }}", "+0.12"),
        ("{{ none | figure }}", "-"),
        ("{{ nan | figure }}", "-"),
        ("{{ 0.0012345 | significant }}", "0.00123"),
        ("{{ 12345 | count }}", "12,345"),
        ("{{ 0.0744 | percent }}", "7.4%"),
        ("{{ record | ci }}", "0.522 (95% CI -0.089 to 0.661)"),
        ("{{ record | ci('+.2f', 0.9) }}", "+0.52 (90% CI -0.09 to +0.66)"),
        ("{{ record | interval }}", "0.522 [-0.089, 0.661]"),
        ("{{ none | interval }}", "-"),
    ],
)
def test_numbers_are_printed_as_their_filter_says(template, text):
    assert render(template, record=RECORD, nan=float("nan")) == text + "\n"


def test_paragraphs_and_items_are_wrapped_and_nothing_else():
    long = "word " * 40
    head, code, row = "---\na: " + "x " * 80 + "\n---", "```sh\n" + long + "\n\nb\n```", "| " * 90
    text = render(f"{head}\n\n# {long}\n\n\n{long}\n\n- {long}\n- b\n\n{row}\n\n{code}\n")
    assert head in text
    assert code in text
    assert row.strip() in text
    assert f"# {long}".strip() in text
    assert "\n- b\n" in text
    assert "\n  word" in text
    assert "\n\n\n" not in text
    plain = text.split("# ")[1].split("\n", 1)[1].split("| |")[0]
    assert max(map(len, plain.splitlines())) <= WIDTH


def test_a_file_may_import_from_its_folder(tmp_path):
    (tmp_path / "parts.j2").write_text("{% macro twice(x) %}{{ x }} {{ x }}{% endmacro %}")
    (tmp_path / "page.j2").write_text("{% from 'parts.j2' import twice %}\n{{ twice(name) }}\n")
    assert render(tmp_path / "page.j2", name="a") == "a a\n"


def test_a_value_that_nobody_gave_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="name"):
        render("{{ name }}")


def test_a_table_is_rectangular():
    assert table([("a", 1)], ("x", "y")) == "| x | y |\n| --- | --- |\n| a | 1 |"
    with pytest.raises(ValueError, match="2 cells under a head of 1"):
        table([("a", 1)], ("x",))
