"""What a Cache-Control field says (RFC 9111, 5.2), of a request or of a response.

Of what is said twice the first counts; a number that cannot be read is 0, so that it makes nothing fresh (4.2.1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

MOST_S = 2**31
"""What a larger number of seconds is read as (RFC 9111, 1.2.2)."""
_DIRECTIVE = re.compile(r"""([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?""")
_STRICT = ("must-revalidate", "proxy-revalidate", "s-maxage")


@dataclass(frozen=True, slots=True)
class Directives:
    """Names in lower case, and their values, None where they have none."""

    said: Mapping[str, str | None]

    def __contains__(self, name: str) -> bool:
        """With a value too: `no-cache="field"` counts as no-cache, `private="field"` as private (5.2.2.4, 5.2.2.7)."""
        return name in self.said

    def seconds(self, name: str) -> int | None:
        """None where it is not said."""
        if name not in self.said:
            return None
        value = self.said[name] or ""
        return min(int(value[:11]), MOST_S) if value.isascii() and value.isdigit() else 0

    @property
    def forbid_stale(self) -> bool:
        """In a shared cache s-maxage does as well (5.2.2.10)."""
        return any(name in self.said for name in _STRICT)


NOTHING_SAID = Directives({})


@lru_cache(maxsize=512)
def directives_of(field: str) -> Directives:
    """Several lines of the field are one list, joined by commas (RFC 9110, 5.3)."""
    said: dict[str, str | None] = {}
    for name, quoted, plain in _DIRECTIVE.findall(field):
        said.setdefault(name.lower(), quoted or plain or None)
    return Directives(said)
