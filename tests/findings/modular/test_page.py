import re
from pathlib import Path

from tests.findings.modular import toy
from tests.findings.modular.toy import study

Cell = study.cells.Cell
Results = study.results.Results
cells = study.cells
page = study.page

FINDINGS = page.FINDINGS
CELL = Cell(model="two_tower", seed=42)


def written(folder: Path) -> str:
    """The page that the finding's command writes of the results there."""
    page.main(folder)
    return (folder / "README.md").read_text()


def test_a_page_without_results_says_not_run_everywhere():
    text = page.render(Results.read(Path("nowhere")))
    assert f"0 of {len(cells.TABLE)} runs are in" in text
    for cell in cells.TABLE:
        assert f"`{cell.name}`" in text
    assert text.count("**not run**") == len(study.claims.CLAIMS)
    rows = [line for line in text.splitlines() if re.match(r"\| .* \| \d+:1 \|", line)]
    assert rows
    assert "No network was run yet" in text
    assert "[not measured]" not in text
    assert all("not run" in row for row in rows)


def test_every_table_is_rectangular():
    text = page.render(Results.read(Path("nowhere")))
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(blocks) == 5
    for block in blocks:
        assert len({line.count(" | ") for line in block.splitlines()}) == 1


def test_a_result_stands_beside_the_published_number(tmp_path):
    toy.write(tmp_path / "results", CELL, toy.result(CELL, 0.7654, 0.8765))
    text = written(tmp_path)
    (last, best) = (
        next(r for r in text.splitlines() if r.startswith(f"| two towers | 1:1 | {v} epoch"))
        for v in ("last", "best")
    )
    assert "| 80.90 | 76.54 | 75.54 to 77.54 |" in last
    assert "| 0.810 | 0.765 |" in last
    assert "| 80.90 | 87.65 |" in best
    assert f"`{CELL.name}`" not in text
    assert "1 of 47 runs" in text


def test_several_seeds_show_mean_and_deviation(tmp_path):
    for seed, value in ((42, 0.70), (123, 0.80)):
        cell = Cell(model="cross_encoder", seed=seed)
        toy.write(tmp_path / "results", cell, toy.result(cell, value, value))
    assert "| 75.00 ± 7.07 |" in written(tmp_path)


def test_the_correction_and_the_leak_are_shown(tmp_path):
    cell = Cell(model="two_tower", seed=42, ratio=10)
    result = toy.result(cell, 0.6, 0.7)
    result["variants"]["last"]["corrected"]["accuracy"] = 0.8123
    toy.write(tmp_path / "results", cell, result)
    assert "| 60.00 | 81.23 | 0.600 | 3.0% |" in written(tmp_path)


def test_the_committed_page_is_what_its_results_say():
    assert page.render(Results.read(FINDINGS / "results")) == (FINDINGS / "README.md").read_text()
