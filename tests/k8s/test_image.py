"""The image: what it copies exists, what it installs is pinned, who it runs as is who the cluster runs it as."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import psutil
import pytest
from packaging.requirements import Requirement

from engine.api import PROBES
from tests.flow.daemons import ENDS_WITHIN_S
from tests.k8s.manifests import K8S, built, the

TOP = K8S.parent
STEPS = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", (K8S / "Dockerfile").read_text(), flags=re.MULTILINE)).splitlines()


def steps(word: str) -> list[str]:
    return [line.removeprefix(f"{word} ") for line in STEPS if line.startswith(f"{word} ")]


def copied() -> set[str]:
    return {source for step in steps("COPY") if "--from" not in step for source in step.split()[:-1]}


def test_what_is_copied_exists_and_is_not_held_back() -> None:
    lines = (K8S / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert copied() == let_in
    assert all((TOP / source).exists() for source in copied())


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())
    packages = {each.rstrip("*") for each in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages | {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]} <= copied()


def test_all_that_is_installed_is_pinned_by_its_hash() -> None:
    installs = [part for step in steps("RUN") for part in step.split("&&") if " install " in part or " wheel " in part]
    pip = [each for each in installs if "pip" in each]
    assert len(pip) == 4
    for each in pip:
        assert ("--require-hashes" in each and "--only-binary :all:" in each) or (
            "--no-index" in each and "--no-deps" in each
        )


def test_the_build_is_pinned_to_what_the_project_asks_for() -> None:
    asked = tomllib.loads((TOP / "pyproject.toml").read_text())["build-system"]["requires"]
    pinned = dict(re.findall(r"^(\S+)==(\S+)", (K8S / "constraints-build.txt").read_text(), flags=re.MULTILINE))
    for each in map(Requirement, asked):
        assert each.specifier.contains(pinned[each.name])


def test_it_runs_as_who_the_cluster_says_and_as_nobody_with_rights() -> None:
    pod = the(built("prod"), "Deployment", "cfscraper-api")["spec"]["template"]["spec"]
    security = pod["securityContext"]
    assert steps("USER") == [f"{security['runAsUser']}:{security['runAsGroup']}"]


def test_it_starts_the_program_itself() -> None:
    """In a shell's place: signals reach it."""
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["scripts"]
    (entrypoint,) = (json.loads(each) for each in steps("ENTRYPOINT"))
    assert [entrypoint[0]] == entrypoint == list(scripts)
    assert json.loads(steps("CMD")[0]) == ["serve"]


def test_its_health_is_asked_where_every_role_answers() -> None:
    (check,) = steps("HEALTHCHECK")
    code = json.loads(check.partition("CMD ")[2])[2]
    compile(code, "HEALTHCHECK", "exec")
    (path,) = re.findall(r"/api/v1/[a-z/]+", code)
    assert path in {each.path for each in PROBES}


def test_nothing_else_of_the_checkout_gets_into_it() -> None:
    assert not any(fnmatch(source, pattern) for source in copied() for pattern in ("tests*", "perf*", "k8s", ".*"))


@pytest.mark.slow
def test_the_daemon_ends_in_order_as_process_1(tmp_path: Path) -> None:
    """Of a process 1 the kernel ignores signals that it does not handle itself."""
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run([unshare, "--pid", "--fork", "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("unshare may not make a namespace here")
    told = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'jobs.db'}",
        "PORT": "0",
        "LOG_FORMAT": "json",
        "PYTHONPATH": str(TOP),
    }
    command = (unshare, "--pid", "--fork", "--kill-child", sys.executable, "-m", "actors", "serve")
    with subprocess.Popen(command, env=told, stderr=subprocess.PIPE, cwd=tmp_path) as started:
        assert started.stderr is not None
        assert any(b'"listening"' in line for line in started.stderr), "it ended before it listened"
        (daemon,) = psutil.Process(started.pid).children()
        assert (
            "\t1\n"
            in Path(f"/proc/{daemon.pid}/status").read_text().partition("NSpid:")[2].partition("\nNSpgid")[0] + "\n"
        )
        daemon.terminate()
        assert started.wait(ENDS_WITHIN_S) == 0
