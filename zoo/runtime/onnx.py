"""The onnx backend: onnxruntime sessions with honest providers and without their log noise.

`onnxruntime.get_available_providers()` describes the build, not the machine: what a session runs on
is read from the session itself.
"""

import contextlib
import io
from pathlib import Path
from types import ModuleType
from typing import Any

from contracts import tasks
from contracts.errors import CorruptArtefact, DeviceUnavailable, MissingDependency
from contracts.manifest import Manifest
from zoo.runtime.graph import Arrays
from zoo.runtime.optional import imported

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
# TensorFloat-32 has ten bits of mantissa: the CPU's numbers would not be met within 1e-5.
CUDA_OPTIONS = {"use_tf32": "0"}

_FATAL, _ERROR, _WARNING = 4, 3, 2


class OnnxSession:
    """One onnxruntime session: inputs and outputs by name."""

    def __init__(self, session: Any) -> None:
        session.disable_fallback()
        self._session = session
        self._names = [output.name for output in session.get_outputs()]
        self.providers: tuple[str, ...] = tuple(session.get_providers())
        self.device = "cuda" if self.providers[0] == CUDA else "cpu"

    def run(self, inputs: Arrays) -> dict[str, Any]:
        """The graph's outputs by name."""
        return dict(zip(self._names, self._session.run(self._names, dict(inputs)), strict=True))


def open_session(
    folder: Path, manifest: Manifest, role: str, device: str, threads: int
) -> OnnxSession:
    """Open the ONNX graph of a role; see zoo.runtime.graph.open_graph for what is raised."""
    extra = "gpu" if device == "cuda" else "cpu"
    runtime = imported("onnxruntime", extra)
    # Of two runtimes installed over each other, removing one leaves an empty package.
    if not hasattr(runtime, "InferenceSession"):
        raise MissingDependency("onnxruntime", extra)
    path = folder / manifest.graphs[role]
    session = None
    if device != "cpu" and CUDA in runtime.get_available_providers():
        session = _on_cuda(runtime, path, threads)
    if device == "cuda" and (session is None or session.device != "cuda"):
        raise DeviceUnavailable(device, session.providers if session else (CPU,))
    if session is None:
        session = _on_cpu(runtime, path, threads)
    _check_names(session, path, manifest, role)
    return session


def _options(runtime: ModuleType, threads: int) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERROR
    return options


def _session(runtime: ModuleType, path: Path, options: Any, providers: list[Any]) -> OnnxSession:
    return OnnxSession(
        runtime.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
    )


def _on_cpu(runtime: ModuleType, path: Path, threads: int) -> OnnxSession:
    try:
        return _session(runtime, path, _options(runtime, threads), [CPU])
    except Exception as error:
        if not _is_onnxruntimes(error):
            raise
        raise CorruptArtefact(path, "an ONNX graph that onnxruntime can run", str(error)) from error


def _on_cuda(runtime: ModuleType, path: Path, threads: int) -> OnnxSession | None:
    """A session asked for on CUDA; None where onnxruntime gave up, whoever asked must look."""
    options = _options(runtime, threads)
    options.log_severity_level = _FATAL
    runtime.set_default_logger_severity(_FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runtime.preload_dlls()
        return _session(runtime, path, options, [(CUDA, CUDA_OPTIONS), CPU])
    except Exception as error:
        if not (isinstance(error, RuntimeError) or _is_onnxruntimes(error)):
            raise
        return None
    finally:
        runtime.set_default_logger_severity(_WARNING)


def _is_onnxruntimes(error: Exception) -> bool:
    return type(error).__module__.startswith("onnxruntime")


def _check_names(session: OnnxSession, path: Path, manifest: Manifest, role: str) -> None:
    """Raise CorruptArtefact where the graph's names are not those of its contract."""
    contract = tasks.get(manifest.task).contracts[role]
    graph = session._session
    outputs = (t.name for t in contract.outputs if not t.optional or t.name in session._names)
    expected = (sorted(tensor.name for tensor in contract.inputs), sorted(outputs))
    got = (sorted(i.name for i in graph.get_inputs()), sorted(session._names))
    if got != expected:
        raise CorruptArtefact(path, _named(expected), _named(got))


def _named(names: tuple[list[str], list[str]]) -> str:
    return f"inputs {', '.join(names[0])} and outputs {', '.join(names[1])}"
