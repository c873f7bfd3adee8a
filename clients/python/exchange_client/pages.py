"""Lists that come in pages: iterate and the next page is fetched when it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Generic, Iterator, List, Optional, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page, and the cursor that asks for the next; None on the last."""

    items: List[T]
    next: Optional[str]


class Pages(Generic[T]):
    """Everything that was asked for, page by page."""

    def __init__(self, fetch: Callable[[Optional[str]], Page[T]], cursor: Optional[str] = None) -> None:
        self._fetch = fetch
        self._cursor = cursor

    def pages(self) -> Iterator[Page[T]]:
        cursor = self._cursor
        while True:
            page = self._fetch(cursor)
            yield page
            if page.next is None:
                return
            if page.next == cursor:
                raise RuntimeError("The exchange gave the same cursor twice.")
            cursor = page.next

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def first(self) -> Page[T]:
        """The first page alone; its ``next`` can be given as ``cursor`` later."""
        return self._fetch(self._cursor)
