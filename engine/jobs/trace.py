"""Where a job belongs in a trace: the W3C trace context it was submitted with, and keeps to its end."""

import re
from dataclasses import dataclass
from typing import Self

_TRACEPARENT = re.compile(
    r"(?:(00)|(?!00|ff)[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?(1)|(?:-.*)?)"
)
"""Versions to come may say more after it."""
_STATE = re.compile(r"[ -~]{1,512}")
"""As much of it as everybody has to pass on."""


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The values of the two headers (W3C Trace Context, 3.2 and 3.3)."""

    traceparent: str
    tracestate: str = ""

    @classmethod
    def of(cls, traceparent: str, tracestate: str) -> Self | None:
        """None for what is none. A state that is too long or no text is left out, as it may be."""
        found = _TRACEPARENT.fullmatch(traceparent.strip(" \t"))
        if found is None:
            return None
        state = tracestate.strip(" \t")
        return cls(f"00{found[0][2:55]}", state if _STATE.fullmatch(state) else "")

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35]
