"""Which release this is. A checkout that was never installed has no version and says so."""

from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "0+unknown"


def release() -> str:
    try:
        return version("cfscraper")
    except PackageNotFoundError:
        return UNKNOWN
