"""The client: every route of the exchange, and usage in batches."""

from __future__ import annotations

import gzip
import itertools
import json
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, List, Mapping

from . import decoding, models
from .operations import Operations
from .transport import Transport

#: How many readings go in one request.
BATCH = 1_000


@dataclass(frozen=True)
class UsageTaken:
    """What became of readings: taken, had before, or set aside because they make no sense."""

    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def __add__(self, other: "UsageTaken") -> "UsageTaken":
        return UsageTaken(
            self.accepted + other.accepted, self.duplicate + other.duplicate, self.quarantined + other.quarantined)


class Client(Operations):
    """An exchange, reached with a key.

    ``timeout`` is in seconds, for each try; ``tries`` is how often what is safe to repeat is sent at most;
    ``on_answer`` is called with method, address and status of each answer.
    """

    def __init__(self, url: str, key: str, **options: Any) -> None:
        super().__init__(Transport(url, key, **options))

    def costs(self, **query: Any) -> Iterator[models.CostItem]:
        """Every group of costs that ``get_costs`` answers with, page by page."""
        cursor = query.pop("cursor", None)
        while True:
            page = self.get_costs(cursor=cursor, **query)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def send_usage(self, events: Iterable[Mapping[str, Any]]) -> UsageTaken:
        """Sends CloudEvents, however many: in batches, packed. What is answered for is durable, and each reading
        counts once however often it is sent, so that after an error everything may be sent again."""
        taken = UsageTaken()
        for batch in _batches(events):
            lines = "\n".join(json.dumps(decoding.encode(event), allow_nan=False) for event in batch)
            answer = self._transport.act(
                "POST", "/v1/usage", {}, gzip.compress(lines.encode("utf-8"), 1), "application/x-ndjson",
                {"Content-Encoding": "gzip"}, can_repeat=True)
            said = decoding.read(answer.body)
            taken += UsageTaken(int(said["accepted"]), int(said["duplicate"]), int(said["quarantined"]))
        return taken


def _batches(events: Iterable[Mapping[str, Any]]) -> Iterator[List[Mapping[str, Any]]]:
    rest = iter(events)
    while batch := list(itertools.islice(rest, BATCH)):
        yield batch
