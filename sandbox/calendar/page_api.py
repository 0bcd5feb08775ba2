"""``/page/api/*``: what the page's scripts ask, as JSON.

Refusals are ``{"error": text}`` with 400, or with Google's own status.
"""

from collections.abc import Callable

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.calendar.agenda import Agenda
from sandbox.calendar.controls import ControlError, ControlSurfaces
from sandbox.calendar.event_form import FormError, Json
from sandbox.calendar.project import ProjectError
from sandbox.calendar.wall_time import WallTimeError, at, parse_date, wall_text
from sandbox.google import GoogleSimulator
from sandbox.google.api_errors import ApiError

LONGEST_RANGE_DAYS = 62
"""Two months: more than any view shows, and a bound on what one request expands."""


def install_page_api(
    routes: Blueprint, google: GoogleSimulator, agenda: Callable[[], Agenda]
) -> None:
    """Add the events API and its error answers.

    Args:
        routes: Where to.
        google: For the clock and for ids.
        agenda: The calendars of whoever is signed in.
    """

    @routes.get("/page/api/events")
    def events() -> ResponseReturnValue:
        mine = agenda()
        first, end = parse_date(request.args.get("from")), parse_date(request.args.get("to"))
        if not 0 < (end - first).days <= LONGEST_RANGE_DAYS:
            raise FormError(f"a range of 1 to {LONGEST_RANGE_DAYS} days is needed")
        return jsonify(events=mine.events(first, end), now=wall_now(google, mine))

    @routes.post("/page/api/event-ids")
    def reserve() -> ResponseReturnValue:
        mine = agenda()
        return jsonify(id=google.world.reserve_event_id(mine.email))

    @routes.post("/page/api/calendars/<calendar_id>/events")
    def insert(calendar_id: str) -> ResponseReturnValue:
        return jsonify(agenda().insert(calendar_id, _object())), 201

    @routes.get("/page/api/calendars/<calendar_id>/events/<event_id>")
    def show(calendar_id: str, event_id: str) -> ResponseReturnValue:
        return jsonify(agenda().event(calendar_id, event_id))

    @routes.patch("/page/api/calendars/<calendar_id>/events/<event_id>")
    def change(calendar_id: str, event_id: str) -> ResponseReturnValue:
        return jsonify(agenda().change(calendar_id, event_id, _object()))

    @routes.delete("/page/api/calendars/<calendar_id>/events/<event_id>")
    def delete(calendar_id: str, event_id: str) -> ResponseReturnValue:
        agenda().delete(calendar_id, event_id)
        return "", 204

    @routes.post("/page/api/calendars/<calendar_id>/events/<event_id>/duplicate")
    def duplicate(calendar_id: str, event_id: str) -> ResponseReturnValue:
        return jsonify(agenda().duplicate(calendar_id, event_id)), 201

    @routes.put("/page/api/answers/<event_id>")
    def answer(event_id: str) -> ResponseReturnValue:
        return jsonify(agenda().answer(event_id, str(_object().get("answer"))))

    @routes.errorhandler(ApiError)
    def refused(error: ApiError) -> ResponseReturnValue:
        return jsonify(error=error.message), error.status

    @routes.errorhandler(FormError)
    @routes.errorhandler(WallTimeError)
    def wrong(error: Exception) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @routes.errorhandler(ProjectError)
    def no_project(error: ProjectError) -> ResponseReturnValue:
        current_app.logger.error("The Apps Script project cannot be read: %s", error)
        return jsonify(error=str(error)), 500


def install_controls(routes: Blueprint, google: GoogleSimulator, livestorm_url: str) -> None:
    """Add the drawer of troubles.

    Args:
        routes: Where to.
        google: The simulator this app belongs to.
        livestorm_url: Origin of the Livestorm simulator.
    """

    def surfaces() -> ControlSurfaces:
        return ControlSurfaces({"livestorm": livestorm_url, "google": google.url})

    @routes.get("/page/api/controls")
    def controls() -> ResponseReturnValue:
        return jsonify(controls=surfaces().all(), livestormUrl=livestorm_url)

    @routes.put("/page/api/controls/<name>")
    def set_control(name: str) -> ResponseReturnValue:
        surfaces().set(name, _object().get("value"))
        return "", 204

    @routes.delete("/page/api/controls")
    def clear_controls() -> ResponseReturnValue:
        surfaces().clear()
        return "", 204

    @routes.errorhandler(ControlError)
    def failed(error: ControlError) -> ResponseReturnValue:
        return jsonify(error=str(error)), 502


def wall_now(google: GoogleSimulator, agenda: Agenda) -> str:
    """The simulator's present on the page's clock."""
    return wall_text(at(google.now()), agenda.zone)


def _object() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise FormError("a JSON object is needed")
    return body
