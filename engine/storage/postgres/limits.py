"""What a pool keeps to: how many connections, how long each thing may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """Durations are in seconds."""

    size: int = 20
    """Connections that are kept once they are open."""
    overflow: int = 30
    """As many more while they are needed."""
    timeout_s: float = 30.0
    """How long somebody waits for one."""
    recycle_s: float = 3600.0
    """An older one is replaced when nobody uses it."""
    pre_ping: bool = True
    """Ask one that was idle for a while whether it still answers."""
    is_pooled: bool = False
    """A pooler stands between, which gives each transaction another session: nothing may outlive a transaction."""

    spare_s: float = 5.0
    """How long one above `size` stays open when nobody uses it."""
    connect_s: float = 10.0
    leak_s: float = 60.0
    """Who holds one for longer is told of."""
    seize_s: float = 300.0
    """Who holds one for longer loses it."""
    statement_s: float = 30.0
    lock_s: float = 5.0
    idle_in_transaction_s: float = 5.0
    """Who stands still in one keeps others from what it has locked."""

    @property
    def places(self) -> int:
        return self.size + self.overflow
