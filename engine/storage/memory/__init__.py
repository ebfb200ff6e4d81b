"""The JobStore in memory: the port's promises, kept by the domain's own moves. The measure of the other adapters."""

from engine.storage.memory.store import MemoryStore

__all__ = ["MemoryStore"]
