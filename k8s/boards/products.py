"""All that is made here: each file's text by its path."""

from collections.abc import Mapping
from pathlib import Path

from k8s.boards import autoscaling, cache, database, overview, performance
from k8s.boards.files import DASHBOARDS, PLAIN, WRAPPED
from k8s.boards.grafana import drawn
from k8s.boards.prometheus_rule import wrapped

BOARDS = (overview.BOARD, performance.BOARD, autoscaling.BOARD, database.BOARD, cache.BOARD)


def products() -> Mapping[Path, str]:
    return {**{DASHBOARDS / f"{board.name}.json": drawn(board) for board in BOARDS}, WRAPPED: wrapped(PLAIN)}
