"""The Calendar API v3 over HTTP, as far as a two-way sync client uses it.

Source: discovery document calendar v3: paths, methods and parameters.
"""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from sandbox.google import conference_requests, listing, partial, rendering, series, times, writing
from sandbox.google.api_caller import (
    LIST_CALENDARS,
    READ,
    WRITE,
    CalendarService,
    Caller,
    caller_with,
    opened,
)
from sandbox.google.api_errors import (
    ApiError,
    Json,
    already_deleted,
    invalid,
    not_found,
    required,
)
from sandbox.google.list_query import ListQuery
from sandbox.google.model import CalendarRecord, EventRecord, State

Route = Callable[[str, str], Callable[[Callable[..., Response]], None]]
"""Registers a view for a rule and an HTTP method."""


def blueprint(service: CalendarService) -> Blueprint:
    """The API below /calendar/v3."""
    api = Blueprint("google_calendar", __name__, url_prefix="/calendar/v3")

    def route(rule: str, method: str) -> Callable[[Callable[..., Response]], None]:
        """Register a view that answers while the state's lock is held."""

        def register(view: Callable[..., Response]) -> None:
            def locked(**names: str) -> Response:
                with service.state.lock:
                    return view(**names)

            api.add_url_rule(rule, f"{method}:{rule}", locked, methods=[method])

        return register

    @api.errorhandler(ApiError)
    def refused(error: ApiError) -> tuple[Response, int]:
        return jsonify(error.body()), error.status

    _calendar_routes(service, route)
    _read_routes(service, route)
    _write_routes(service, route)
    _channel_routes(service, route, api)
    return api


def _calendar_routes(service: CalendarService, route: Route) -> None:
    state = service.state

    @route("/users/me/calendarList", "GET")
    def list_calendars() -> Response:
        caller = caller_with(service, LIST_CALENDARS)
        items = [
            _calendar_entry(calendar, caller)
            for calendar in state.calendars.values()
            if caller.email in calendar.roles and not calendar.deleted
        ]
        return _answer({"kind": "calendar#calendarList", "etag": '"p1"', "items": items})

    @route("/users/me/calendarList/<calendar_id>", "GET")
    def get_calendar_entry(calendar_id: str) -> Response:
        caller = caller_with(service, LIST_CALENDARS)
        calendar = state.calendar(calendar_id, caller.email, "freeBusyReader")
        return _answer(_calendar_entry(calendar, caller))

    @route("/calendars/<calendar_id>", "GET")
    def get_calendar(calendar_id: str) -> Response:
        caller = caller_with(service, LIST_CALENDARS)
        calendar = state.calendar(calendar_id, caller.email, "freeBusyReader")
        entry = _calendar_entry(calendar, caller)
        kept = ("etag", "id", "summary", "timeZone")
        return _answer({"kind": "calendar#calendar", **{key: entry[key] for key in kept}})


def _read_routes(service: CalendarService, route: Route) -> None:
    state = service.state

    @route("/calendars/<calendar_id>/events", "GET")
    def list_events(calendar_id: str) -> Response:
        caller, calendar = opened(service, calendar_id, READ, "reader")
        conference_requests.settle(state, calendar)
        query = ListQuery.parsed(request.args)
        body = listing.events(state, calendar, caller.email, query)
        if not state.switches.etags_told:
            body["items"] = [_without_etag(one) for one in body["items"]]
        return _answer(body)

    @route("/calendars/<calendar_id>/events/<event_id>", "GET")
    def get_event(calendar_id: str, event_id: str) -> Response:
        _, calendar = opened(service, calendar_id, READ, "reader")
        conference_requests.settle(state, calendar)
        return _event(state, calendar, series.locate(calendar, event_id))

    @route("/calendars/<calendar_id>/events/<event_id>/instances", "GET")
    def list_instances(calendar_id: str, event_id: str) -> Response:
        caller, calendar = opened(service, calendar_id, READ, "reader")
        query = ListQuery.parsed(request.args)
        return _answer(listing.instances(state, calendar, caller.email, event_id, query))


