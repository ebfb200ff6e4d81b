"""What counts against which limit."""

import os
from pathlib import Path

import pytest

from engine.memory.kernel_files import KernelFiles
from engine.memory.limit import Limits
from engine.memory.usage import Usage, usage_of
from tests.engine.memory.trees import MEBIBYTE, PAGE_BYTES, Tree

RSS_BYTES, VMS_BYTES, DATA_BYTES = 404 * PAGE_BYTES, 765 * PAGE_BYTES, 292 * 1024
V2_STAT = "anon 1000\nfile 777000\nkernel 333\nkernel_stack 20\npagetables 3\nsock 400\nshmem 5000\nfile_dirty 9\n"
V1_STAT = "cache 777\nrss 1\nshmem 2\ntotal_cache 777000\ntotal_rss 1000\ntotal_shmem 200\n"
PRESSURE = "some avg10={some} avg60=0.00 avg300=0.00 total=5\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0\n"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def used(tree: Tree, told_bytes: int | None = None) -> Usage:
    usage = usage_of(tree.files, Limits(files=tree.files, told_bytes=told_bytes).read(), page_bytes=PAGE_BYTES)
    tree.files.close()
    return usage


def test_of_a_group_all_counts_that_the_kernel_cannot_take_back_and_no_page_cache(tree: Tree) -> None:
    tree.v2(path="/pod/app")
    tree.write("sys/fs/cgroup/pod/app/memory.stat", "anon 1\n")
    tree.write("sys/fs/cgroup/pod/memory.max", str(MEBIBYTE))
    tree.write("sys/fs/cgroup/pod/memory.stat", V2_STAT)
    tree.write("sys/fs/cgroup/pod/memory.pressure", PRESSURE.format(some="12.50"))
    tree.write("proc/pressure/memory", PRESSURE.format(some="77.00"))
    assert used(tree) == Usage(used_bytes=6423, stalled_percent=12.5)


def test_in_version_1_it_is_what_all_in_the_group_hold(tree: Tree) -> None:
    tree.v1("memory", path="/app")
    tree.write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", str(MEBIBYTE))
    tree.write("sys/fs/cgroup/memory/app/memory.stat", V1_STAT)
    tree.write("proc/pressure/memory", PRESSURE.format(some="77.00"))
    assert used(tree) == Usage(used_bytes=1200, stalled_percent=None)


def test_a_group_that_does_not_tell_leaves_the_process_s_own(tree: Tree) -> None:
    tree.v2(path="/app")
    tree.write("sys/fs/cgroup/app/memory.max", str(MEBIBYTE))
    assert used(tree).used_bytes == RSS_BYTES


def test_without_a_group_it_is_what_the_process_has_in_memory(tree: Tree) -> None:
    tree.write("proc/pressure/memory", PRESSURE.format(some="3.00"))
    assert used(tree) == Usage(used_bytes=RSS_BYTES, stalled_percent=3.0)
    assert used(tree, told_bytes=MEBIBYTE) == Usage(used_bytes=RSS_BYTES, stalled_percent=None)


def test_a_process_s_own_limits_count_what_they_are_limits_of(tree: Tree) -> None:
    tree.resources(data=str(MEBIBYTE))
    assert used(tree).used_bytes == DATA_BYTES
    tree.resources(address_space=str(MEBIBYTE))
    assert used(tree).used_bytes == VMS_BYTES


def test_where_nothing_can_be_read_nothing_is_known_to_be_used(tree: Tree) -> None:
    (tree.root / "proc/self/statm").unlink()
    assert used(tree) == Usage(used_bytes=0, stalled_percent=None)


def test_this_process_uses_more_after_it_has_taken_some() -> None:
    files = KernelFiles(Path("/"))
    limits = Limits(files=files, told_bytes=1 << 40)
    before = usage_of(files, limits.read(), page_bytes=os.sysconf("SC_PAGE_SIZE"))
    ballast = b"x" * (64 * MEBIBYTE)
    after = usage_of(files, limits.read(), page_bytes=os.sysconf("SC_PAGE_SIZE"))
    files.close()
    assert after.used_bytes - before.used_bytes >= len(ballast) * 0.9
