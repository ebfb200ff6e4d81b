from pathlib import Path

from perf.autoscale.plot import plotted
from tests.perf.autoscale.manifests import a_scaler
from tests.perf.autoscale.test_verdicts import UP_AND_DOWN, a_record


def test_a_record_is_a_picture_with_all_four_panels(tmp_path: Path) -> None:
    path = plotted(a_record(*UP_AND_DOWN), scaler=a_scaler(), began_at=0.0, path=tmp_path / "it.svg")
    drawn = path.read_text()
    assert all(title in drawn for title in ("jobs", "cfscraper_backlog_seconds", "workers", "latency", "spike"))
