"""The watch: takes the ladder's steps on whoever can do something, undoes them in reverse, and tells of each."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.memory.again import Again
from engine.memory.gauge import Gauge
from engine.memory.history import Action, Sample
from engine.memory.ladder import RUNGS, Ladder, Times, heights
from engine.memory.relief import EVERY_S, Relief
from engine.memory.restarts import MOST, SPAN_S, Restarts
from engine.memory.rung import Rung
from engine.memory.watch import TRIM, Clocks, Watch
from engine.runtime import inline
from tests.engine.memory.trees import MEBIBYTE, PAGE_BYTES, Tree

LIMIT_BYTES = 100 * MEBIBYTE
TIMES = Times(up_s=1.0, down_s=2.0, without_relief_s=1000.0, top_s=10.0)


class Scene:
    """A group of 100 MiB whose usage a test sets, and everything that happens in it, in order."""

    def __init__(self, folder: Path, *, rungs: int = len(RUNGS)) -> None:
        self.tree = Tree(folder)
        self.tree.v2(path="/app")
        self.limit(LIMIT_BYTES)
        self.uses(0.1)
        self.now = 0.0
        self.trims_to: float | None = None
        self.happened: list[str] = []
        self.samples: list[Sample] = []
        self.actions: list[Action] = []
        self.watch = Watch(
            gauge=Gauge(files=self.tree.files, page_bytes=PAGE_BYTES),
            ladder=Ladder(heights=heights(0.70, 0.85), times=TIMES),
            rungs=[self._rung(name) for name in RUNGS[:rungs]],
            relief=Relief(call=inline, trim=self._trim, clock=lambda: self.now),
            audience=[self],
            clocks=Clocks(rising=lambda: self.now, wall=lambda: 1000.0 + self.now),
        )

    def limit(self, limit_bytes: int) -> None:
        self.tree.write("sys/fs/cgroup/app/memory.max", str(limit_bytes))

    def uses(self, part: float) -> None:
        self.tree.write("sys/fs/cgroup/app/memory.stat", f"anon {int(part * LIMIT_BYTES)}\nfile 10000000000\n")

    async def looks(self, count: int = 1) -> Sequence[str]:
        """What happened at these looks, a second apart."""
        before = len(self.happened)
        for _ in range(count):
            self.now += 1.0
            await self.watch.look()
        return self.happened[before:]

    def saw(self, sample: Sample) -> None:
        self.samples.append(sample)

    def did(self, action: Action) -> None:
        self.actions.append(action)

    def _rung(self, name: str) -> Rung:
        def does(what: str) -> Callable[[], None]:
            return lambda: self.happened.append(f"{what} {name}")

        return Rung(name=name, enter=does("enter"), leave=does("leave"))

    def _trim(self) -> bool:
        self.happened.append(TRIM)
        if self.trims_to is not None:
            self.uses(self.trims_to)
        return True


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.tree.files.close()


async def test_steps_are_taken_rung_by_rung_and_undone_in_reverse(scene: Scene) -> None:
    assert await scene.looks(5) == []
    scene.uses(0.80)
    climbed = [each for each in await scene.looks(10) if each != TRIM]
    assert climbed == [f"enter {name}" for name in RUNGS[:3]]
    scene.uses(0.1)
    undone = [each for each in await scene.looks(10) if each != TRIM]
    assert undone == [f"leave {name}" for name in reversed(RUNGS[:3])]
    assert scene.watch.level == 0


async def test_each_step_is_told_with_its_numbers_and_each_look_too(scene: Scene) -> None:
    scene.uses(0.72)
    scene.trims_to = 0.7
    await scene.looks()
    scene.uses(0.1)
    await scene.looks(5)
    taken, trimmed, undone = scene.actions
    assert (taken.name, taken.is_undone, taken.level, taken.at) == (RUNGS[0], False, 1, 1001.0)
    assert (taken.used_bytes, taken.limit_bytes) == (int(0.72 * LIMIT_BYTES), LIMIT_BYTES)
    assert (trimmed.name, trimmed.used_bytes) == (TRIM, 70 * MEBIBYTE)
    assert (undone.name, undone.is_undone, undone.level) == (RUNGS[0], True, 0)
    assert undone.used_bytes == int(0.1 * LIMIT_BYTES)
    assert [sample.level for sample in scene.samples][:2] == [1, 1]
    assert scene.samples[-1] == Sample(at=1006.0, used_bytes=int(0.1 * LIMIT_BYTES), limit_bytes=LIMIT_BYTES, level=0)


async def test_a_limit_that_is_lowered_while_it_runs_calls_for_steps_and_one_that_is_raised_undoes_them(
    scene: Scene,
) -> None:
    scene.uses(0.5)
    assert await scene.looks(3) == []
    scene.limit(LIMIT_BYTES * 6 // 10)
    assert "enter stop_admitting" in await scene.looks(3)
    scene.limit(LIMIT_BYTES)
    await scene.looks(20)
    assert scene.watch.level == 0


async def test_what_nobody_uses_is_given_back_at_each_new_rung_and_from_time_to_time_after(scene: Scene) -> None:
    scene.uses(0.72)
    assert await scene.looks(10) == [f"enter {RUNGS[0]}", TRIM]
    assert (await scene.looks(int(2 * EVERY_S))).count(TRIM) == 2
    scene.uses(0.76)
    assert await scene.looks() == [f"enter {RUNGS[1]}", TRIM]
    assert TRIM not in {action.name for action in scene.actions}  # it brought nothing
    scene.uses(0.1)
    assert TRIM not in (await scene.looks(100))[-10:]


async def test_where_a_process_must_not_end_itself_the_top_is_not_climbed(tmp_path: Path) -> None:
    scene = Scene(tmp_path, rungs=len(RUNGS) - 1)
    scene.uses(1.0)
    happened = [each for each in await scene.looks(100) if each != TRIM]
    assert happened == [f"enter {name}" for name in RUNGS[:-1]]
    scene.uses(0.1)
    await scene.looks(20)
    assert scene.watch.level == 0
    scene.tree.files.close()


async def test_an_act_that_fails_leaves_the_step_taken_for_who_looks_next(scene: Scene) -> None:
    def fails() -> None:
        raise RuntimeError

    broken = Rung(name=RUNGS[0], enter=fails, leave=lambda: scene.happened.append("leave"))
    scene.watch._rungs = (broken,)
    scene.uses(0.72)
    with pytest.raises(RuntimeError):
        await scene.looks()
    scene.uses(0.1)
    assert [each for each in await scene.looks(5) if each != TRIM] == ["leave"]


def test_a_process_ends_itself_some_times_an_hour_whatever_its_lives(tmp_path: Path) -> None:
    ended, now = [], 10_000.0

    def a_life() -> None:
        restarts = Restarts(path=tmp_path / "x.restarts", wall=lambda: now)
        again = Again(restart=lambda: ended.append(now), restarts=restarts)
        for _ in range(3):
            again.attempt()

    for _ in range(MOST + 2):
        a_life()
        now += 1.0
    assert ended == [10_000.0 + n for n in range(MOST)]
    now = 10_000.0 + SPAN_S
    a_life()
    a_life()
    assert ended[MOST:] == [now]


@pytest.mark.parametrize("text", ["", "soon\n", "1.0 x"])
def test_what_stands_in_a_damaged_file_of_restarts_counts_for_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.restarts"
    path.write_text(text, encoding="ascii")
    assert Restarts(path=path, wall=lambda: 5.0).take()
    assert path.read_text(encoding="ascii") == "5.000\n"


def test_where_restarts_cannot_be_noted_they_may_be_all_the_same(tmp_path: Path) -> None:
    assert Restarts(path=tmp_path / "no" / "folder", wall=lambda: 5.0).take()
