"""Fetch an entry from the remote store into the cache: `<base>/<entry>/<file>`.

Files are downloaded beside their destination, compared with the digests of the manifest and only
then moved into place, the manifest last: an interrupted fetch leaves no entry behind.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.errors import CacheNotWritable, RemoteError
from contracts.manifest import FILENAME
from zoo.store.digests import check_digests, read_manifest

if TYPE_CHECKING:
    from requests import RequestException

TIMEOUT_SECONDS = 30
CHUNK_BYTES = 1 << 20
NOT_FOUND = 404


def fetch(base: str, entry: str, target: Path) -> bool:
    """Download an entry into the folder `target`; False where the remote has none of that name.

    Raises:
        CacheNotWritable: `target` cannot be written.
        RemoteError: the remote did not answer, or not with the file.
        InvalidManifest, CorruptArtefact: what came is not what was recorded.
    """
    with _staging(target.parent) as staging:
        if not _download(f"{base}/{entry}/{FILENAME}", staging / FILENAME):
            return False
        manifest = read_manifest(staging, entry)
        for name in manifest.files:
            url = f"{base}/{entry}/{name}"
            if not _download(url, staging / name):
                raise RemoteError(url, "the remote lists this file but does not have it")
        check_digests(staging, manifest)
        try:
            target.mkdir(exist_ok=True)
            for name in (*manifest.files, FILENAME):
                (staging / name).replace(target / name)
        except OSError as error:
            raise CacheNotWritable(target) from error
    return True


@contextmanager
def _staging(cache: Path) -> Iterator[Path]:
    """A folder of our own inside the cache: on the same disk, so that moving is one step."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=cache, prefix=".fetching-")
    except OSError as error:
        raise CacheNotWritable(cache) from error
    with folder as path:
        yield Path(path)


def _download(url: str, path: Path) -> bool:
    """Write what the address gives to `path`; False where there is nothing."""
    import pooch
    import requests

    download = pooch.HTTPDownloader(chunk_size=CHUNK_BYTES, timeout=TIMEOUT_SECONDS)
    try:
        download(url, str(path), None)
    except requests.RequestException as error:
        if error.response is not None and error.response.status_code == NOT_FOUND:
            return False
        raise RemoteError(url, _reason(error)) from error
    except OSError as error:
        raise CacheNotWritable(path.parent) from error
    return True


def _reason(error: "RequestException") -> str:
    """What went wrong, in words: requests' own texts show the inside of its connection pool."""
    from requests import exceptions

    if error.response is not None:
        return f"it answered {error.response.status_code} {error.response.reason}"
    kinds = {
        exceptions.Timeout: f"it did not answer within {TIMEOUT_SECONDS} seconds",
        exceptions.SSLError: "its certificate is not to be trusted, or it does not speak https",
        exceptions.ProxyError: "the proxy did not let the request through",
        exceptions.ConnectionError: "no connection to it could be made",
        exceptions.ChunkedEncodingError: "the connection broke off",
    }
    fallback = f"it is no address to fetch from ({type(error).__name__})"
    return next((text for kind, text in kinds.items() if isinstance(error, kind)), fallback)
