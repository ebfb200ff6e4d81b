"""What goes wrong inside one fetch, on its way to becoming a Failure."""

from engine.jobs.outcome import ErrorType


class ProblemError(Exception):
    """Never leaves engine.fetch."""

    def __init__(self, error_type: ErrorType, message: str, *, may_have_left: bool = True) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.may_have_left = may_have_left
