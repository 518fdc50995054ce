"""What the environment says: ZOO_CACHE, ZOO_HOME, ZOO_REMOTE and ZOO_OFFLINE, read when asked."""

import os
from pathlib import Path

from contracts.errors import InvalidOption

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})


def cache_folder() -> Path:
    """Where fetched entries are kept: ZOO_CACHE, or this user's cache folder."""
    if told := os.environ.get("ZOO_CACHE"):
        return Path(told).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("regzoo", appauthor=False))


def home_folder() -> Path:
    """Where what a user imports is kept: ZOO_HOME, or this user's data folder."""
    if told := os.environ.get("ZOO_HOME"):
        return Path(told).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("regzoo", appauthor=False))


def remote() -> str | None:
    """The base URL entries are fetched from, without a slash at its end; None where unset.

    Raises:
        InvalidOption: ZOO_REMOTE is no http or https address.
    """
    base = os.environ.get("ZOO_REMOTE", "").strip().rstrip("/")
    if base and not base.startswith(("http://", "https://")):
        raise InvalidOption("ZOO_REMOTE", base, "an http:// or https:// address, or nothing")
    return base or None


def offline() -> bool:
    """Whether ZOO_OFFLINE forbids the network.

    Raises:
        InvalidOption: the variable is neither a yes nor a no.
    """
    told = os.environ.get("ZOO_OFFLINE", "").strip().lower()
    if told not in _YES | _NO:
        raise InvalidOption("ZOO_OFFLINE", told, "1 to stay off the network, 0 otherwise")
    return told in _YES
