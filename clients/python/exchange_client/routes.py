"""What the generated methods have in common."""

from __future__ import annotations

import json
from typing import Any, Mapping, Optional

from . import decoding
from .pages import Page, Pages
from .transport import Answer, Transport
from .values import File


class Routes:
    """Sends what a method was called with, and reads what comes back."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return repr(self._transport)

    def _get(self, kind: Any, path: str, query: Mapping[str, Any]) -> Any:
        return self._read(kind, self._transport.get(path, query))

    def _pages(self, kind: Any, path: str, query: Mapping[str, Any], cursor: Optional[str]) -> Pages[Any]:
        return Pages(lambda at: self._page(kind, self._transport.get(path, {**query, "cursor": at})), cursor)

    def _act(
        self, kind: Any, method: str, path: str, query: Mapping[str, Any], body: Any, *,
        kind_of_body: Optional[str] = None, if_match: Optional[str] = None, key: Optional[str] = None,
        has_key: bool = False,
    ) -> Any:
        return self._read(kind, self._sent(method, path, query, body, kind_of_body, if_match, key, has_key))

    def _act_page(
        self, kind: Any, method: str, path: str, query: Mapping[str, Any], body: Any, *,
        key: Optional[str] = None, has_key: bool = False,
    ) -> Page[Any]:
        return self._page(kind, self._sent(method, path, query, body, None, None, key, has_key))

    def _sent(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, kind: Optional[str],
        if_match: Optional[str], key: Optional[str], has_key: bool,
    ) -> Answer:
        headers = {}
        if if_match is not None:
            headers["If-Match"] = if_match if if_match == "*" or if_match.startswith('"') else f'"{if_match}"'
        return self._transport.act(method, path, query, *_body(body, kind), headers, key=key, has_key=has_key)

    @staticmethod
    def _page(kind: Any, answer: Answer) -> Page[Any]:
        said = decoding.read(answer.body)
        return Page([decoding.decode(kind, one) for one in said["items"]], said.get("next"))

    @staticmethod
    def _read(kind: Any, answer: Answer) -> Any:
        if kind is None:
            return None
        if kind is File:
            return File(answer.body, answer.type, answer.name)
        return decoding.decode(kind, decoding.read(answer.body))


def _body(body: Any, kind: Optional[str]) -> "tuple[Optional[bytes], Optional[str]]":
    if body is None:
        return None, None
    if isinstance(body, (str, bytes)):
        return body.encode("utf-8") if isinstance(body, str) else body, kind
    sent = {name: decoding.encode(one) for name, one in body.items() if one is not None}
    return json.dumps(sent, allow_nan=False).encode("utf-8"), "application/json"
