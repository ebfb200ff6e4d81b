"""Autoscalers as their files say it."""

from perf.autoscale.manifest import Aim, Measure, Policy, Rules, Scaler, Select, Source

HASTY = Rules(window_s=0, select=Select.MAX, policies=(Policy(value=100, period_s=1, is_percent=True),))
BACKLOG = Aim(source=Source.EXTERNAL, name="cfscraper_backlog_seconds", measure=Measure.VALUE, target=60)


def a_scaler(*, least: int = 1, most: int = 10, up: Rules = HASTY, down: Rules = HASTY) -> Scaler:
    return Scaler(name="it", deployment="its", least=least, most=most, aims=(BACKLOG,), up=up, down=down)


def rules(*policies: Policy, window_s: float = 0, select: Select = Select.MAX) -> Rules:
    return Rules(window_s=window_s, select=select, policies=policies)


def pods(value: int, period_s: float) -> Policy:
    return Policy(value=value, period_s=period_s, is_percent=False)


def percent(value: int, period_s: float) -> Policy:
    return Policy(value=value, period_s=period_s, is_percent=True)
