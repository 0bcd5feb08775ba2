"""The page's drawer of troubles: each one is a few faults of a simulator, set over HTTP."""

from dataclasses import dataclass, field
from typing import Any, Literal

import requests

Side = Literal["livestorm", "google"]

ANSWER_SECONDS = 10
"""The simulators answer in milliseconds; beyond this the machine itself is in trouble."""

LIVESTORM_API = r"^/v1/"
LIVESTORM_TOKEN = r"^/oauth/token"
GOOGLE_CALENDAR = r"^/calendar/v3/"
GOOGLE_TOKEN = r"^/token"
GOOGLE_CERTS = r"^/certs"


def _always(path: str, **fault: Any) -> dict[str, Any]:
    return {"kind": "status", "path": path, "times": None, **fault}


@dataclass(frozen=True)
class Trouble:
    """One switch of the drawer.

    Attributes:
        name: Its name, also that of its texts (``control.<name>``).
        side: Whose simulator.
        faults: What it puts in the way, as bodies of ``POST /_control/faults``.
    """

    name: str
    side: Side
    faults: tuple[dict[str, Any], ...]


TROUBLES = (
    Trouble("livestorm_down", "livestorm", (_always(LIVESTORM_API, status=503),)),
    Trouble(
        "livestorm_rate_limited",
        "livestorm",
        # Half a minute: long enough to read what the card says about it.
        (_always(LIVESTORM_API, status=429, retry_after=30),),
    ),
    Trouble(
        "livestorm_token_expired",
        "livestorm",
        (
            _always(LIVESTORM_API, status=401),
            _always(LIVESTORM_TOKEN, status=400, body='{"error": "invalid_grant"}'),
        ),
    ),
    Trouble("livestorm_forbidden", "livestorm", (_always(LIVESTORM_API, status=403),)),
    Trouble("livestorm_plan_limit", "livestorm", (_always(LIVESTORM_API, status=402),)),
    Trouble(
        "livestorm_lost_answer",
        "livestorm",
        (
            {
                "kind": "drop_after",
                "path": r"^/v1/events$",
                "method": "POST",
                "times": None,
            },
        ),
    ),
    Trouble("google_calendar_down", "google", (_always(GOOGLE_CALENDAR, status=503),)),
    Trouble(
        "google_access_lost",
        "google",
        (
            _always(GOOGLE_CALENDAR, status=401),
            _always(GOOGLE_TOKEN, status=400, body='{"error": "invalid_grant"}'),
        ),
    ),
    Trouble("google_certs_down", "google", (_always(GOOGLE_CERTS, status=503),)),
)

LATENCIES: dict[str, Side] = {"livestorm_latency": "livestorm", "google_latency": "google"}


class ControlError(Exception):
    """A control that does not exist, or a simulator that refused."""


@dataclass(frozen=True)
class ControlSurfaces:
    """The ``/_control`` endpoints of both simulators.

    Attributes:
        urls: Origin of each simulator.
    """

    urls: dict[Side, str]
    _session: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self._session.trust_env = False

    def all(self) -> list[dict[str, Any]]:
        """Every control with its present value.

        Raises:
            ControlError: A simulator does not answer.
        """
        shown: list[dict[str, Any]] = []
        for name, side in LATENCIES.items():
            seconds = self._call("GET", side, "latency")["seconds"]
            shown.append({"name": name, "side": side, "kind": "seconds", "value": seconds})
        present = {side: self._faults(side) for side in self.urls}
        shown += [
            {
                "name": trouble.name,
                "side": trouble.side,
                "kind": "switch",
                "value": all(
                    any(_same(fault, wanted) for fault in present[trouble.side])
                    for wanted in trouble.faults
                ),
            }
            for trouble in TROUBLES
        ]
        return shown

    def set(self, name: str, value: object) -> None:
        """Change one control.

        Raises:
            ControlError: There is none of that name, or the simulator refused the value.
        """
        if name in LATENCIES:
            self._call("PUT", LATENCIES[name], "latency", {"seconds": value})
            return
        trouble = next((one for one in TROUBLES if one.name == name), None)
        if trouble is None:
            raise ControlError(f"there is no control {name}")
        kept = [
            fault
            for fault in self._faults(trouble.side)
            if not any(_same(fault, ours) for ours in trouble.faults)
        ]
        # Faults can be added one by one but only be removed all at once.
        self._call("DELETE", trouble.side, "faults")
        for fault in [*kept, *(trouble.faults if value else ())]:
            self._call("POST", trouble.side, "faults", fault)

    def clear(self) -> None:
        """Take every trouble away; what the simulators remember stays.

        Raises:
            ControlError: A simulator does not answer.
        """
        for side in self.urls:
            self._call("DELETE", side, "faults")
            self._call("PUT", side, "latency", {"seconds": 0})

    def _faults(self, side: Side) -> list[dict[str, Any]]:
        found = self._call("GET", side, "faults")
        return [{key: fault[key] for key in fault if key != "hits"} for fault in found]

    def _call(self, method: str, side: Side, what: str, body: object = None) -> Any:
        url = f"{self.urls[side]}/_control/{what}"
        try:
            answer = self._session.request(method, url, json=body, timeout=ANSWER_SECONDS)
        except requests.RequestException as failure:
            raise ControlError(f"{url} does not answer") from failure
        if not answer.ok:
            raise ControlError(f"{url} answered {answer.status_code}: {answer.text[:200]}")
        return answer.json() if answer.content else None


def _same(fault: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(fault.get(key) == value for key, value in wanted.items())
