"""The rules as the Prometheus operator takes them: the plain files, moved under a header. Comments stay."""

from collections.abc import Iterable
from pathlib import Path
from textwrap import indent

GROUPS = "groups:\n"
HEADER = """\
# Made of {names} by python -m k8s.boards: change those.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: cfscraper
spec:
  groups:
"""


def wrapped(files: Iterable[Path]) -> str:
    """Of each file what stands under `groups:`; what stands above it is about the file."""
    told = {file.name: file.read_text() for file in files}
    return HEADER.format(names=" and ".join(told)) + "".join(
        indent(text.partition(GROUPS)[2], "  ") for text in told.values()
    )
