"""Amounts as the exchange says them: exact decimals with their currency or unit. Never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Union

Number = Union[str, int, Decimal]


def exact(value: Number) -> Decimal:
    """A decimal of what was written. A float is refused: 0.1 of it is not 0.1."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TypeError(f"{value!r} is {type(value).__name__}; write an amount as text, int or Decimal.")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number.") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not an amount.")
    return number


def plain(number: Decimal) -> str:
    """The number without an exponent, as the exchange reads it."""
    return format(number, "f")


@dataclass(frozen=True)
class Money:
    """An amount in a currency: ``Money("12.34")``. Adding another currency is an error."""

    amount: Decimal
    currency: str = "USD"

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount))

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Reads '12.34 USD'."""
        amount, _, currency = text.partition(" ")
        return cls(exact(amount), currency or "USD")

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __radd__(self, other: Any) -> "Money":
        return self if other == 0 else NotImplemented  # sum() begins with 0.

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def _same(self, other: "Money") -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"{other!r} is no Money.")
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are of two currencies.")
        return other.amount


@dataclass(frozen=True)
class Quantity:
    """So much of a unit, as 8 SU-hour."""

    amount: Decimal
    unit: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount))

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.unit}"


@dataclass(frozen=True)
class Rate:
    """A price of one unit."""

    amount: Decimal
    currency: str
    unit: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount))

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency} per {self.unit}"


@dataclass(frozen=True)
class File:
    """A file that the exchange answered with: a PDF, a CSV, a zip."""

    content: bytes
    type: str
    name: str

    @property
    def text(self) -> str:
        return self.content.decode("utf-8")
