"""The journals of one machine: who looks at those of the dead, and what is left of them."""

from pathlib import Path
from time import time

from engine.storage.hands import SECOND_LOOK_S, journal_of_owner, orphans
from engine.storage.journal import HandJournal


def test_what_another_has_forgotten_meanwhile_is_passed_over_without_a_trace(tmp_path: Path) -> None:
    for owner in ("first", "second"):
        HandJournal(tmp_path / f"{owner}.hand")
    found = orphans(tmp_path, now=time())
    assert next(found).owner == "first"
    (tmp_path / "second.hand").unlink()
    assert list(found) == []
    assert _names(tmp_path) == ["first.hand", "first.hand.lock"]


def test_each_is_looked_at_twice_whoever_looks_and_then_forgotten(tmp_path: Path) -> None:
    HandJournal(tmp_path / "dead.hand")
    with journal_of_owner(tmp_path, "alive"):
        looks = [
            [each.owner for each in orphans(tmp_path, now=time() + late_s)] for late_s in (0, 0, 2 * SECOND_LOOK_S)
        ]
        assert looks == [["dead"], [], ["dead"]]
        assert _names(tmp_path) == ["alive.hand", "alive.hand.lock"]
    assert _names(tmp_path) == []


def test_one_that_was_not_taken_over_is_as_it_was(tmp_path: Path) -> None:
    HandJournal(tmp_path / "dead.hand")
    looked = orphans(tmp_path, now=time())
    first = next(looked)
    looked.close()
    assert next(orphans(tmp_path, now=time())) == first


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
