import psutil

from tests.engine.metrics.panel import Panel


def test_a_sample_is_of_this_process_and_of_this_machine() -> None:
    panel = Panel()
    panel.clock.now += 7
    vitals = panel.pulse.take()
    assert vitals.uptime_s == 7
    assert 0 < vitals.rss_bytes < vitals.vms_bytes
    assert vitals.rss_bytes < psutil.virtual_memory().total
    assert vitals.cpu_s > 0
    percents = (vitals.system_cpu_percent, vitals.system_memory_percent, vitals.system_disk_percent)
    assert all(0 <= percent <= 100 for percent in percents)
