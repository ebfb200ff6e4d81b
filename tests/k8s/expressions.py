"""All that is ever asked of Prometheus, by who asks it: panels, rules, alerts, and what scales the fleet."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import yaml

from k8s.boards.files import DASHBOARDS, K8S, PLAIN

CHOSEN = {"$namespace": ".*", "$job": "cfscraper.*", "$__rate_interval": "30s"}
"""As Grafana puts it in where all is chosen."""
TEMPLATED = {"<<.LabelMatchers>>": 'namespace="cfscraper"', "<<.GroupBy>>": "pod"}
"""As prometheus-adapter does."""
SUBJECT = re.compile(r"absent\((?P<there>.*)\)|(?P<figure>.*) (?:>|==) [\d.]+", re.DOTALL)


def asked_by_panels() -> dict[str, str]:
    return dict(_of_panels())


def _of_panels() -> Iterator[tuple[str, str]]:
    for file in sorted(DASHBOARDS.glob("*.json")):
        for panel in orjson.loads(file.read_bytes())["panels"]:
            for target in panel.get("targets", ()):
                ask = target["expr"]
                for name, value in CHOSEN.items():
                    ask = ask.replace(name, value)
                yield f"{file.stem}: {panel['title']}: {target['refId']}", ask


def rules() -> list[dict[str, Any]]:
    """Recording and alerting."""
    groups = [group for file in PLAIN for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def asked_by_rules() -> dict[str, str]:
    return {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}


def subjects_of_alerts() -> dict[str, str]:
    """What an alert compares: itself it brings nothing while all is well."""
    found = {alert["alert"]: SUBJECT.fullmatch(alert["expr"].strip()) for alert in alerts()}
    return {name: match["there"] or match["figure"] for name, match in found.items() if match is not None}


def asked_by_scalers() -> dict[str, str]:
    return {**_of_the_adapter(), **_of_keda()}


def _of_the_adapter() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in K8S.glob("prometheus-adapter/values.yaml"):
        told = yaml.safe_load(file.read_text())["rules"]
        for rule in (*told.get("custom", ()), *told.get("external", ())):
            name = rule["name"]["as"]
            ask = rule["metricsQuery"].replace("<<.Series>>", rule["seriesQuery"].partition("{")[0])
            for template, value in TEMPLATED.items():
                ask = ask.replace(template, value)
            found |= {f"{name}: series": rule["seriesQuery"], name: ask}
    return found


def _of_keda() -> dict[str, str]:
    documents = [yaml.safe_load(file.read_text()) for file in sorted(K8S.glob("components/keda/*.yaml"))]
    scaled = [each for each in documents if each["kind"] == "ScaledObject"]
    return {
        f"{each['metadata']['name']}: {trigger['name']}": trigger["metadata"]["query"]
        for each in scaled
        for trigger in each["spec"]["triggers"]
        if trigger["type"] == "prometheus"
    }
