"""The log of API calls, from which tests read what a program really sent."""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload


@dataclass(frozen=True)
class LoggedCall:
    """One API call as the simulator saw it.

    Attributes:
        method: HTTP method, upper case.
        path: Path without the query, percent-decoded.
        query: Query parameters; of a repeated one the last value.
        body: Parsed JSON when the body is JSON, its text otherwise, ``None`` when empty.
        status: HTTP status answered; 0 when the connection was dropped without an answer.
        at: When the call arrived, Unix seconds on the simulator's clock.
        seconds: How long the simulator took to answer, real seconds.
        query_string: The query as it was sent.
        headers: Request headers, names in lower case.
    """

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    at: float
    seconds: float = 0.0
    query_string: str = ""
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the call for ``GET /_control/log``; the credential stays out of it."""
        shown = asdict(self)
        shown["headers"] = {
            name: value for name, value in self.headers.items() if name != "authorization"
        }
        return shown


class CallLog(Sequence[LoggedCall]):
    """The calls so far, oldest first. Safe to read while calls arrive."""

    def __init__(self) -> None:
        self._calls: list[LoggedCall] = []
        self._lock = threading.Lock()

    def append(self, call: LoggedCall) -> None:
        """Add a call that was just answered."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()

    def matching(self, method: str | None = None, path: str = "") -> list[LoggedCall]:
        """Return the calls of one method (or any) whose path contains the pattern ``path``."""
        return [
            call
            for call in self
            if method in (None, call.method) and re.search(path, call.path) is not None
        ]

    @overload
    def __getitem__(self, index: int) -> LoggedCall: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedCall]: ...
    def __getitem__(self, index: int | slice) -> LoggedCall | list[LoggedCall]:
        with self._lock:
            return self._calls[index]

    def __iter__(self) -> Iterator[LoggedCall]:
        with self._lock:
            return iter(list(self._calls))

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)

    def __repr__(self) -> str:
        return f"CallLog({[f'{call.method} {call.path} {call.status}' for call in self]})"
