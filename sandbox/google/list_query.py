"""The parameters of ``events.list`` and ``events.instances``, read and checked once.

Source: discovery document calendar v3 (events.list, events.instances).
"""

from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from sandbox.google import times
from sandbox.google.api_errors import ApiError, bad_request, invalid
from sandbox.google.event_fields import EVENT_TYPES

NOT_WITH_SYNC_TOKEN = (
    *("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty"),
    *("timeMin", "timeMax", "updatedMin"),
)
"""Parameters that answer 400 together with ``syncToken``."""

DEFAULT_PAGE = 250
LARGEST_PAGE = 2500


@dataclass(frozen=True)
class ListQuery:
    """Parameters of a list, in the API's meaning; None or empty where the client sent none."""

    sync_token: str | None
    page_token: str | None
    max_results: int
    single_events: bool
    show_deleted: bool
    time_min: str | None
    time_max: str | None
    updated_min: str | None
    order_by: str | None
    q: str | None
    ical_uid: str | None
    private: tuple[str, ...]
    shared: tuple[str, ...]
    event_types: tuple[str, ...]
    time_zone: str | None
    max_attendees: int | None
    show_hidden_invitations: bool
    original_start: str | None

    @classmethod
    def parsed(cls, given: MultiDict[str, str]) -> "ListQuery":
        """The query of a request.

        Raises:
            ApiError: 400 for values and combinations Google refuses.
        """
        query = cls(
            sync_token=given.get("syncToken"),
            page_token=given.get("pageToken"),
            max_results=_number(given, "maxResults", DEFAULT_PAGE),
            single_events=flag(given, "singleEvents"),
            show_deleted=flag(given, "showDeleted"),
            time_min=given.get("timeMin"),
            time_max=given.get("timeMax"),
            updated_min=given.get("updatedMin"),
            order_by=given.get("orderBy"),
            q=given.get("q"),
            ical_uid=given.get("iCalUID"),
            private=tuple(given.getlist("privateExtendedProperty")),
            shared=tuple(given.getlist("sharedExtendedProperty")),
            event_types=tuple(given.getlist("eventTypes")),
            time_zone=given.get("timeZone"),
            max_attendees=_number(given, "maxAttendees", 0) or None,
            show_hidden_invitations=flag(given, "showHiddenInvitations"),
            original_start=given.get("originalStart"),
        )
        query._check(given)
        return query

    def fingerprint(self) -> dict[str, Any]:
        """The parameters that must not change while paging and from sync to sync."""
        return {
            "maxResults": self.max_results,
            "singleEvents": self.single_events,
            "showDeleted": self.show_deleted,
            "eventTypes": list(self.event_types),
            "timeZone": self.time_zone,
            "maxAttendees": self.max_attendees,
            "showHiddenInvitations": self.show_hidden_invitations,
        }

    def _check(self, given: MultiDict[str, str]) -> None:
        if self.sync_token is not None:
            wrong = [name for name in NOT_WITH_SYNC_TOKEN if name in given]
            if wrong:
                raise bad_request(f"Sync token cannot be used with: {', '.join(wrong)}")
            if given.get("showDeleted", "true").lower() == "false":
                raise bad_request("showDeleted cannot be false with a sync token.")
        if self.order_by not in (None, "startTime", "updated"):
            raise invalid("Invalid value", "orderBy")
        if self.order_by == "startTime" and not self.single_events:
            raise bad_request("The requested ordering is not available for the particular query.")
        for name in set(self.event_types) - set(EVENT_TYPES):
            raise ApiError(400, "invalidParameter", f"Invalid value {name}", location="eventTypes")
        for text, name in (
            *((self.time_min, "timeMin"), (self.time_max, "timeMax")),
            (self.updated_min, "updatedMin"),
        ):
            if text is not None:
                times.parsed_instant(text, name)
        if self.time_zone is not None:
            times.zone(self.time_zone)


def flag(given: MultiDict[str, str], name: str) -> bool:
    """A boolean query parameter, false when absent.

    Raises:
        ApiError: 400 when it is neither ``true`` nor ``false``.
    """
    text = given.get(name, "false").lower()
    if text not in ("true", "false"):
        raise invalid(f"Invalid boolean value: '{text}'.", name)
    return text == "true"


def _number(given: MultiDict[str, str], name: str, default: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise invalid(f"Invalid integer value: '{text}'.", name)
    return min(int(text), LARGEST_PAGE)
