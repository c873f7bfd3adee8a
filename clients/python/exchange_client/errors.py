"""What the exchange refuses, and what to do about it. A refusal is a problem document (RFC 9457) with a code."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .refusals import WHAT_TO_DO


class ExchangeError(Exception):
    """Whatever kept a request from being answered."""


class Unreachable(ExchangeError):
    """No answer came: the exchange or the way to it is away. What was sent may have been done; the same call with
    the same idempotency key finds out."""


class Refused(ExchangeError):
    """The exchange said no."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: Optional[int] = None) -> None:
        self.status = status
        #: Names the reason for programs, as 'invoice/unknown'; it never changes.
        self.code = str(problem.get("code") or "")
        self.title = str(problem.get("title") or "")
        #: The reason in a sentence, with what was given and what is allowed.
        self.detail = str(problem.get("detail") or self.title or f"HTTP {status}")
        #: Which part of the request it is about, where that is known.
        self.where = problem.get("instance")
        #: After how many seconds to try again, where the exchange says so.
        self.retry_after = retry_after
        super().__init__(f"{self.code or status}: {self.detail}")

    @property
    def what_to_do(self) -> Optional[str]:
        """The next step, as the list of refusals has it; None for a code of a newer exchange."""
        return WHAT_TO_DO.get(self.code)


class BadRequest(Refused):
    """400: the request is not right."""


class Unauthorized(Refused):
    """401: no key, or none that is known and not revoked."""


class Forbidden(Refused):
    """403: the key's scope or landlord does not allow it."""


class NotFound(Refused):
    """404: there is no such thing, or it is another's."""


class Conflict(Refused):
    """409: what is there already stands against it."""


class PreconditionFailed(Refused):
    """412: it changed since it was read. Read it again."""


class TooLarge(Refused):
    """413: send less at once."""


class Unprocessable(Refused):
    """422: understood, and against a rule."""


class TooManyRequests(Refused):
    """429: too fast; ``retry_after`` says how long to wait."""


class Unavailable(Refused):
    """503: not now."""


BY_STATUS = {
    400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 412: PreconditionFailed,
    413: TooLarge, 422: Unprocessable, 429: TooManyRequests, 503: Unavailable,
}
