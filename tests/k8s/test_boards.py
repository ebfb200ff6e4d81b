"""The dashboards' JSON is what is drawn, Grafana's own SDK reads it back, and each panel can be understood alone."""

import json
import re
from itertools import combinations
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard
from grafana_foundation_sdk.models.prometheus import Dataquery

from k8s.boards.files import DASHBOARDS, WRAPPED
from k8s.boards.products import BOARDS, products
from tests.k8s.expressions import alerts

PANELS = [panel for board in BOARDS for row in board.rows for panel in row.panels]
every_board = pytest.mark.parametrize("name", [board.name for board in BOARDS])
THRESHOLD = re.compile(r"(cfscraper:\S+) > ([\d.]+)")


def read(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((DASHBOARDS / f"{name}.json").read_text())
    return told


def test_what_lies_there_is_what_is_made_here() -> None:
    made = products()
    assert set(made) == {WRAPPED, *DASHBOARDS.glob("*.json")}
    for path, text in made.items():
        assert path.read_text() == text, f"{path.name} is not up to date: python -m k8s.boards"


@every_board
def test_the_sdk_loads_a_dashboard_and_loses_nothing_of_it(name: str) -> None:
    register_default_plugins()
    told = read(name)
    loaded = Dashboard.from_json(told)
    assert json.loads(json.dumps(loaded, cls=JSONEncoder)) == told
    targets = [target for panel in loaded.panels or () for target in getattr(panel, "targets", None) or ()]
    assert targets
    assert {type(target) for target in targets} == {Dataquery}


@every_board
def test_no_panel_lies_over_another_or_beyond_the_screen(name: str) -> None:
    panels = read(name)["panels"]
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert not [both for both in combinations(places, 2) if _overlap(*both)]
    assert len({panel["id"] for panel in panels}) == len(panels)


def _overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    return not (beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"])


def test_a_panel_says_what_it_shows_in_a_unit_that_grafana_knows() -> None:
    known = [unit for unit in vars(units).values() if isinstance(unit, str)]
    for panel in PANELS:
        assert panel.title
        assert panel.says.endswith((".", "?")), panel
        assert panel.unit in known, panel


def test_a_panel_of_one_line_turns_red_where_its_alert_begins() -> None:
    found = [match for alert in alerts() if (match := THRESHOLD.fullmatch(alert["expr"]))]
    begins = {match[1]: match[2] for match in found}
    alone = [panel for panel in PANELS if len(panel.asks) == 1]
    asked = [(panel, name) for panel in alone for name in begins for ask in panel.asks.values() if name in ask]
    assert {name for _, name in asked} == set(begins)
    for panel, name in asked:
        assert panel.bad_above == float(begins[name]), panel
