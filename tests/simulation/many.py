"""Many seeds over all cores."""

import os
from collections.abc import Iterator, Sequence
from multiprocessing import get_context

from tests.simulation.world import Violation, simulate

AT_A_TIME = 25
"""Seeds a piece of work."""
PIECES_A_WORKER = 40
"""Then it is replaced, with whatever it has kept."""


def violations(seeds: range) -> Iterator[Sequence[Violation]]:
    """Of each piece of work, as the pieces are done."""
    pieces = [seeds[first : first + AT_A_TIME] for first in range(0, len(seeds), AT_A_TIME)]
    with get_context("spawn").Pool(os.cpu_count(), maxtasksperchild=PIECES_A_WORKER) as workers:
        yield from workers.imap_unordered(_of_piece, pieces)


def _of_piece(seeds: range) -> Sequence[Violation]:
    return [found for seed in seeds if (found := violation(seed)) is not None]


def violation(seed: int) -> Violation | None:
    try:
        simulate(seed)
    except Violation as found:
        return found
    return None
