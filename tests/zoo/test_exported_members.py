"""`import zoo` gives seven names, quickly: nothing heavy is imported before it is used."""

import json
import subprocess
import sys

import pytest

import zoo

PUBLIC = ["__version__", "card", "load", "names", "register", "search", "verify"]
HEAVY = ("torch", "pandas", "numpy", "onnxruntime", "pyarrow", "pydantic", "rich", "typer", "pooch")


def imported_after(script: str) -> set[str]:
    """The modules that a new interpreter has once it ran the script."""
    script += "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-W", "error", "-c", script]
    return set(json.loads(subprocess.check_output(command, text=True).splitlines()[-1]))


def test_public_names_are_these_and_no_other():
    assert dir(zoo) == PUBLIC
    assert sorted(zoo.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(zoo, name) is not None
    assert all(getattr(zoo, name).__doc__ for name in PUBLIC)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"zoo has no 'lode': it exports .*load"):
        zoo.lode  # noqa: B018


def test_import_loads_nothing_heavy():
    assert not imported_after("import zoo") & set(HEAVY)


def test_names_need_neither_a_runtime_nor_pandas():
    assert not imported_after("import zoo; zoo.names()") & {"torch", "pandas", "onnxruntime"}


def test_loading_and_scoring_need_neither_torch_nor_pandas(tiny_root):
    script = (
        f"import zoo; m = zoo.load(zoo.register({str(tiny_root / 'tiny_table-toy')!r})); "
        "m.score([('SOX2', 'GFAP')])"
    )
    modules = imported_after(script)
    assert "onnxruntime" in modules
    assert not modules & {"torch", "pandas", "pyarrow", "typer", "pooch"}
