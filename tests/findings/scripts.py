"""The scripts of a finding as modules: a folder of findings is no package, and names repeat."""

import functools
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

FINDINGS = Path(__file__).parents[2] / "findings"


@functools.cache
def scripts(finding: str) -> SimpleNamespace:
    """Every module of the folder, by its name; none of them stays in `sys.modules`."""
    folder = FINDINGS / finding
    names = sorted(path.stem for path in folder.glob("*.py"))
    others = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(folder))
    try:
        return SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    finally:
        sys.path.remove(str(folder))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(others)
