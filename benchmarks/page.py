"""Results of the benchmarks and benchmarks/README.md, made of them: `python benchmarks/page.py`.

README.md.j2 has a macro for every section, named as the file of its results.
"""

import json
import os
import platform
import re
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "results", HERE / "README.md"
TEMPLATE = "README.md.j2"
SECTIONS = re.findall(r"macro (\w+)\(found\)", (HERE / TEMPLATE).read_text())


def macro(name: str, *arguments: Any) -> str:
    """What a macro of the template says, with its tables aligned."""
    # The page is Markdown: nothing is to be escaped.
    environment = Environment(
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=False
    )
    environment.filters["as"] = format
    text = getattr(environment.get_template(TEMPLATE).module, name)(*arguments)
    return aligned(text.strip()) + "\n"


def aligned(text: str) -> str:
    """The same Markdown, every column of a table as wide as its longest cell."""
    lines: list[str] = []
    for is_table, group in groupby(text.splitlines(), lambda line: line.startswith("|")):
        block = [*group]
        lines += _padded(block) if is_table else block
    return "\n".join(lines)


def _padded(lines: list[str]) -> list[str]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows[1] = [""] * len(rows[0])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    padded[1] = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return padded


def render(results: Path = RESULTS) -> str:
    """The page of all results that are there."""
    parts = [macro("head")]
    for name in SECTIONS:
        path = results / f"{name}.json"
        if path.is_file():
            found = json.loads(path.read_text())
            parts.append(macro(name, found))
            if on := found.get("about") if isinstance(found, dict) else None:
                parts.append(
                    f"Measured on {on['processor']}, {on['cores']} cores, Python {on['python']}, "
                    f"numpy {on['numpy']}.\n"
                )
    return "\n".join(parts)


def save(name: str, rows: Mapping[str, Any]) -> None:
    """Write results/NAME.json, with what it ran on, and print the page's section of it."""
    import numpy as np

    about = {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "processor": _processor(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"about": about, **rows}, indent=1) + "\n")
    print(macro(name, json.loads(path.read_text())))
    print(f"Wrote {path}", file=sys.stderr)


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    PAGE.write_text(render())
    print(PAGE)
