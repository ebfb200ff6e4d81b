"""The verdicts as a table."""

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from perf.validate.verdicts import Outcome, Verdict

STYLES: Mapping[Outcome, str] = {Outcome.MET: "green", Outcome.MISSED: "bold red", Outcome.NOT_MEASURED: "yellow"}


def table(verdicts: Sequence[Verdict]) -> Table:
    shown = Table("target", "bar", "measured", "", "how")
    for each in verdicts:
        value = "" if each.value is None else f"{each.value:.4g} {each.unit}".strip()
        verdict = Text(each.outcome, style=STYLES[each.outcome])
        shown.add_row(each.sentence, f"{each.bar} {each.unit}".strip(), value, verdict, Text(each.note))
    return shown
