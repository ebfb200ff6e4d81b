"""Takes due jobs under a lease: the lanes whose turn it is, and of each the lowest ranks.

What it costs grows with what it takes, neither with the backlog nor with the lanes that wait. Lanes of batches with a
parallel limit are met through those of the batches that have room, and take their turn among all others. Turns are
whole numbers: see places.py.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Lease
from engine.storage.codec import dumps
from engine.storage.leases import leases
from engine.storage.places import turns_among_all, turns_of_batches
from engine.storage.share import allowances, in_turn, lanes_each, share
from engine.storage.sqlite.daily import COHORT
from engine.storage.sqlite.transaction import Transaction

NEXT = """
    SELECT (
        SELECT json_group_array(json_array(lane, queued, CAST(turn AS INTEGER), NULL)) FROM (
            SELECT lane, queued, turn FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL
            ORDER BY turn, lane LIMIT ?1)
    ), (
        SELECT json_group_array(json_array(id, room, CAST(turn AS INTEGER))) FROM (
            SELECT id, parallel_limit - in_flight AS room, turn FROM batches
            WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit
            ORDER BY turn, id LIMIT ?1)
    )
"""
NEXT_IN_BATCHES = """
    SELECT json_group_array(json_array(lane, queued, CAST(turn AS INTEGER), batch_id)) FROM (
        SELECT lane, queued, turn, lanes.batch_id FROM json_each(?1) AS batch
        CROSS JOIN lanes ON lanes.rowid IN (
            SELECT rowid FROM lanes AS next
            WHERE next.batch_id = batch.value AND next.queued > 0 AND next.blocked_until IS NULL
            ORDER BY next.turn, next.lane LIMIT ?2)
        ORDER BY batch.key, turn, lane)
"""
NONE_WITH_ROOM = "[]"
BATCHES_TO_THE_END = "UPDATE batches SET turn = v.value FROM json_each(?) AS v WHERE batches.id = v.key"
LOWEST = f"""
    SELECT json_group_array(json_array(id, fence + 1, url, host, method, json(request), attempts, losses, ran_s,
        CAST(max(0.0, rank + priority * ?4 - updated_at) * 1e6 AS INTEGER),
        CAST(max(0.0, ?3 - max(updated_at, rank + priority * ?4)) * 1e6 AS INTEGER), json(stages), lane, {COHORT}))
    FROM (
        SELECT jobs.* FROM json_each(?1) AS next CROSS JOIN jobs ON jobs.rowid IN (
            SELECT rowid FROM jobs AS lowest
            WHERE lowest.lane = next.value AND lowest.status = 'queued' AND lowest.due_at IS NULL
            ORDER BY lowest.rank LIMIT ?2)
        ORDER BY next.key, jobs.rank, jobs.rowid)
"""  # noqa: S608 - constants
LANE = -3
"""Its place in a row."""
TAKE = """
    UPDATE OR ROLLBACK jobs SET status = 'running', fence = fence + 1, owner = ?1, lease_until = ?2,
        started_at = coalesce(started_at, ?3), updated_at = ?3
    WHERE id IN (SELECT value FROM json_each(?4))
"""
TO_THE_END = "UPDATE lanes SET turn = v.value FROM json_each(?) AS v WHERE lane = v.key"


Met = tuple[str, int, float, str | None]
"""A lane, how many jobs wait in it, its turn, and its batch if that is limited."""


def claim(transaction: Transaction, room: int, *, owner: str, lease_s: float) -> list[Lease]:
    met, allowed = _next_lanes(transaction, room)
    if not met:
        return []
    lanes = {lane: allowed.get(lane, queued) for lane, queued, *_ in met}
    rows = in_turn(_lowest(transaction, lanes, allowed, share(room, lanes.values())), room)
    if not rows:
        return []
    until = transaction.now + lease_s
    transaction.run(TAKE, owner, until, transaction.now, dumps(sorted(row[0] for row in rows)))
    *columns, lanes_taken, days, types = zip(*rows, strict=True)
    _pass_turn(transaction, met, Counter(lanes_taken))
    return leases(columns, now=transaction.now, until=until, counted=zip(lanes_taken, days, types, strict=True))


def _next_lanes(transaction: Transaction, room: int) -> tuple[Sequence[Met], Mapping[str, int]]:
    """The next lanes in turn that can give; and of those that may give no more than so many, how many."""
    ((found, batches),) = transaction.rows(NEXT, room)
    lanes = orjson.loads(found)
    return (lanes, {}) if batches == NONE_WITH_ROOM else _among_batches(transaction, room, lanes, orjson.loads(batches))


def _among_batches(
    transaction: Transaction, room: int, lanes: list[Met], batches: Sequence[tuple[str, int, float]]
) -> tuple[Sequence[Met], Mapping[str, int]]:
    free = {batch_id: left for batch_id, left, _ in batches}
    begin = {batch_id: max(turn, transaction.places.reached) for batch_id, _, turn in batches}
    lanes += transaction.parsed(NEXT_IN_BATCHES, dumps(list(free)), lanes_each(room, len(free)))
    turns = turns_among_all([(turn, batch_id) for *_, turn, batch_id in lanes], begin)
    found = sorted([(turn, lane, queued, of) for turn, (lane, queued, _, of) in zip(turns, lanes, strict=True)])
    allowed = allowances([(lane, queued, of) for _, lane, queued, of in found], free)
    met = [(lane, queued, turn, of) for turn, lane, queued, of in found if allowed.get(lane, queued)][:room]
    next_turns = turns_of_batches(begin, (of for *_, of in found), (of for *_, of in met))
    transaction.run(BATCHES_TO_THE_END, dumps(next_turns))
    return met, allowed


def _lowest(
    transaction: Transaction, lanes: Iterable[str], allowed: Mapping[str, int], each: int
) -> list[Sequence[Sequence[Any]]]:
    """Of each lane its lowest rows: as many as each may give, in a statement for all that may give as many."""
    alike: dict[int, list[str]] = {}
    for lane in lanes:
        alike.setdefault(min(allowed.get(lane, each), each), []).append(lane)
    found: dict[str, list[Sequence[Any]]] = {lane: [] for lane in lanes}
    for jobs, some in alike.items():
        for row in transaction.parsed(LOWEST, dumps(some), jobs, transaction.now, PRIORITY_STRETCH_S):
            found[row[LANE]].append(row)
    return list(found.values())


def _pass_turn(transaction: Transaction, met: Iterable[Met], taken: Mapping[str, int]) -> None:
    for lane, jobs in taken.items():
        transaction.claimed(lane, jobs)
    giving = [each for each in met if each[0] in taken]
    transaction.places.reach(giving[-1][2])
    turns = transaction.places.passed((lane, queued > taken[lane]) for lane, queued, *_ in giving)
    transaction.run(TO_THE_END, dumps({lane: turn for (lane, *_), turn in zip(giving, turns, strict=True)}))
