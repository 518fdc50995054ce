"""The entries that a server has loaded: each once, whoever asks first, and kept."""

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import Future

import zoo
from contracts.errors import ZooError
from zoo.scorer import Scorer

_log = logging.getLogger(__name__)


class Models:
    """Loaded entries by name, for any number of threads.

    The first who asks for a name loads it; who asks meanwhile waits for that same model. A failed
    load is forgotten, so that it can be tried again and unknown names leave nothing behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loads: dict[str, Future[Scorer]] = {}

    def get(self, name: str) -> Scorer:
        """The entry, ready to use; raises what zoo.load raises."""
        with self._lock:
            ours = name not in self._loads
            load = self._loads.setdefault(name, Future())
        if ours:
            self._load(name, load)
        return load.result()

    def missing(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are not loaded."""
        with self._lock:
            loads = dict(self._loads)
        return [name for name in names if name not in loads or not loads[name].done()]

    def preload(self, names: Iterable[str]) -> None:
        """Load entries in the background, in order; `missing` tells how far that has come."""
        wanted = tuple(names)
        threading.Thread(target=self._get_all, args=(wanted,), name="preload", daemon=True).start()

    def _get_all(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                self.get(name)
            except ZooError as error:
                _log.error("cannot preload %s, so the server will not be ready: %s", name, error)

    def _load(self, name: str, load: Future[Scorer]) -> None:
        try:
            load.set_result(zoo.load(name))
        except BaseException as error:
            with self._lock:
                del self._loads[name]
            load.set_exception(error)
            raise
