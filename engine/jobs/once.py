"""A key that makes a submit happen once, however often a client sends it: what was asked under it, and answered."""

from dataclasses import dataclass

KEPT_S = 24 * 3600.0
"""How long a store knows a key; from then on it is as if it had never seen it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Kept with the jobs of its submit, in one transaction. It outlives them: the answer stays what it was."""

    key: str
    digest: str
    """Of all that was asked: two submits of one digest are one."""
    answer: str
    """What the client was told, as text; it names what was made, so that no two submits have the same."""

    def repeats(self, kept: "Once") -> bool:
        """Is it what was asked before?"""
        return self.digest == kept.digest
