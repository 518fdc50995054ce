"""What the benchmarks share: rounds that alternate between engines, and what the machine can do.

A machine is never quiet, so that seconds of different runs are not comparable. Every figure is the
median of rounds in which each engine had its turn, and what counts is the ratio of two engines in
one run.
"""

import importlib
import inspect
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# What getrusage calls the peak begins with that of the parent; this is the process's own (Linux).
PEAK = """
for _line in open("/proc/self/status"):
    if _line.startswith("VmHWM"):
        print(_line.split()[1])
"""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
HERE = Path(__file__).parent
Engine = Callable[[], object]


def alternate(engines: Mapping[str, Engine], seconds: float = 4.0) -> dict[str, float]:
    """Median seconds of each engine, after one round that does not count."""
    spent: dict[str, list[float]] = {name: [] for name in engines}
    for engine in engines.values():
        engine()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or min(map(len, spent.values())) < 3:
        for name, engine in engines.items():
            start = time.perf_counter()
            engine()
            spent[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in spent.items()}


def sgemm(size: int = 1024) -> Engine:
    """One product of square float32 matrices: 2 * size^3 operations."""
    import numpy as np

    left, right = np.random.default_rng(0).standard_normal((2, size, size), dtype=np.float32)
    out = np.empty_like(left)
    return lambda: np.matmul(left, right, out=out)


def blas_threads(count: int) -> Any:
    """Give numpy's products so many cores, within a `with`."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(count, "blas")


def child(script: str, *arguments: str) -> dict[str, Any]:
    """Run a script in an interpreter of its own; its last line is JSON. Adds the peak memory."""
    done = subprocess.run(
        [sys.executable, "-c", script + PEAK, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | ONE_THREAD,
    )
    if done.returncode:
        sys.exit(f"The measured script failed:\n{done.stderr}")
    *_, told, peak = done.stdout.strip().splitlines()
    return {**json.loads(told), "peak_megabytes": round(int(peak) / 1024)}


def apart(function: Callable[..., Mapping[str, Any]], *arguments: Any) -> dict[str, Any]:
    """What a function of a benchmark gives in an interpreter of its own, and the peak memory."""
    module = Path(inspect.getfile(function)).stem
    script = (
        f"import json, sys\nsys.path[:0] = {[str(HERE), str(HERE.parent)]}\nimport {module}\n"
        f"print(json.dumps({module}.{function.__name__}(*json.loads(sys.argv[1]))))"
    )
    return child(script, json.dumps(arguments))


def network(entry: str, wrap: Callable[[type], type] = lambda model: model) -> tuple[Any, Any]:
    """An entry's torch module with its weights, of a subclass that `wrap` makes; its manifest."""
    from safetensors.torch import load_file

    from zoo.store import folders

    place, manifest = folders.open_entry(entry)
    module = importlib.import_module(f"zoo.architectures.{manifest.architecture}")
    config = module.Config.model_validate_json(json.dumps(manifest.config))
    model = wrap(module.Model)(config)
    model.load_state_dict(load_file(place / "weights.safetensors"))
    return model, manifest


def written(text: str, threads: int, **constants: Any) -> Any:
    """A graph in the text format of ONNX, with its constants, in onnxruntime."""
    from onnx import numpy_helper, parser

    model = parser.parse_model('<ir_version: 10, opset_import: ["": 18]>' + text)
    for name, array in constants.items():
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    return session(model.SerializeToString(), threads)


def session(model: bytes | str, threads: int) -> Any:
    """A graph, or the file of one, in onnxruntime on so many cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
