"""Processors: what may be used of them."""

from pathlib import Path

import pytest

from engine.memory.processors import processors
from tests.engine.memory.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def counted(tree: Tree, allowed: int) -> float:
    found = processors(tree.files, allowed=allowed)
    tree.files.close()
    return found


def test_without_a_quota_it_is_those_that_may_be_used(tree: Tree) -> None:
    assert counted(tree, 3) == 3.0
    tree.v2(path="/app")
    tree.write("sys/fs/cgroup/app/cpu.max", "max 100000\n")
    assert counted(tree, 3) == 3.0


def test_the_tightest_quota_of_nested_groups_holds(tree: Tree) -> None:
    tree.v2(path="/pod/app")
    tree.write("sys/fs/cgroup/pod/app/cpu.max", "400000 100000\n")
    tree.write("sys/fs/cgroup/pod/cpu.max", "75000 50000\n")
    assert counted(tree, 8) == 1.5
    assert counted(tree, 1) == 1.0


@pytest.mark.parametrize(("quota", "found"), [("-1", 8.0), ("50000", 0.5), ("none", 8.0)])
def test_in_version_1_a_quota_of_minus_one_is_none(tree: Tree, quota: str, found: float) -> None:
    tree.v1("cpu", path="/app")
    tree.write("sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", quota)
    tree.write("sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "100000")
    assert counted(tree, 8) == found


def test_where_version_1_mounts_two_controllers_together_it_is_found(tree: Tree) -> None:
    tree.v1("cpu,cpuacct", path="/app")
    tree.write("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_quota_us", "250000")
    tree.write("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_period_us", "100000")
    assert counted(tree, 8) == 2.5
