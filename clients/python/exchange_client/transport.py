"""How requests go out: the key, the version of the API, ETags, idempotency keys, and trying again."""

from __future__ import annotations

import collections
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional

from . import decoding
from .errors import BY_STATUS, Refused, Unreachable

#: Amounts with their currency beside them; the form without it is text.
ACCEPT = "application/json;v=2, */*;q=0.5"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
TRY_AGAIN = (429, 503)
#: What an answer is kept for that may be asked for again: at most so many, and so many bytes of them.
KEPT_ANSWERS, KEPT_BYTES = 128, 8 << 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip()

    @property
    def name(self) -> str:
        """The name of a file, where the answer has one."""
        for part in (self.headers.get("Content-Disposition") or "").split(";"):
            key, _, value = part.strip().partition("=")
            if key == "filename":
                return value.strip('"')
        return ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key goes to the exchange that it is of, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Transport:
    """Sends requests to one exchange with one key.

    What is safe to send again is sent again when no answer came or the exchange was too busy: whatever only reads,
    usage (each reading counts once), and what carries an idempotency key, which every act does.
    """

    def __init__(
        self, url: str, key: str, *, timeout: float = 60, tries: int = 4, insecure: bool = False,
        on_answer: Optional[Callable[[str, str, int], None]] = None, sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of an exchange; write it like https://exchange.example.org")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not insecure:
            raise ValueError(f"{url} would show the key to whoever listens. Use https, or say insecure=True.")
        if tries < 1:
            raise ValueError("tries is at least 1.")
        self._url = url.rstrip("/")
        self._key = key
        self._timeout = timeout
        self._tries = tries
        self._on_answer = on_answer
        self._sleep = sleep
        self._opener = urllib.request.build_opener(_NoRedirects())
        self._kept: "collections.OrderedDict[str, Answer]" = collections.OrderedDict()
        self._kept_bytes = 0

    def __repr__(self) -> str:
        return f"<exchange {self._url}>"  # Without the key.

    def get(self, path: str, query: Mapping[str, Any]) -> Answer:
        """What is there; only what changed since the last time comes over the wire."""
        url = self.address(path, query)
        kept = self._kept.get(url)
        answer = self._send("GET", url, {"If-None-Match": kept.headers["ETag"]} if kept else {}, None, True)
        if answer.status == 304 and kept is not None:
            self._kept.move_to_end(url)
            return kept
        self._keep(url, answer)
        return answer

    def act(
        self, method: str, path: str, query: Mapping[str, Any], body: Optional[bytes], kind: Optional[str],
        headers: Optional[Dict[str, str]] = None, *, key: Optional[str] = None, has_key: bool = False,
        can_repeat: bool = False,
    ) -> Answer:
        """Does something. What has a key is done once however often it is sent."""
        sent = dict(headers or {})
        if kind is not None:
            sent["Content-Type"] = kind
        if has_key:
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        return self._send(method, self.address(path, query), sent, body, can_repeat or has_key)

    def address(self, path: str, query: Mapping[str, Any]) -> str:
        pairs = []
        for name, value in query.items():
            if value is None:
                continue
            for one in value if isinstance(value, (list, tuple)) else [value]:
                one = decoding.encode(one)
                pairs.append((name, str(one).lower() if isinstance(one, bool) else str(one)))
        return self._url + path + ("?" + urllib.parse.urlencode(pairs) if pairs else "")

    def _send(
        self, method: str, url: str, headers: Dict[str, str], body: Optional[bytes], can_repeat: bool,
    ) -> Answer:
        for tried in range(1, self._tries + 1):
            is_last = tried == self._tries or not can_repeat
            try:
                answer = self._once(method, url, headers, body)
            except (OSError, http.client.HTTPException) as error:
                if is_last:
                    raise Unreachable(f"{method} {url} was not answered: {error}") from error
                self._sleep(_pause(tried, None))
                continue
            if self._on_answer is not None:
                self._on_answer(method, url, answer.status)
            if answer.status < 300 or answer.status == 304:
                return answer
            refused = _refused(answer)
            if is_last or answer.status not in TRY_AGAIN:
                raise refused
            self._sleep(_pause(tried, refused.retry_after))
        raise AssertionError("The last try returns or raises.")

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: Optional[bytes]) -> Answer:
        request = urllib.request.Request(url, data=body, method=method, headers={
            "Authorization": f"Bearer {self._key}", "Accept": ACCEPT, "User-Agent": "exchange-client", **headers,
        })
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def _keep(self, url: str, answer: Answer) -> None:
        gone = self._kept.pop(url, None)
        self._kept_bytes -= len(gone.body) if gone else 0
        if "ETag" not in answer.headers or len(answer.body) > KEPT_BYTES // 4:
            return
        self._kept[url] = answer
        self._kept_bytes += len(answer.body)
        while len(self._kept) > KEPT_ANSWERS or self._kept_bytes > KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.body)


def _refused(answer: Answer) -> Refused:
    problem: Any = None
    if answer.type.endswith("json"):
        try:
            problem = json.loads(answer.body)
        except ValueError:
            pass  # A proxy before the exchange answers what it likes; its status says enough.
    after = answer.headers.get("Retry-After") or ""
    return BY_STATUS.get(answer.status, Refused)(
        answer.status, problem if isinstance(problem, dict) else {}, int(after) if after.isdigit() else None)


def _pause(tried: int, asked: Optional[int]) -> float:
    """As long as the exchange asks for, at most a minute; twice as long each time otherwise."""
    return min(60.0, asked) if asked is not None else 0.25 * 2 ** (tried - 1)

