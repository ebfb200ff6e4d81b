"""The journal of fetches in hand, on its file."""

from pathlib import Path

import pytest

from engine.storage import journal
from engine.storage.journal import HandJournal, close_left, journal_of, left_behind
from engine.storage.slots import Begun, Left
from tests.engine.jobs.builders import a_lease


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return journal_of(tmp_path / "jobs.db")


def test_what_is_in_hand_is_on_the_file_before_anybody_closes_it(path: Path) -> None:
    hand = HandJournal(path)
    ended = hand.begin(a_lease(job_id="job_1", fence=3), alone=False)
    hand.begin(a_lease(job_id="job_2", fence=4), alone=True)
    hand.end(ended)
    assert left_behind(path) == Left(begun=(Begun(job_id="job_2", fence=4, alone=True),))
    hand.close()


def test_a_new_owner_begins_with_nothing_in_hand(path: Path) -> None:
    earlier = HandJournal(path)
    earlier.begin(a_lease(), alone=False)
    later = HandJournal(path)
    assert left_behind(path) == Left(begun=())
    for each in (earlier, later, later):
        each.close()


def test_there_is_a_slot_for_everybody(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SLOTS", 4)
    hand = HandJournal(path)
    places = [hand.begin(a_lease(job_id=f"job_{number}"), alone=False) for number in range(11)]
    assert len(set(places)) == 11
    left = left_behind(path)
    assert left is not None
    assert {each.job_id for each in left.begun} == {f"job_{number}" for number in range(11)}
    for place in places:
        hand.end(place)
    assert left_behind(path) == Left(begun=())
    hand.close()


def test_who_closes_it_did_not_die(path: Path) -> None:
    HandJournal(path).close()
    assert left_behind(path) == Left(begun=(), is_closed=True)
    later = HandJournal(path)
    assert left_behind(path) == Left(begun=())
    later.close()


def test_who_looked_closes_it_and_leaves_the_notes(path: Path) -> None:
    hand = HandJournal(path)
    hand.begin(a_lease(job_id="job_1", fence=3), alone=True)
    close_left(path)
    assert left_behind(path) == Left(begun=(Begun(job_id="job_1", fence=3, alone=True),), is_closed=True)
    hand.close()


@pytest.mark.parametrize("content", [None, b"", b"no journal", bytes(4096)])
def test_without_a_journal_nothing_is_known(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
    assert left_behind(path) is None


def test_on_a_system_that_names_no_run_it_is_trusted(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "BOOT_ID", tmp_path / "none")
    HandJournal(path).close()
    assert left_behind(path) == Left(begun=(), is_closed=True)