def _write_routes(service: CalendarService, route: Route) -> None:
    state = service.state

    @route("/calendars/<calendar_id>/events", "POST")
    def insert_event(calendar_id: str) -> Response:
        caller, calendar = opened(service, calendar_id, WRITE, "writer")
        made = writing.insert(state, calendar, _body(), _write(caller))
        return _event(state, calendar, made)

    @route("/calendars/<calendar_id>/events/<event_id>", "PATCH")
    def patch_event(calendar_id: str, event_id: str) -> Response:
        caller, calendar = opened(service, calendar_id, WRITE, "writer")
        return _event(
            state, calendar, writing.change(state, calendar, event_id, _body(), _write(caller))
        )

    @route("/calendars/<calendar_id>/events/<event_id>", "PUT")
    def update_event(calendar_id: str, event_id: str) -> Response:
        caller, calendar = opened(service, calendar_id, WRITE, "writer")
        changed = writing.change(state, calendar, event_id, _body(), _write(caller), replaces=True)
        return _event(state, calendar, changed)

    @route("/calendars/<calendar_id>/events/<event_id>", "DELETE")
    def delete_event(calendar_id: str, event_id: str) -> Response:
        caller, calendar = opened(service, calendar_id, WRITE, "writer")
        writing.delete(state, calendar, event_id, _write(caller))
        return Response(status=204)

    @route("/calendars/<calendar_id>/events/<event_id>/move", "POST")
    def move_event(calendar_id: str, event_id: str) -> Response:
        caller, calendar = opened(service, calendar_id, WRITE, "writer")
        if "destination" not in request.args:
            raise required("Required parameter: destination")
        target = state.calendar(request.args["destination"], caller.email, "writer")
        return _event(
            state, target, writing.move(state, calendar, event_id, target, _write(caller))
        )


def _channel_routes(service: CalendarService, route: Route, api: Blueprint) -> None:
    def watch_events(calendar_id: str) -> Response:
        # Not under the lock: the receiver of the sync message may call the API at once.
        with service.state.lock:
            caller, calendar = opened(service, calendar_id, READ, "reader")
            body = _body()
        channel = service.channels.open(
            calendar,
            body,
            actor=caller.email,
            client_id=caller.client_id,
            root=request.host_url.rstrip("/"),
        )
        answer = channel.resource()
        if not service.state.switches.channel_expiration_told:
            del answer["expiration"]
        return _answer(answer)

    api.add_url_rule(
        "/calendars/<calendar_id>/events/watch", view_func=watch_events, methods=["POST"]
    )

    @route("/channels/stop", "POST")
    def stop_channel() -> Response:
        caller, body = caller_with(service, READ | LIST_CALENDARS), _body()
        service.channels.stop(
            body.get("id"),
            body.get("resourceId"),
            actor=caller.email,
            client_id=caller.client_id,
        )
        return Response(status=204)


def _body() -> Json:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ApiError(400, "parseError", "Parse Error")
    return body


def _write(caller: Caller) -> writing.Write:
    version = request.args.get("conferenceDataVersion", "0")
    if version not in ("0", "1"):
        raise invalid(f"Invalid value: '{version}'.", "conferenceDataVersion")
    updates = request.args.get("sendUpdates", "none")
    if updates not in ("all", "externalOnly", "none"):
        raise invalid(f"Invalid value: '{updates}'.", "sendUpdates")
    return writing.Write(
        actor=caller.email,
        conference_version=int(version),
        send_updates=updates,
        if_match=request.headers.get("If-Match"),
    )


def _event(state: State, calendar: CalendarRecord, record: EventRecord) -> Response:
    if request.method == "GET" and record.cancelled:
        match state.switches.deleted_event:
            case "404":
                raise not_found()
            case "410":
                raise already_deleted()
            case "id_only":
                return _answer(rendering.tombstone(record))
    zone = request.args.get("timeZone")
    if zone is not None:
        times.zone(zone)
    most = request.args.get("maxAttendees", type=int)
    body = rendering.shown(state, calendar, record, time_zone=zone, max_attendees=most)
    if request.method == "GET" and request.headers.get("If-None-Match") == body["etag"]:
        return Response(status=304, headers={"ETag": body["etag"]})
    return _answer(body if state.switches.etags_told else _without_etag(body))


def _without_etag(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key != "etag"}


def _answer(body: Json) -> Response:
    etag = body.get("etag")
    if "fields" in request.args:
        body = partial.selected(body, request.args["fields"])
    answer = jsonify(body)
    if etag is not None:
        answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "no-cache, no-store, max-age=0, must-revalidate"
    return answer


def _calendar_entry(calendar: CalendarRecord, caller: Caller) -> Json:
    entry: Json = {
        "kind": "calendar#calendarListEntry",
        "etag": f'"c{calendar.sync_generation}"',
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "accessRole": calendar.roles[caller.email],
        "selected": True,
        "defaultReminders": [],
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    if calendar.id == caller.email:
        entry["primary"] = True
    return entry
