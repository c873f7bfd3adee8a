"""From the JSON of an answer to the classes of ``models``, by their annotations; and from arguments to JSON."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
import typing
from decimal import Decimal
from typing import Any, Mapping, Optional

from .values import Money, Quantity, Rate, plain


def read(text: bytes) -> Any:
    """JSON whose numbers are int or Decimal."""
    return json.loads(text, parse_float=Decimal, parse_constant=_none_of_json)


def _none_of_json(word: str) -> Any:
    raise ValueError(f"{word} is not JSON.")


def decode(kind: Any, value: Any) -> Any:
    """A value of a type that was generated. What a newer exchange says beside it is left out."""
    if value is None or kind is Any:
        return value
    origin = typing.get_origin(kind)
    if origin is typing.Union:
        return decode(next(one for one in typing.get_args(kind) if one is not type(None)), value)
    if origin is list:
        return [decode(typing.get_args(kind)[0], one) for one in value]
    if kind is Decimal:
        return Decimal(str(value))
    if kind is int:
        return int(value)
    if kind is datetime.date:
        return datetime.date.fromisoformat(value)
    if kind is Money and isinstance(value, str):
        return Money.parse(value)
    if dataclasses.is_dataclass(kind):
        return kind(**{
            name: decode(of, value.get(said)) for name, said, of in fields(kind) if said in value or _is_optional(of)
        })
    return value


@functools.lru_cache(maxsize=None)
def fields(kind: Any) -> tuple[tuple[str, str, Any], ...]:
    """Of each field its name here, its name in JSON, and its type."""
    from . import models  # The names of annotations are those of the generated module.

    types = typing.get_type_hints(kind, {**vars(models), "Optional": Optional, "Decimal": Decimal})
    return tuple(
        (one.name, one.metadata.get("json", one.name), types[one.name]) for one in dataclasses.fields(kind))


def _is_optional(kind: Any) -> bool:
    return typing.get_origin(kind) is typing.Union and type(None) in typing.get_args(kind)


def encode(value: Any) -> Any:
    """An argument as JSON. Amounts and numbers with a fraction go as text, so that no digit is lost on the way."""
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; write it as text or Decimal.")
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, (Money, Quantity, Rate)):
        return str(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return instant(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            said: encode(getattr(value, name)) for name, said, _ in fields(type(value))
            if getattr(value, name) is not None
        }
    if isinstance(value, Mapping):
        return {str(name): encode(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [encode(one) for one in value]
    return value


def instant(value: datetime.date) -> str:
    """A day as 2026-10-01; an instant in UTC as 2026-10-01T00:00:00Z. A time without a zone is refused."""
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone; the exchange reckons in UTC.")
    return value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
