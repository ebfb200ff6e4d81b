"""The text formats of Prometheus and OpenMetrics 1.0, for metrics whose names need no escaping.

What stands before a value never changes, so it is written once. The library's own writers escape each name and label
of each sample anew, letter by letter in OpenMetrics. When a series began is not told, for nobody reads it;
nor are exemplars and times, for nobody gives any.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from prometheus_client import Metric
from prometheus_client.utils import floatToGoString

ALIKE = 1_000_000
"""Up to here Go, whose way of writing numbers is asked for, writes them as Python does."""
PLAIN_KINDS = MappingProxyType({"counter": ("_total", "counter"), "info": ("_info", "gauge")})
"""How the older format calls what it does not know: suffix and kind."""


class Text:
    """Writes families again and again; remembers as many series as there are."""

    def __init__(self, *, is_open: bool) -> None:
        """`is_open`: as OpenMetrics."""
        self._is_open = is_open
        self._heads: dict[str, str] = {}
        self._series: dict[tuple[str, tuple[str, ...]], str] = {}

    def of(self, families: Iterable[Metric]) -> bytes:
        lines: list[str] = []
        for family in families:
            lines.append(self._heads.get(family.name) or self._head(family))
            began = family.name + "_created"
            for name, labels, value, *_ in family.samples:
                if name != began:
                    lines.append(self._series.get((name, (*labels.values(),))) or self._begun(name, labels))
                    lines.append(repr(float(value)) if -ALIKE < value < ALIKE else _far(value))
        lines.append("\n# EOF\n" if self._is_open else "\n")
        return "".join(lines)[1:].encode()

    def _head(self, family: Metric) -> str:
        suffix, kind = ("", family.type) if self._is_open else PLAIN_KINDS.get(family.type, ("", family.type))
        name, told = family.name + suffix, family.documentation.replace("\\", r"\\").replace("\n", r"\n")
        if self._is_open:
            told = told.replace('"', r"\"")
        head = self._heads[family.name] = f"\n# HELP {name} {told}\n# TYPE {name} {kind}"
        return head

    def _begun(self, name: str, labels: Mapping[str, str]) -> str:
        told = ",".join(f'{label}="{_escaped(value)}"' for label, value in sorted(labels.items()))
        series = self._series[name, (*labels.values(),)] = f"\n{name}{{{told}}} " if labels else f"\n{name} "
        return series


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _far(value: float) -> str:
    written: str = floatToGoString(value)  # type: ignore[no-untyped-call]  # theirs
    return written
