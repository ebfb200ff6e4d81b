"""Where settings come from: the environment first, then the .env file.

Names are read in either case; an empty value counts as not set.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic_settings import BaseSettings, DotEnvSettingsSource

SHOWN_CHARACTERS = 120
USER_INFO = re.compile(r"(?<=://)([^/@\s:]*):\S*@")
SECRET_PARAMETER = re.compile(r"(?i)\b((?:sslpassword|password|passwd|secret|token)=)[^&\s]*")


class Origin(StrEnum):
    """Who gave a setting its value."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    DOTENV = ".env"


class SettingsError(Exception):
    """The settings cannot be used: one line for each that is wrong."""

    def __init__(self, lines: Collection[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was set, by upper-case name."""

    environment: Mapping[str, str]
    dotenv: Mapping[str, str]

    @classmethod
    def read(cls, env: Mapping[str, str], dotenv_path: Path) -> Self:
        """A file that is not there sets nothing. Raises SettingsError for one that cannot be read."""
        try:
            dotenv = DotEnvSettingsSource(BaseSettings, env_file=dotenv_path, env_file_encoding="utf-8").env_vars
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError([f"{dotenv_path}: cannot be read: {error}"]) from error
        return cls(environment=_named(env), dotenv=_named(dotenv))

    def value(self, name: str) -> str | None:
        return self.environment.get(name, self.dotenv.get(name))

    def origin(self, name: str) -> Origin:
        if name in self.environment:
            return Origin.ENVIRONMENT
        return Origin.DOTENV if name in self.dotenv else Origin.DEFAULT

    def warnings(self, *, known: Collection[str], unbuilt: Collection[str]) -> Iterator[str]:
        """What was set and has no effect. The environment holds much that is not meant for us; .env does not."""
        for name in unbuilt:
            if self.value(name) is not None:
                yield f"{name} ({self.origin(name)}): not built in yet: has no effect"
        for name in sorted(self.dotenv.keys() - {*known, *unbuilt}):
            yield f"{name} ({Origin.DOTENV}): unknown: has no effect{_hint(name, known)}"


def listed(value: str) -> tuple[str, ...]:
    """A list in JSON, or separated by commas. Raises ValueError for JSON that is no list of texts."""
    if not value.startswith("["):
        return tuple(filter(None, map(str.strip, value.split(","))))
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        raise ValueError("should be a list of texts in JSON, or separated by commas")
    return tuple(told)


def masked(value: str) -> str:
    """Without the passwords that a URL can carry."""
    return SECRET_PARAMETER.sub(r"\1***", USER_INFO.sub(r"\1:***@", value))


def quoted(value: str) -> str:
    """Fit for a line of a message: masked, short, without control characters."""
    shown = masked(value)
    return repr(shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}...")


def _named(values: Mapping[str, str | None]) -> dict[str, str]:
    # Upper case sorts first; in reverse it comes last and so wins over another spelling of the same name.
    return {name.upper(): value for name, value in sorted(values.items(), reverse=True) if value}


def _hint(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
