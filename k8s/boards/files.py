"""Where things lie."""

from pathlib import Path

K8S = Path(__file__).parents[1]
DASHBOARDS = K8S / "dashboards"
RULES = K8S / "rules"
PLAIN = (RULES / "recording.yaml", RULES / "alerts.yaml")
"""As Prometheus itself reads them."""
WRAPPED = RULES / "prometheusrule.yaml"
TESTS = RULES / "tests.yaml"
