"""A test as one picture: load, backlog, replicas and latency over the same seconds."""

from collections.abc import Sequence
from math import nan
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from perf.autoscale.manifest import Scaler
from perf.autoscale.record import Moment, Record
from perf.load.plots import LOOK

SIZE_IN = (12.0, 9.0)


def plotted(record: Record, *, scaler: Scaler, began_at: float, path: Path) -> Path:
    """`began_at` is when the test began by the wall clock."""
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=SIZE_IN, layout="constrained")
        load, backlog, replicas, latency = panels = figure.subplots(4, 1, sharex=True)
        at_s = [moment.at_s for moment in record.moments]
        _load(load, at_s, record.moments)
        _backlog(backlog, at_s, record.moments, scaler)
        _replicas(replicas, at_s, record, scaler)
        _latency(latency, at_s, record, began_at)
        for axes in panels:
            _finished(axes, record)
        for phase in record.phases:
            load.annotate(
                phase.name, (phase.began_s, 0.92), xycoords=("data", "axes fraction"), fontsize=8, color="grey"
            )
        latency.set_xlabel("seconds")
        figure.savefig(path)
    return path


def _load(axes: Axes, at_s: Sequence[float], moments: Sequence[Moment]) -> None:
    axes.set_title("jobs")
    axes.plot(at_s, [moment.submitted for moment in moments], color="grey", label="submitted")
    axes.plot(at_s, [moment.queued for moment in moments], label="queued")
    axes.plot(at_s, [moment.running for moment in moments], color="tab:green", label="running")


def _backlog(axes: Axes, at_s: Sequence[float], moments: Sequence[Moment], scaler: Scaler) -> None:
    axes.set_title(f"{scaler.aims[0].name}, as the controller saw it")
    values = [moment.standing.value for moment in moments]
    axes.plot(at_s, [nan if value is None else value for value in values], drawstyle="steps-post", label="value")
    axes.axhline(scaler.aims[0].target, color="tab:red", linestyle="--", label="target")


def _replicas(axes: Axes, at_s: Sequence[float], record: Record, scaler: Scaler) -> None:
    axes.set_title("workers")
    asked = [(each.at_s, each.asked) for each in record.decisions if each.asked is not None]
    if asked:
        capped = [min(number, scaler.most) for _, number in asked]
        axes.plot([when for when, _ in asked], capped, ".", color="silver", label="asked for, up to the most")
    axes.plot(at_s, [each.standing.wanted for each in record.moments], drawstyle="steps-post", label="told")
    ready = [each.standing.ready for each in record.moments]
    axes.plot(at_s, ready, drawstyle="steps-post", color="tab:green", label="ready")


def _latency(axes: Axes, at_s: Sequence[float], record: Record, began_at: float) -> None:
    axes.set_title("latency, ms")
    axes.set_yscale("log")
    axes.plot(at_s, [moment.submit_ms or nan for moment in record.moments], label="last submit")
    if record.account:
        ended = [when - began_at for when, _ in record.account.waits]
        waits = [1000 * wait for _, wait in record.account.waits]
        axes.plot(ended, waits, ".", color="tab:orange", markersize=3, label="single jobs, submit to end")


def _finished(axes: Axes, record: Record) -> None:
    for phase in record.phases:
        axes.axvline(phase.began_s, color="grey", linewidth=0.5)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=4, borderaxespad=0.0)
