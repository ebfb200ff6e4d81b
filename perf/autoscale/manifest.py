"""A HorizontalPodAutoscaler (autoscaling/v2) as values, from its YAML or from what a cluster tells.

What it leaves out is as Kubernetes has it; what is not simulated is refused, never ignored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from perf.autoscale.quantity import number_of

KIND = "HorizontalPodAutoscaler"


class ManifestError(Exception):
    """No autoscaler that could be simulated."""


class Source(StrEnum):
    """Whose metric it is."""

    RESOURCE = "Resource"
    PODS = "Pods"
    OBJECT = "Object"
    EXTERNAL = "External"


class Measure(StrEnum):
    """What the target is of."""

    UTILIZATION = "Utilization"
    VALUE = "Value"
    AVERAGE = "AverageValue"


class Select(StrEnum):
    """Which of the policies holds."""

    MAX = "Max"
    MIN = "Min"
    DISABLED = "Disabled"


FIELDS = {Measure.UTILIZATION: "averageUtilization", Measure.VALUE: "value", Measure.AVERAGE: "averageValue"}
SUITS = {
    Source.RESOURCE: {Measure.UTILIZATION, Measure.AVERAGE},
    Source.PODS: {Measure.AVERAGE},
    Source.OBJECT: {Measure.VALUE, Measure.AVERAGE},
    Source.EXTERNAL: {Measure.VALUE, Measure.AVERAGE},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A metric and where it is to be held; a utilization in percent."""

    source: Source
    name: str
    measure: Measure
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """So many pods, or so many percent of what was there at its start, in a period."""

    value: int
    period_s: float
    is_percent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How fast it may go one way."""

    window_s: float
    select: Select
    policies: Sequence[Policy]

    def sped(self, factor: float) -> "Rules":
        policies = tuple(replace(policy, period_s=policy.period_s / factor) for policy in self.policies)
        return replace(self, window_s=self.window_s / factor, policies=policies)


UP = Rules(
    window_s=0,
    select=Select.MAX,
    policies=(Policy(value=4, period_s=15, is_percent=False), Policy(value=100, period_s=15, is_percent=True)),
)
DOWN = Rules(window_s=300, select=Select.MAX, policies=(Policy(value=100, period_s=15, is_percent=True),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """What one autoscaler was told."""

    name: str
    deployment: str
    least: int
    most: int
    aims: Sequence[Aim]
    up: Rules
    down: Rules

    def sped(self, factor: float) -> "Scaler":
        """All periods and windows divided; targets stay what they are."""
        return replace(self, up=self.up.sped(factor), down=self.down.sped(factor))


def read(path: Path) -> Scaler:
    """The one in the file. ManifestError when there is not exactly one, or it cannot be simulated."""
    documents = [each for each in yaml.safe_load_all(path.read_text()) if each and each.get("kind") == KIND]
    if len(documents) != 1:
        raise ManifestError(f"{path} holds {len(documents)} of kind {KIND}, not one")
    return scaler_of(documents[0])


def scaler_of(document: Mapping[str, Any]) -> Scaler:
    try:
        spec = document["spec"]
        behavior = spec.get("behavior", {})
        return Scaler(
            name=document["metadata"]["name"],
            deployment=spec["scaleTargetRef"]["name"],
            least=spec.get("minReplicas", 1),
            most=spec["maxReplicas"],
            aims=tuple(_aim(each) for each in spec["metrics"]),
            up=_rules(behavior.get("scaleUp", {}), UP),
            down=_rules(behavior.get("scaleDown", {}), DOWN),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"no autoscaling/v2 that could be simulated: {error!r}") from error


def _aim(told: Mapping[str, Any]) -> Aim:
    source = Source(told["type"])
    about = told[source.lower()]
    name = about["name"] if source is Source.RESOURCE else about["metric"]["name"]
    measure = Measure(about["target"]["type"])
    if measure not in SUITS[source]:
        raise ManifestError(f"{name}: {source} has no {measure}")
    return Aim(source=source, name=name, measure=measure, target=number_of(about["target"][FIELDS[measure]]))


def _rules(told: Mapping[str, Any], usual: Rules) -> Rules:
    if "tolerance" in told:
        raise ManifestError("a tolerance of its own is not simulated")
    policies = tuple(_policy(each) for each in told.get("policies") or ())
    return Rules(
        window_s=told.get("stabilizationWindowSeconds", usual.window_s),
        select=Select(told.get("selectPolicy", usual.select)),
        policies=policies or usual.policies,
    )


def _policy(told: Mapping[str, Any]) -> Policy:
    kind = told["type"]
    if kind not in {"Pods", "Percent"}:
        raise ManifestError(f"no policy is of type {kind}")
    return Policy(value=told["value"], period_s=told["periodSeconds"], is_percent=kind == "Percent")
