"""What an HTTP client may throw, and which failure each is. One table; the first that fits counts.

Messages name the host at most: URLs and headers may hold secrets.
"""

from collections.abc import Callable
from typing import Any

import aiohttp

from engine.fetch.problem import ProblemError
from engine.jobs.outcome import ErrorType
from engine.runtime import DeadlineExpired

NOT_SENT = frozenset(
    {ErrorType.INVALID_URL, ErrorType.DNS, ErrorType.CONNECT, ErrorType.CONNECT_TIMEOUT, ErrorType.TLS}
)
"""These say that nothing has left."""

WEB_ERRORS = (aiohttp.ClientError, OSError, ValueError, DeadlineExpired, ProblemError)


def problem_of(error: Exception) -> ProblemError:
    """For one of WEB_ERRORS."""
    if isinstance(error, ProblemError):
        return error
    error_type, message = next((found, message) for kind, found, message in TABLE if isinstance(error, kind))
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, TimeoutError):
        error_type = ErrorType.CONNECT_TIMEOUT
    text = message if isinstance(message, str) else message(error)
    return ProblemError(error_type, text, may_have_left=error_type not in NOT_SENT)


def _unreachable(error: aiohttp.ClientConnectorError) -> str:
    return f"cannot connect to {error.host}: {error.os_error.strerror or 'no reason given'}"[:500]


def _untrusted(error: aiohttp.ClientConnectorCertificateError) -> str:
    reason = getattr(error.certificate_error, "verify_message", "") or "it does not hold"
    return f"the certificate of {error.host} is not accepted: {reason}"[:500]


def _unintelligible(error: aiohttp.ClientResponseError) -> str:
    """What stands behind the colon is what the site sent."""
    return f"the answer is not HTTP: {error.message.partition(':')[0].strip() or 'it cannot be read'}"[:200]


TABLE: tuple[tuple[type[Exception], ErrorType, str | Callable[[Any], str]], ...] = (
    (DeadlineExpired, ErrorType.TOTAL_TIMEOUT, "the attempt's time was used up"),
    (aiohttp.ConnectionTimeoutError, ErrorType.CONNECT_TIMEOUT, "no connection in time"),
    (aiohttp.ServerTimeoutError, ErrorType.READ_TIMEOUT, "the site sent nothing in time"),
    (aiohttp.ClientConnectorCertificateError, ErrorType.TLS, _untrusted),
    (aiohttp.ClientSSLError, ErrorType.TLS, lambda error: f"no TLS with {error.host}: {error.os_error.strerror}"[:500]),
    (aiohttp.ClientConnectorDNSError, ErrorType.DNS, lambda error: f"{error.host} is not found"),
    (aiohttp.ClientProxyConnectionError, ErrorType.CONNECT, "cannot connect to the proxy"),
    (aiohttp.ClientConnectorError, ErrorType.CONNECT, _unreachable),
    (aiohttp.ClientHttpProxyError, ErrorType.CONNECT, lambda error: f"the proxy answered {error.status}"),
    (aiohttp.ClientResponseError, ErrorType.CONNECTION_LOST, _unintelligible),
    (aiohttp.ClientPayloadError, ErrorType.CONNECTION_LOST, "the body broke off"),
    (aiohttp.InvalidURL, ErrorType.INVALID_URL, "the URL, or the proxy's, cannot be read"),
    (aiohttp.NonHttpUrlClientError, ErrorType.UNSUPPORTED_SCHEME, "the URL's scheme is neither http nor https"),
    (aiohttp.ClientError, ErrorType.CONNECTION_LOST, "the connection was lost"),
    (OSError, ErrorType.CONNECTION_LOST, "the connection was lost"),
    (ValueError, ErrorType.INTERNAL, "the request cannot be made"),
)
