"""A monitor's file as a table: a line on the disk after each sample, empty places where nothing was known.

The summary stands beside it, for a table has no place for it.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from perf.monitor.sight import NAMES, Sight
from perf.monitor.summary import Summary

ALWAYS = ("at", "gap", *NAMES)


class CsvRecord:
    """Its columns are those seen so far; with a new one the table is written anew, and takes the old one's place."""

    def __init__(self, path: Path, *, about: Mapping[str, Any]) -> None:
        self._path = path
        self._about = about
        self._columns: list[str] = list(ALWAYS)
        self._rewrite(())

    def put(self, sight: Sight) -> None:
        new = sorted(sight.figures.keys() - set(self._columns))
        if new:
            self._columns += new
            with self._path.open(newline="") as file:
                self._rewrite(tuple(csv.DictReader(file)))
        with self._path.open("a", newline="") as file:
            csv.DictWriter(file, self._columns).writerow({"at": sight.at, "gap": sight.gap, **sight.figures})

    def end(self, summary: Summary) -> None:
        told = {"samples": summary.samples, "gaps": summary.gaps, "figures": summary.spreads()}
        self._path.with_suffix(".summary.json").write_bytes(orjson.dumps({"about": self._about, **told}))

    def _rewrite(self, rows: tuple[dict[str, str], ...]) -> None:
        """Under another name, which then becomes this one: a table that is seen is whole."""
        beside = self._path.with_suffix(".csv.new")
        with beside.open("w", newline="") as file:
            table = csv.DictWriter(file, self._columns)
            table.writeheader()
            table.writerows(rows)
        beside.replace(self._path)
