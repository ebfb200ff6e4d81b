"""A soak as a picture: memory against its limit, and below it what the daemon did to stay inside."""

from pathlib import Path

import matplotlib as mpl

from perf.soak.series import Series

mpl.use("agg")

from matplotlib import pyplot as plt

MEBIBYTE = 1024 * 1024


def plotted(series: Series, *, limit_bytes: int, phases: dict[str, float], path: Path) -> Path:
    """Writes a picture, by the suffix of its path. `phases` are their names, and when they began."""
    figure, (memory, credit, steps, rate) = plt.subplots(4, sharex=True, figsize=(12, 10), layout="constrained")
    memory.plot(series.seconds, [each / MEBIBYTE for each in series.rss_bytes], label="resident")
    memory.axhline(limit_bytes / MEBIBYTE, color="red", label="limit")
    memory.set_ylabel("MiB")
    memory.legend(loc="lower right")
    credit.plot(series.seconds, [each / MEBIBYTE for each in series.shown["credits_bytes"]])
    credit.set_ylabel("credits, MiB")
    steps.step(series.seconds, series.shown["level"], label="level")
    steps.set_ylabel("level")
    width = steps.twinx()
    width.plot(series.seconds, series.shown["width"], color="tab:orange")
    width.set_ylabel("fetches at once")
    rate.plot(series.seconds, series.pages_a_second())
    rate.set_ylabel("pages/s")
    rate.set_xlabel("s")
    for name, began_at in phases.items():
        for axes in (memory, credit, steps, rate):
            axes.axvline(began_at, color="grey", linewidth=0.5)
        memory.annotate(name, (began_at, 0))
    figure.savefig(path)
    plt.close(figure)
    return path
