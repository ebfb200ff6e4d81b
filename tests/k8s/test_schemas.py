"""All that a cluster is given has a schema and holds to it: Kubernetes' own, or ours for what is installed beside.

Ours (schemas/) know the fields that are used here and refuse all others; a kind that neither knows fails.
"""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.k8s.manifests import OVERLAYS, Manifest, built, name_of, of_kind, the

SCHEMAS = Path(__file__).parent / "schemas"
OURS = {each.stem: jsonschema_rs.validator_for(yaml.safe_load(each.read_text())) for each in SCHEMAS.glob("*.yaml")}
VERSIONS = ("1.35", "1.36", "1.37")


@pytest.fixture(name="kubernetes", scope="module")
def _kubernetes() -> Iterator[Any]:
    """It reads a version's definitions anew for every manifest, which is most of its time: here once."""
    kubernetes = pytest.importorskip("kubernetes_validate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kubernetes.utils, "schema_contents", cache(kubernetes.utils.schema_contents))
        yield kubernetes


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_holds_to_the_schemas_of(version: str, kubernetes: Any) -> None:
    seen: list[Manifest] = []
    for overlay in OVERLAYS:
        for manifest in built(overlay):
            if manifest not in seen:
                seen.append(manifest)
                _validate(manifest, version, kubernetes)
    assert seen


def test_a_field_that_does_not_exist_is_found(kubernetes: Any) -> None:
    wrong = deepcopy(the(built("prod"), "Deployment", "cfscraper-api"))
    wrong["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes.ValidationError):
        _validate(wrong, VERSIONS[-1], kubernetes)


def test_a_kind_that_nobody_knows_is_found(kubernetes: Any) -> None:
    with pytest.raises(KeyError):
        _validate({"apiVersion": "example.com/v1", "kind": "Wish"}, VERSIONS[-1], kubernetes)


@pytest.mark.parametrize("kind", ["ScaledObject", "VerticalPodAutoscaler", "ServiceMonitor"])
def test_our_own_schemas_find_a_field_that_does_not_exist(kind: str) -> None:
    wrong = deepcopy(of_kind(built("prod-keda"), kind)[0])
    wrong["spec"]["minReplicas"] = 1
    assert not OURS[kind.lower()].is_valid(wrong)


def _validate(manifest: Manifest, version: str, kubernetes: Any) -> None:
    try:
        kubernetes.validate(manifest, version, strict=True)
    except kubernetes.SchemaNotFoundError:
        errors = [f"{name_of(manifest)}: {error}" for error in OURS[manifest["kind"].lower()].iter_errors(manifest)]
        assert not errors, "\n".join(errors)
