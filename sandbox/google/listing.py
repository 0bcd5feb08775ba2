"""``events.list`` and ``events.instances``: filters, order, pages and increments.

Source: discovery document calendar v3 (parameters of both methods) and
developers.google.com/workspace/calendar/api/guides/sync.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.google import properties, rendering, series, sync_tokens, times
from sandbox.google.api_errors import Json, invalid, updated_min_too_long_ago
from sandbox.google.list_query import ListQuery
from sandbox.google.model import CalendarRecord, EventRecord, State

Keyed = tuple[list[Any], EventRecord]
"""An event with its sort key inside a list."""


def events(state: State, calendar: CalendarRecord, actor: str, query: ListQuery) -> Json:
    """The answer of ``events.list``.

    Raises:
        ApiError: 400 for parameters that do not fit, 410 for a sync token or ``updatedMin`` that
            is too old.
    """
    window = (query.time_min, query.time_max)
    known: int | None = None
    if query.sync_token is not None:
        token = sync_tokens.sync(state, calendar, actor, query.sync_token, query.fingerprint())
        known = token.position
        window = token.window if state.switches.increments_keep_time_window else (None, None)
    place = _place(calendar, query, known)
    if query.updated_min is not None:
        _check_updated_min(state, query.updated_min)
    found = _matching(state, calendar, query, place, window)
    body = _page(state, found, query, place)
    show = query.show_deleted
    body["items"] = [
        rendering.listed(
            state,
            calendar,
            record,
            show_deleted=show,
            time_zone=query.time_zone,
            max_attendees=query.max_attendees,
        )
        for _, record in body["items"]
    ]
    if "nextPageToken" not in body:
        body["nextSyncToken"] = sync_tokens.SyncToken(
            calendar_id=calendar.id,
            actor=actor,
            position=place.upto,
            generation=calendar.sync_generation,
            issued_at=state.now(),
            fingerprint=query.fingerprint(),
            window=window if query.sync_token else (query.time_min, query.time_max),
        ).text()
    return _envelope(state, calendar, actor, query, body)


def instances(
    state: State, calendar: CalendarRecord, actor: str, event_id: str, query: ListQuery
) -> Json:
    """The answer of ``events.instances``.

    Raises:
        ApiError: 404 for an unknown event, 400 for one that does not recur.
    """
    master = series.locate(calendar, event_id)
    if "recurrence" not in master.resource:
        raise invalid("The event is not recurring.", "eventId")
    since, until = _bounds(state, (query.time_min, query.time_max), endless=True)
    wanted = query.original_start
    if state.switches.original_start_filter == "ignored":
        wanted = None
    found = [
        (_start_key(calendar, record), record)
        for record in series.instances(calendar, master, since=since, until=until)
        if (query.show_deleted or not record.cancelled)
        and (wanted is None or _began(record, wanted))
    ]
    body = _page(state, sorted(found, key=_key), query, _place(calendar, query, None))
    body["items"] = [
        rendering.listed(state, calendar, record, show_deleted=True, time_zone=query.time_zone)
        for _, record in body["items"]
    ]
    return _envelope(state, calendar, actor, query, body)


def _key(keyed: Keyed) -> list[Any]:
    return keyed[0]


def _place(calendar: CalendarRecord, query: ListQuery, known: int | None) -> sync_tokens.PageToken:
    if query.page_token is not None:
        return sync_tokens.page(query.page_token, query.fingerprint())
    return sync_tokens.PageToken(
        known, calendar.position, after=None, blank=False, fingerprint=query.fingerprint()
    )


def _page(state: State, found: list[Keyed], query: ListQuery, place: sync_tokens.PageToken) -> Json:
    size = min(query.max_results, state.switches.page_size_limit or query.max_results)
    rest = [keyed for keyed in found if place.after is None or keyed[0] > place.after]
    if state.switches.empty_pages and not place.blank:
        return {"items": [], "nextPageToken": replace(place, blank=True).text()}
    items = rest[:size]
    body: Json = {"items": items}
    if len(rest) > size:
        body["nextPageToken"] = replace(place, after=items[-1][0], blank=False).text()
    return body


def _envelope(
    state: State, calendar: CalendarRecord, actor: str, query: ListQuery, body: Json
) -> Json:
    return {
        "kind": "calendar#events",
        "etag": f'"p{calendar.position:014d}o"',
        "summary": calendar.summary,
        "description": "",
        "updated": times.stamp(state.now()),
        "timeZone": query.time_zone or calendar.time_zone,
        "accessRole": calendar.roles[actor],
        "defaultReminders": [{"method": "popup", "minutes": 10}],
        **body,
    }


def _matching(
    state: State,
    calendar: CalendarRecord,
    query: ListQuery,
    place: sync_tokens.PageToken,
    window: tuple[str | None, str | None],
) -> list[Keyed]:
    since, until = _bounds(state, window, endless=query.single_events)
    found: dict[str, Keyed] = {}
    if place.known is None:
        candidates = list(calendar.events.values())
    else:
        ids = dict.fromkeys(calendar.changes[place.known : place.upto])
        known = (calendar.events[event_id] for event_id in ids if event_id in calendar.events)
        candidates = [record for record in known if record.position <= place.upto]
    for record in candidates:
        for one in _expanded(calendar, record, query, since, until):
            if _passes(state, calendar, one, query, increment=place.known is not None):
                found[one.resource["id"]] = (_sort_key(calendar, one, query, place), one)
    return sorted(found.values(), key=_key)


def _expanded(
    calendar: CalendarRecord,
    record: EventRecord,
    query: ListQuery,
    since: datetime | None,
    until: datetime | None,
) -> Iterable[EventRecord]:
    recurring = "recurrence" in record.resource
    if not recurring:
        master = calendar.events.get(record.resource.get("recurringEventId", ""))
        listed_with_series = query.single_events and query.sync_token is None
        if listed_with_series and master is not None and not master.cancelled and not record.stub:
            return []  # comes with its series
        inside = series.overlaps(record.resource, calendar.time_zone, since, until)
        return [record] if inside else []
    if query.single_events and not record.stub:
        live = EventRecord({**record.resource, "status": "confirmed"}, record.position)
        made = list(series.instances(calendar, live, since=since, until=until))
        if record.cancelled:
            for one in made:
                one.resource["status"] = "cancelled"
        return made
    if since is None and until is None:
        return [record]
    live = EventRecord({**record.resource, "status": "confirmed"}, record.position)
    # One occurrence inside the window is enough for the series to be listed.
    inside = any(True for _ in series.instances(calendar, live, since=since, until=until, limit=1))
    return [record] if inside else []


def _passes(
    state: State,
    calendar: CalendarRecord,
    record: EventRecord,
    query: ListQuery,
    *,
    increment: bool,
) -> bool:
    resource = record.resource
    if record.cancelled and not (query.show_deleted or increment or query.updated_min):
        master = calendar.events.get(resource.get("recurringEventId", ""))
        exception_of_live_series = master is not None and not master.cancelled and not record.stub
        if query.single_events or not exception_of_live_series:
            return False
    if query.updated_min is not None and resource["updated"] < times.stamp(
        times.parsed_instant(query.updated_min, "updatedMin").timestamp()
    ):
        return False
    if query.event_types and resource.get("eventType", "default") not in query.event_types:
        return False
    if query.ical_uid is not None and resource.get("iCalUID") != query.ical_uid:
        return False
    if query.q is not None and not _mentions(resource, query.q):
        return False
    every = state.switches.repeated_property_filters == "and"
    return all(
        properties.matches(resource, kind, list(constraints), every=every)
        for kind, constraints in (("private", query.private), ("shared", query.shared))
    )


def _mentions(resource: Json, words: str) -> bool:
    texts = [str(resource.get(key, "")) for key in ("summary", "description", "location")]
    texts += [entry["email"] for entry in resource.get("attendees", [])]
    haystack = " ".join(texts).lower()
    return all(word in haystack for word in words.lower().split())


def _sort_key(
    calendar: CalendarRecord, record: EventRecord, query: ListQuery, place: sync_tokens.PageToken
) -> list[Any]:
    if query.order_by == "startTime":
        return _start_key(calendar, record)
    if query.order_by == "updated":
        return [record.resource["updated"], record.resource["id"]]
    if place.known is not None:
        return [record.position, record.resource["id"]]
    return [record.resource["id"]]


def _start_key(calendar: CalendarRecord, record: EventRecord) -> list[Any]:
    begins = times.instant(record.resource["start"], calendar.time_zone)
    return [begins.isoformat(), record.resource["id"]]


def _began(record: EventRecord, original_start: str) -> bool:
    original = record.resource["originalStartTime"]
    if "date" in original:
        return bool(original["date"] == original_start)
    if times.is_day(original_start):
        # Left from when the series had a time of day; the day asked for is another's.
        return False
    wanted = times.parsed_instant(original_start, "originalStart")
    return datetime.fromisoformat(original["dateTime"]) == wanted


def _bounds(
    state: State, window: tuple[str | None, str | None], *, endless: bool
) -> tuple[datetime | None, datetime | None]:
    since = times.parsed_instant(window[0], "timeMin") if window[0] else None
    until = times.parsed_instant(window[1], "timeMax") if window[1] else None
    if since and until and until <= since:
        raise invalid("The specified time range is empty.", "timeMax")
    if endless:
        now = datetime.fromtimestamp(state.now(), UTC)
        horizon = now + timedelta(days=state.switches.single_events_horizon_days)
        until = min(until, horizon) if until else horizon
    return since, until


def _check_updated_min(state: State, text: str) -> None:
    oldest = state.now() - state.switches.updated_min_max_age_days * 86_400
    if times.parsed_instant(text, "updatedMin").timestamp() < oldest:
        raise updated_min_too_long_ago()
