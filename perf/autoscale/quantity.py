"""Kubernetes quantities as numbers: 500m, 50k, 256Mi."""

import re

QUANTITY = re.compile(r"([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?")
SCALES = {
    **{suffix: 1000.0**power for suffix, power in (("n", -3), ("u", -2), ("m", -1), ("k", 1), ("M", 2))},
    **{suffix: 1000.0**power for suffix, power in (("G", 3), ("T", 4), ("P", 5))},
    **{suffix: 1024.0**power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi"), start=1)},
}


def number_of(quantity: str | float) -> float:
    """ValueError when it is none."""
    found = QUANTITY.fullmatch(str(quantity))
    if found is None:
        raise ValueError(f"{quantity!r} is no quantity like 500m, 50k or 256Mi")
    return float(found[1]) * SCALES.get(found[2], 1.0)
