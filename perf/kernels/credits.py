"""Bytes taken out of a budget, shrunk and given back."""

from pathlib import Path

from engine.runtime import Credits

_BUDGET_BYTES = 1024**3
_BODY_BYTES = 13 * 1024


async def rounds(count: int, _: Path) -> None:
    budget = Credits(_BUDGET_BYTES)
    for _round in range(count):
        allowance = budget.offer(_BODY_BYTES)
        if allowance is None:
            raise ValueError("a budget that nobody holds refuses")
        allowance.shrink(_BODY_BYTES // 2)
        allowance.give_back()
