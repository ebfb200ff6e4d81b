"""The limit, on every kind of machine that can be written into a folder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.memory.limit import OF_THE_MACHINE, Limit, Limits, Source
from tests.engine.memory.trees import MACHINE_BYTES, MEBIBYTE, V1_UNLIMITED, Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def read(tree: Tree, told_bytes: int | None = None) -> Limit:
    limits = Limits(files=tree.files, told_bytes=told_bytes)
    try:
        return limits.read()
    finally:
        tree.files.close()


def test_without_any_limit_it_is_the_machine_and_that_is_said(tree: Tree) -> None:
    limit = read(tree)
    assert (limit.limit_bytes, limit.source, limit.caution) == (MACHINE_BYTES, Source.MACHINE, OF_THE_MACHINE)


@pytest.mark.parametrize("innermost", ["max", str(900 * MEBIBYTE)])
def test_of_nested_groups_the_smallest_holds(tree: Tree, innermost: str) -> None:
    tree.v2(path="/pods/pod1/app")
    tree.write("sys/fs/cgroup/pods/pod1/app/memory.max", innermost)
    tree.write("sys/fs/cgroup/pods/pod1/memory.max", str(512 * MEBIBYTE))
    tree.write("sys/fs/cgroup/pods/memory.max", str(800 * MEBIBYTE))
    limit = read(tree)
    assert (limit.limit_bytes, limit.source, limit.caution) == (512 * MEBIBYTE, Source.GROUP, "")
    assert limit.where == str(tree.root / "sys/fs/cgroup/pods/pod1/memory.max")
    assert limit.group == tree.root / "sys/fs/cgroup/pods/pod1"


def test_what_the_kernel_slows_a_process_down_over_is_a_limit_too(tree: Tree) -> None:
    tree.v2(path="/app")
    tree.write("sys/fs/cgroup/app/memory.max", str(512 * MEBIBYTE))
    tree.write("sys/fs/cgroup/app/memory.high", str(500 * MEBIBYTE))
    assert read(tree).limit_bytes == 500 * MEBIBYTE


@pytest.mark.parametrize("path", ["/", "/../../other", "/system/docker-1"])
def test_in_a_namespace_of_its_own_the_mount_itself_is_the_group(tree: Tree, path: str) -> None:
    tree.v2(path=path)
    tree.write("sys/fs/cgroup/memory.max", str(256 * MEBIBYTE))
    assert read(tree).limit_bytes == 256 * MEBIBYTE


def test_a_mount_that_begins_at_our_group_shows_it_at_its_top(tree: Tree) -> None:
    tree.v1("memory", path="/docker/1f", shown="/docker/1f")
    tree.write("sys/fs/cgroup/memory/memory.limit_in_bytes", str(256 * MEBIBYTE))
    assert read(tree).limit_bytes == 256 * MEBIBYTE


def test_a_folder_whose_name_has_a_space_is_found(tree: Tree) -> None:
    tree.v2(path="/app", at="/mnt/the groups")
    tree.write("proc/self/mountinfo", (tree.root / "proc/self/mountinfo").read_text().replace("the ", "the\\040"))
    tree.write("mnt/the groups/app/memory.max", str(256 * MEBIBYTE))
    assert read(tree).limit_bytes == 256 * MEBIBYTE


def test_with_both_versions_at_once_memory_is_where_its_controller_is(tree: Tree) -> None:
    tree.v1("memory", path="/slice/app")
    tree.write("sys/fs/cgroup/unified/slice/app/memory.max", "1")
    tree.write("sys/fs/cgroup/memory/slice/app/memory.limit_in_bytes", V1_UNLIMITED)
    tree.write("sys/fs/cgroup/memory/slice/memory.limit_in_bytes", str(300 * MEBIBYTE))
    tree.write("sys/fs/cgroup/memory/memory.limit_in_bytes", V1_UNLIMITED)
    limit = read(tree)
    assert (limit.limit_bytes, limit.version) == (300 * MEBIBYTE, 1)


def test_a_huge_number_is_no_limit(tree: Tree) -> None:
    tree.v1("memory", path="/")
    tree.write("sys/fs/cgroup/memory/memory.limit_in_bytes", V1_UNLIMITED)
    assert read(tree).source is Source.MACHINE


def test_a_limit_above_our_mount_is_known_by_what_all_come_to(tree: Tree) -> None:
    tree.v1("memory", path="/docker/1f", shown="/docker/1f")
    tree.write("sys/fs/cgroup/memory/memory.limit_in_bytes", V1_UNLIMITED)
    tree.write("sys/fs/cgroup/memory/memory.stat", f"rss 5\nhierarchical_memory_limit {200 * MEBIBYTE}\n")
    assert read(tree).limit_bytes == 200 * MEBIBYTE


@pytest.mark.parametrize("gone", ["proc/self/cgroup", "proc/self/mountinfo", "sys/fs/cgroup/app/memory.max"])
def test_what_cannot_be_read_sets_no_limit(tree: Tree, gone: str) -> None:
    tree.v2(path="/app")
    tree.write("sys/fs/cgroup/app/memory.max", str(256 * MEBIBYTE))
    (tree.root / gone).unlink()
    (tree.root / gone).mkdir()  # opened, and not read: also by root, who may read all
    assert read(tree).source is Source.MACHINE


def test_a_process_s_own_limits_count_too(tree: Tree) -> None:
    tree.resources(data=str(512 * MEBIBYTE), address_space=str(2048 * MEBIBYTE))
    limit = read(tree)
    assert (limit.limit_bytes, limit.source, limit.where) == (512 * MEBIBYTE, Source.DATA, "RLIMIT_DATA")
    tree.resources(address_space=str(2048 * MEBIBYTE))
    assert (read(tree).limit_bytes, read(tree).source) == (2048 * MEBIBYTE, Source.ADDRESS_SPACE)
    tree.resources()
    assert read(tree).source is Source.MACHINE


def test_what_was_told_holds_and_what_speaks_against_it_is_said(tree: Tree) -> None:
    assert read(tree, told_bytes=1).caution == ""
    tree.v2(path="/app")
    tree.write("sys/fs/cgroup/app/memory.max", str(256 * MEBIBYTE))
    limit = read(tree, told_bytes=300 * MEBIBYTE)
    assert (limit.limit_bytes, limit.source, limit.group) == (300 * MEBIBYTE, Source.SETTING, None)
    assert "sys/fs/cgroup/app/memory.max" in limit.caution
    assert read(tree, told_bytes=200 * MEBIBYTE).caution == ""


def test_a_limit_that_is_changed_while_running_holds_at_the_next_look(tree: Tree) -> None:
    tree.v2(path="/app")
    tree.write("sys/fs/cgroup/app/memory.max", "max")
    limits = Limits(files=tree.files)
    seen = [limits.read().limit_bytes]
    for told in (256, 128):
        tree.write("sys/fs/cgroup/app/memory.max", str(told * MEBIBYTE))
        seen.append(limits.read().limit_bytes)
    (tree.root / "sys/fs/cgroup/app/memory.max").write_text("max")
    seen.append(limits.read().limit_bytes)
    tree.files.close()
    assert seen == [MACHINE_BYTES, 256 * MEBIBYTE, 128 * MEBIBYTE, MACHINE_BYTES]


@pytest.fixture(scope="module")
def scribbled(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Written over by each example."""
    return Tree(tmp_path_factory.mktemp("tree"))


@given(cgroup=st.text(max_size=60), mountinfo=st.text(max_size=60), maximum=st.text(max_size=20), own=st.text())
def test_whatever_the_files_hold_there_is_a_limit(
    scribbled: Tree, cgroup: str, mountinfo: str, maximum: str, own: str
) -> None:
    scribbled.v2(path="/app")
    mounted = (scribbled.root / "proc/self/mountinfo").read_text()
    for path, text in (
        ("proc/self/cgroup", f"0::/app\n{cgroup}\n"),
        ("proc/self/mountinfo", f"{mounted}{mountinfo} - cgroup2"),
        ("sys/fs/cgroup/app/memory.max", maximum),
        ("proc/self/limits", f"Max address space {own}"),
    ):
        scribbled.write(path, text.encode("utf-8", "replace").decode())
    assert 0 <= read(scribbled).limit_bytes <= MACHINE_BYTES
