"""The report of recorded samples: one file that needs nothing beside it."""

import re
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree, html

from perf.load.command import reported
from perf.load.section import Section
from perf.load.shapes import shape_of
from tests.perf.load.recorded import a_run

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TITLES = ("users", "requests/s", "response time", "failures/s", "server: pages/s", "server: event loop lag")


def _report(folder: Path, *sections: Section) -> str:
    reported(list(sections), settings={"scenario": "<all>", "api_key": False}, folder=folder, taken_at=AT)
    return (folder / "report.html").read_text()


def _section(folder: Path, name: str) -> Section:
    return Section.read(a_run(folder / name), shape=shape_of(name, lasts_s=12), is_complete=True)


def test_it_tells_what_happened_and_asks_for_nothing_else(tmp_path: Path) -> None:
    text = _report(tmp_path, _section(tmp_path, "baseline"), _section(tmp_path, "spike"))
    shown = "".join(map(str, html.fromstring(text).itertext()))
    for told in (*TITLES, "baseline: 6 failures", "<500>", "<all>", "server: database connections"):
        assert told in shown
    assert not re.search(r'src=|<link|@import|url\((?!#)|href="(?!#)', text)


def test_each_picture_is_sound_and_its_ids_are_its_own(tmp_path: Path) -> None:
    text = _report(tmp_path, _section(tmp_path, "baseline"), _section(tmp_path, "spike"))
    pictures = [etree.fromstring(found) for found in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]
    ids = [each.get("id") for picture in pictures for each in picture.iter() if each.get("id")]
    assert len(pictures) == 2
    assert len(ids) == len(set(ids))
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', text)
    assert used
    assert set(used) <= set(ids)


def test_a_scenario_of_which_nothing_was_seen_has_its_place(tmp_path: Path) -> None:
    nothing = Section.read(tmp_path / "normal", shape=shape_of("normal"), is_complete=False)
    assert "normal: broken off" in _report(tmp_path, nothing)
