"""Keys of submits, and what was answered under each until its time is over."""

from engine.jobs.once import KEPT_S, Once


class Keys:
    """In the order in which they were taken, which is that in which they end."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Once, float]] = {}

    def other(self, once: Once, *, now: float) -> Once | None:
        """What is kept under the key if that is another's already; a free key is taken."""
        kept, ends_at = self._kept.get(once.key, (once, 0.0))
        if ends_at <= now:
            self._kept.pop(once.key, None)
            self._kept[once.key] = (once, now + KEPT_S)
            return None
        return None if kept == once else kept

    def forget(self, limit: int, *, now: float) -> int:
        """Removes up to `limit` keys whose time is over, and says how many."""
        ended = [key for key, (_, ends_at) in self._kept.items() if ends_at <= now][:limit]
        for key in ended:
            del self._kept[key]
        return len(ended)
