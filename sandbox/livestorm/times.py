"""Reading the times that a client sends, by the switches, and the statuses that time brings."""

from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.livestorm.records import Event, Session
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.switches import Switches

SessionStatus = Literal[
    "upcoming", "live", "on_demand", "past", "past_not_started", "canceled", "draft"
]
SESSION_STATUSES: tuple[SessionStatus, ...] = (
    "upcoming",
    "live",
    "on_demand",
    "past",
    "past_not_started",
    "canceled",
    "draft",
)


def read_zone(value: Any) -> ZoneInfo:
    """Return the zone of a `timezone` attribute, or refuse it (§3.4)."""
    if not isinstance(value, str) or not value:
        raise Refused(422, "Timezone is invalid")
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Refused(422, "Timezone is invalid") from unknown


def read_start(value: Any, zone: ZoneInfo, switches: Switches) -> int:
    """Return the instant that an `estimated_started_at` means (§3.4), Unix seconds."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused(422, "Estimated started at is invalid")
    if isinstance(value, int) or value.isdigit():
        _allow(switches.unix_time)
        return int(value)
    try:
        read = datetime.fromisoformat(value)
    except ValueError as broken:
        raise Refused(422, "Estimated started at is invalid") from broken
    if read.tzinfo is None:
        how: str = switches.naive_time
        instant = read.replace(tzinfo=UTC if how == "utc" else zone)
    else:
        zulu = value.rstrip().upper().endswith("Z")
        how = switches.zulu_time if zulu else switches.offset_time
        instant = read if how == "instant" else read.replace(tzinfo=zone)
    _allow(how)
    return int(instant.timestamp())


def _allow(how: str) -> None:
    if how == "422":
        raise Refused(422, "Estimated started at is invalid")


def read_moment(value: str, name: str) -> float:
    """Return the instant that a filter's date means: Unix seconds or ISO 8601 (§1.4)."""
    if value.lstrip("-").replace(".", "", 1).isdigit():
        return float(value)
    try:
        read = datetime.fromisoformat(value)
    except ValueError as broken:
        raise Refused(400, f"{name} is not a date") from broken
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def session_status(session: Session, event: Event, now: float, switches: Switches) -> SessionStatus:
    """Return a session's status (§3.1)."""
    if session.canceled_at:
        return "canceled"
    if session.ended_at:
        return "on_demand" if session.on_demand else "past"
    if session.started_at:
        return "live"
    if event.status == "draft":
        return "draft"
    grace = (event.estimated_duration + switches.not_started_minutes) * 60
    return "past_not_started" if now > session.estimated_started_at + grace else "upcoming"


SCHEDULING_STATUSES = (
    "live",
    "upcoming",
    "on_demand",
    "ended",
    "not_started",
    "draft",
    "cancelled",
    "not_scheduled",
)


def scheduling_status(event: Event, statuses: list[SessionStatus]) -> str:
    """Return an event's scheduling status from those of its sessions (§3.1)."""
    if event.status == "draft":
        return "draft"
    for status, scheduling in (
        ("live", "live"),
        ("upcoming", "upcoming"),
        ("on_demand", "on_demand"),
        ("past", "ended"),
        ("past_not_started", "not_started"),
        ("canceled", "cancelled"),
    ):
        if status in statuses:
            return scheduling
    return "not_scheduled"
