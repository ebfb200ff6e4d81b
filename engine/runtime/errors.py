"""What the kernel refuses with.

The docstring is the message; what it is about comes behind it.
"""


class KernelError(Exception):
    """The kernel refused."""

    def __str__(self) -> str:
        return ": ".join((str(self.__doc__).rstrip("."), *map(str, self.args)))


class MailboxClosed(KernelError):  # noqa: N818 - named after what happened
    """The mailbox is closed."""


class AskTimeout(KernelError):  # noqa: N818 - named after what happened
    """No answer came in time."""


class DeadlineExpired(KernelError):  # noqa: N818 - named after what happened
    """The time given was used up."""


class Aborted(KernelError):  # noqa: N818 - named after what happened
    """Somebody ended it before its time."""

    @property
    def reason(self) -> object:
        return self.args[0]


class Escalated(KernelError):  # noqa: N818 - named after what happened
    """A supervisor gave up its children."""

    is_stuck = False
    """Does one of them still run? Then a successor would be a second of its kind."""
