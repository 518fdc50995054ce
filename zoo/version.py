"""The version of the installed distribution."""

from importlib import metadata

try:
    __version__ = metadata.version("regzoo")
except metadata.PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+not.installed"
