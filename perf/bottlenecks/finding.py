"""One thing that holds throughput back."""

from dataclasses import dataclass

from engine.jobs.bottleneck import Bottleneck


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    kind: Bottleneck
    share: float
    """The part of the time, or of a page's way, that goes into it: by this findings are ranked."""
    why: str
    """One sentence, with the figures."""
    change: str
    """What to do about it."""
