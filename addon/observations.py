"""What happened, told to whoever counts it: the program's metrics.

The product says what it did in values of its own and knows no counters; `server.metrics` listens.
Nothing told here names a person: values are closed sets of words, and durations.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteCall:
    """One call to another company, answered or not.

    Attributes:
        vendor: "google" or "livestorm".
        verb: The HTTP method.
        path: The path with every id replaced by what it is, such as "/events/{id}".
        outcome: "ok", or the failure's kind.
        seconds: From sending to the last byte of the answer.
    """

    vendor: str
    verb: str
    path: str
    outcome: str
    seconds: float


@dataclass(frozen=True)
class ConferenceAsked:
    """Somebody picked Livestorm for an event.

    `outcome`: "created", "known" when the event had its room already, "adopted" when a room was
    found that an earlier call left behind, or the refusal.
    """

    outcome: str


@dataclass(frozen=True)
class LinkCompared:
    """The job of a link ended.

    Attributes:
        outcome: "same", "carried" when something was written, "paused" when it did not work,
            "idle" when nothing may be done for this link, "waiting" when others of its workspace go
            first, "broken" by a defect of ours, "taken_over" when another worker does it by now.
        trouble: Why it pauses; empty otherwise.
        sides: From which sides changes were carried.
        swept: Nobody had said that something changed; the job was a sweep's.
    """

    outcome: str
    trouble: str = ""
    sides: frozenset[str] = frozenset()
    swept: bool = False


Observation = RemoteCall | ConferenceAsked | LinkCompared
Listener = Callable[[Observation], None]

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener` told everything from now on, in the thread in which it happens.

    It must be quick and raise nothing. Listening twice is listening once.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def tell(observation: Observation) -> None:
    """Tell whoever listens."""
    for listener in _listeners:
        listener(observation)
