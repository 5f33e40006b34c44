"""The version of the installed package."""

from importlib import metadata


def version() -> str:
    """Return the version; of a checkout that is only on the path, that it is unknown."""
    try:
        return metadata.version("k2compat")
    except metadata.PackageNotFoundError:
        return "0+unknown"
