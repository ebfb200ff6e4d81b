import subprocess
from pathlib import Path

import pytest

from perf.baseline import lasting_commit
from perf.checkout import checkout, commit_of


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("engine", "perf"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "speed.txt").write_text("as committed")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "-c", "user.name=n", "-c", "user.email=e@x.test", "commit", "--quiet", "--message=first")
    return tmp_path


def git(repository: Path, *args: str) -> None:
    subprocess.run(("git", *args), cwd=repository, check=True, timeout=20)


def test_a_checkout_is_the_commit_under_the_ruler_of_now_and_goes_away(repository: Path) -> None:
    for name in ("engine", "perf"):
        (repository / name / "speed.txt").write_text("as it is now")
    with checkout("HEAD", repository=repository) as tree:
        assert (tree / "engine" / "speed.txt").read_text() == "as committed"
        assert (tree / "perf" / "speed.txt").read_text() == "as it is now"
    assert not tree.exists()


def test_no_revision_is_an_error(repository: Path) -> None:
    with pytest.raises(ValueError, match="neither"):
        commit_of("nothing", repository=repository)


def test_a_baseline_needs_a_commit_that_is_as_the_files_are(repository: Path) -> None:
    assert lasting_commit(checkout=repository) == commit_of("HEAD", repository=repository)
    (repository / "engine" / "speed.txt").write_text("slower")
    with pytest.raises(ValueError, match="differ"):
        lasting_commit(checkout=repository)
