"""A monitor's file as JSON: whole after each sample, whatever ends the process."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from perf.monitor.sight import Sight
from perf.monitor.summary import Summary

UNENDED = b'\n],"summary":null}\n'


class JsonRecord:
    """Each sample and the end of the file behind it are written at once, over the end that was there before."""

    def __init__(self, path: Path, *, about: Mapping[str, Any]) -> None:
        self._file = path.open("wb", buffering=0)
        self._at = 0
        self._comma = b""
        self._put(b'{"about":' + orjson.dumps(about) + b',"samples":[', UNENDED)

    def put(self, sight: Sight) -> None:
        told = {"at": sight.at, **({"gap": sight.gap} if sight.gap else {}), **sight.figures}
        self._put(self._comma + b"\n" + orjson.dumps(told), UNENDED)
        self._comma = b","

    def end(self, summary: Summary) -> None:
        told = {"samples": summary.samples, "gaps": summary.gaps, "figures": summary.spreads()}
        self._put(b"", b'\n],"summary":' + orjson.dumps(told) + b"}\n")
        self._file.close()

    def _put(self, piece: bytes, end: bytes) -> None:
        os.pwrite(self._file.fileno(), piece + end, self._at)
        self._at += len(piece)
