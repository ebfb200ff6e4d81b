"""A CPU profile as a daemon tells it: two stacks of the loop that part late, a thread that waits."""

from typing import Any

CPU: dict[str, Any] = {
    "seconds": 1.0,
    "looks": 100,
    "late": 3,
    "dropped": 0,
    "threads": [
        {"name": "MainThread", "samples": 90, "busy": 90, "cpu_s": 0.8},
        {"name": "read_0", "samples": 10, "busy": 0, "cpu_s": 0.0},
    ],
    "names": ["runpy:start", "loop:run", "app:Page.parse", "app:Page.<lambda>", "pool:wait"],
    "stacks": [
        {"thread": "MainThread", "frames": [0, 1, 2, 2], "is_idle": False, "samples": 60},
        {"thread": "MainThread", "frames": [0, 1, 2, 3], "is_idle": False, "samples": 20},
        {"thread": "read_0", "frames": [4], "is_idle": True, "samples": 10},
        {"thread": "MainThread", "frames": [0, 1, 3], "is_idle": False, "samples": 10},
    ],
    "caveat": "as far as the lock was had",
}
