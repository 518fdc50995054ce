import subprocess
import sys

import contracts


def test_what_is_public_is_what_is_exported():
    submodules = {name for name in vars(contracts) if f"contracts.{name}" in sys.modules}
    public = {name for name in vars(contracts) if not name.startswith("_")} - submodules
    assert set(contracts.__all__) == public
    assert contracts.__all__ == sorted(
        contracts.__all__, key=lambda name: (not name.isupper(), name)
    )


def run(code: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


def test_contracts_import_numpy_and_pydantic_and_nothing_else_that_is_heavy():
    code = """
import sys, contracts
heavy = {"torch", "pandas", "pyarrow", "onnxruntime", "hypothesis", "scipy", "zoo"}
print(sorted(heavy & set(sys.modules)))
"""
    assert run(code) == "[]"
