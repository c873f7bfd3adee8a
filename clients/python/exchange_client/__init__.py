"""A client of the exchange: usage in, prices, charges, invoices and settlements out. Standard library only."""

from .client import Client, UsageTaken
from .errors import (
    BadRequest, Conflict, ExchangeError, Forbidden, NotFound, PreconditionFailed, Refused, TooLarge, TooManyRequests,
    Unauthorized, Unavailable, Unprocessable, Unreachable,
)
from .pages import Page, Pages
from .values import File, Money, Quantity, Rate

__all__ = [
    "BadRequest", "Client", "Conflict", "ExchangeError", "File", "Forbidden", "Money", "NotFound", "Page", "Pages",
    "PreconditionFailed", "Quantity", "Rate", "Refused", "TooLarge", "TooManyRequests", "Unauthorized", "Unavailable",
    "Unprocessable", "Unreachable", "UsageTaken",
]
