"""What real services showed with each fault planted in them, and with none; recorded by the analyser itself."""

from pathlib import Path

from perf.bottlenecks.evidence import Evidence, loaded

FOLDER = Path(__file__).with_name("recorded")
HEALTHY = "none"


def recorded(name: str) -> Evidence:
    return loaded((FOLDER / f"{name}.json").read_bytes())


def all_recorded() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))
