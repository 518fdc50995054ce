"""What benchmarks compare with, a set encoded by itself, is what these tests compare with."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[4] / "benchmarks"))
