"""promtool takes the rules, makes each alert fire and clear; each says what to do."""

import re
import subprocess
from collections.abc import Sequence
from typing import Any

import yaml

from engine.api.routes import ROUTES
from k8s.boards.files import PLAIN, TESTS, WRAPPED
from tests.k8s.expressions import alerts, rules
from tests.servers.prometheus import needs_promtool

WITHIN_S = 25.0
PATH = re.compile(r"/api/v1/[A-Za-z_/]*\w")
FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'
"""An alert of a story that is looked at twice must be silent at the second look."""


@needs_promtool
def test_the_rules_are_sound_and_their_tests_hold() -> None:
    _promtool("check", "rules", *map(str, PLAIN))
    _promtool("test", "rules", str(TESTS))


def _promtool(*words: str) -> None:
    done = subprocess.run(("promtool", *words), capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_alerts_are_made_to_fire_and_then_to_clear() -> None:
    fired = set[str]()
    for story in yaml.safe_load(TESTS.read_text())["tests"]:
        looks = [look for look in story["promql_expr_test"] if look["expr"] == FIRING]
        fired |= {sample["labels"] for look in looks[:-1] for sample in look["exp_samples"]}
        assert all(look["exp_samples"] == [] for look in looks[1:])
    assert fired == {f'{{alertname="{alert["alert"]}"}}' for alert in alerts()}


def test_an_alert_says_how_bad_it_is_and_what_to_do() -> None:
    for alert in alerts():
        assert alert["labels"]["severity"] in {"critical", "warning"}, alert["alert"]
        assert set(alert["annotations"]) == {"summary", "runbook"}, alert["alert"]


def test_a_runbook_names_only_what_there_is_to_ask() -> None:
    there = {route.path.upper().replace("{", "").replace("}", "") for route in ROUTES}
    told = {path for alert in alerts() for path in PATH.findall(alert["annotations"]["runbook"])}
    assert told
    assert not {path for path in told if path.upper() not in there}


def test_the_operator_is_given_the_same_rules() -> None:
    told = yaml.safe_load(WRAPPED.read_text())
    assert (told["apiVersion"], told["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert _all_of(told["spec"]["groups"]) == rules()


def _all_of(groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule for group in groups for rule in group["rules"]]
