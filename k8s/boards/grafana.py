"""Draws a board as Grafana loads it: by its own SDK, so that what it does not know cannot be written."""

import json
from itertools import count
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    DataSourceRef,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    Threshold,
    ThresholdsMode,
    VariableOption,
    VariableRefresh,
)

from k8s.boards.board import Board, Panel, Shape

TAG = "cfscraper"
SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
LABELS = {"$every": 'namespace=~"$namespace",job=~"$job"', "$fleet": 'namespace=~"$namespace"'}
JOBS = "cfscraper.*"
"""All of ours, as the rules name them; others in the same Prometheus have metrics of the same names."""
OURS = "backlog_seconds"
"""A metric that nobody else has: who has it is one of ours."""
HEIGHTS = {Shape.LINES: 8, Shape.FIGURE: 4}
Drawn = timeseries.Panel | stat.Panel


def drawn(board: Board) -> str:
    """The JSON, ending with a line's end."""
    builder = (
        dashboard.Dashboard(board.title)
        .uid(f"{TAG}-{board.name}")
        .description(board.says)
        .tags([TAG])
        .time("now-1h", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(dashboard.DashboardLink("Others").type(DashboardLinkType.DASHBOARDS).tags([TAG]).keep_time(True))
        .with_variable(dashboard.DatasourceVariable("source").label("Source").type("prometheus"))
        .with_variable(_choice("namespace", f"label_values({OURS}, namespace)").all_value(".*"))
        .with_variable(_choice("job", f'label_values({OURS}{{namespace=~"$namespace"}}, job)').all_value(JOBS))
    )
    numbers = count(1)
    for row in board.rows:
        builder.with_row(dashboard.Row(row.title).id(next(numbers)))
        for panel in row.panels:
            builder.with_panel(_panel(panel).id(next(numbers)))
    return json.dumps(builder.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _choice(name: str, query: str) -> dashboard.QueryVariable:
    """Any number of the label's values; all of them at first, those without the label too."""
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .datasource(SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .current(VariableOption(text="All", value="$__all"))
    )


def _panel(panel: Panel) -> Drawn:
    drawn = _lines() if panel.shape is Shape.LINES else _figure()
    drawn.title(panel.title).description(panel.says).datasource(SOURCE)
    drawn.unit(panel.unit).span(panel.width).height(HEIGHTS[panel.shape])
    if panel.shape is Shape.LINES:
        drawn.min(0)
    drawn.thresholds(_thresholds(panel.bad_above))
    for letter, (legend, ask) in zip(ascii_uppercase, panel.asks.items(), strict=False):
        drawn.with_target(prometheus.Dataquery().ref_id(letter).expr(_labelled(ask)).legend_format(legend).range())
    return drawn


def _lines() -> timeseries.Panel:
    return (
        timeseries.Panel()
        .fill_opacity(8)
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    )


def _figure() -> stat.Panel:
    return (
        stat.Panel()
        .graph_mode(BigValueGraphMode.AREA)
        .color_mode(BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def _thresholds(bad_above: float | None) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green")]
    if bad_above is not None:
        steps.append(Threshold(value=bad_above, color="red"))
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _labelled(ask: str) -> str:
    for name, labels in LABELS.items():
        ask = ask.replace(name, labels)
    return ask
