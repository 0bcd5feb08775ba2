"""Faults that a test or the sandbox page puts in the way of API calls."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

Kind = Literal["status", "drop_before", "drop_after", "slow", "slow_after", "html500", "truncated"]


@dataclass
class Fault:
    """One thing that goes wrong with the calls it matches.

    Attributes:
        kind: ``status`` answers ``status`` and does nothing; ``drop_before`` closes the
            connection and does nothing; ``drop_after`` does what was asked and closes the
            connection without an answer; ``slow`` sleeps, then does it; ``slow_after`` does it,
            then sleeps before answering; ``html500`` answers an HTML error page and does nothing;
            ``truncated`` does it and closes the connection in the middle of the answer's body.
        path: Pattern searched in the request's path.
        method: HTTP method, or ``None`` for any.
        status: Status answered by kind ``status``.
        seconds: Sleep of ``slow`` and ``slow_after``, real seconds.
        retry_after: Value of the answer's ``Retry-After`` header, seconds; ``None`` for no header.
        times: How many calls it spoils; ``None`` means every one until it is removed.
        skip: How many matching calls pass untouched first.
        body: Body answered by kind ``status`` instead of the simulated company's own error.
        contains: Text that the raw request body must contain, if given.
    """

    kind: Kind
    path: str = ""
    method: str | None = None
    status: int = 503
    seconds: float = 0.0
    retry_after: float | None = None
    times: int | None = 1
    skip: int = 0
    body: str | None = None
    contains: str | None = None
    hits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"unknown kind of fault {self.kind!r}, know {get_args(Kind)}")
        re.compile(self.path)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Fault":
        """Build a fault from the body of ``POST /_control/faults``.

        Raises:
            ValueError: An unknown name, or a kind that does not exist.
        """
        known = {entry.name for entry in fields(cls) if entry.init}
        if unknown := sorted(set(value) - known):
            raise ValueError(f"unknown {', '.join(unknown)}; know {', '.join(sorted(known))}")
        if "kind" not in value:
            raise ValueError("kind is missing")
        return cls(**value)

    def matches(self, method: str, path: str, body: bytes = b"") -> bool:
        """Whether this call is one that the fault is about."""
        return (
            self.method in (None, method)
            and re.search(self.path, path) is not None
            and (self.contains is None or self.contains.encode() in body)
        )


class Faults:
    """The faults in force, first added first served."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force and return it, so that its ``hits`` can be read later."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take one fault out; one that is spent already is no error."""
        with self._lock:
            self._faults = [one for one in self._faults if one is not fault]

    def clear(self) -> None:
        """Take all faults out."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str, body: bytes = b"") -> Fault | None:
        """Return the fault that spoils this call, counting it, or ``None``."""
        with self._lock:
            for fault in self._faults:
                if not fault.matches(method, path, body):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.hits += 1
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    def __len__(self) -> int:
        with self._lock:
            return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._faults))
