"""A revision's files in a folder of their own, with this tree's perf laid over them.

So both sides are measured by one ruler, and a commit from before there was one can be measured too. Nothing is written
into the repository.
"""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree
from tempfile import TemporaryDirectory

from perf.process import ROOT

WITHIN_S = 60


def commit_of(revision: str, *, repository: Path = ROOT) -> str:
    """Its whole hash. ValueError where it names none."""
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", at=repository)
    except (OSError, subprocess.SubprocessError) as error:
        raise ValueError(f"{revision} is neither a result's file nor a commit") from error


@contextmanager
def checkout(revision: str, *, repository: Path = ROOT) -> Iterator[Path]:
    """For as long as this lasts. ValueError where there is no such revision."""
    commit = commit_of(revision, repository=repository)
    with TemporaryDirectory(prefix=f"perf-{commit[:12]}-") as folder:
        tree = Path(folder)
        command = ("git", "archive", "--format=tar", commit)
        packed = subprocess.run(command, cwd=repository, capture_output=True, timeout=WITHIN_S, check=True).stdout
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(tree, filter="data")
        rmtree(tree / "perf", ignore_errors=True)
        copytree(repository / "perf", tree / "perf", ignore=ignore_patterns("results", "baselines", "__pycache__"))
        yield tree


def _git(*args: str, at: Path) -> str:
    command = ("git", *args)
    return subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=WITHIN_S, check=True).stdout.strip()
