"""The incoming side: routes, handlers, models. It is called by the HTTP server and never runs by itself.

Reads go to the store; every write goes through the `commit` it is given.
"""

from engine.api.app import build_app
from engine.api.long import written
from engine.api.results import result_of
from engine.api.routes import PROBES, ROUTES
from engine.api.services import Figures, Health, Log, Services, Traffic

__all__ = ["PROBES", "ROUTES", "Figures", "Health", "Log", "Services", "Traffic", "build_app", "result_of", "written"]
