"""The dashboard: what a person does in Livestorm."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.livestorm.changes.events import SETTINGS
from sandbox.livestorm.pages.language import LANGUAGES, chosen_language, moment
from sandbox.livestorm.pages.rooms import missing_page
from sandbox.livestorm.pages.texts import DAYS, MONTHS
from sandbox.livestorm.pages.views import event_view, month_view, session_view
from sandbox.livestorm.records import Workspace
from sandbox.livestorm.world import World

COOKIE = "livestorm_workspace"
ZONES = tuple(sorted(one for one in available_timezones() if "/" in one or one == "UTC"))
SHOWN_SETTINGS = tuple(one for one in SETTINGS if one != "recording_public")


def dashboard_blueprint(world: Callable[[], World]) -> Blueprint:
    """Return the pages below ``/dashboard`` that only show."""
    blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")

    @blueprint.get("/", strict_slashes=False)
    def events() -> ResponseReturnValue:
        with world().lock:
            return _events(world())

    @blueprint.get("/calendar")
    def month() -> ResponseReturnValue:
        with world().lock:
            return _month(world())

    @blueprint.get("/events/new")
    def new_event() -> ResponseReturnValue:
        with world().lock:
            return _new_event(world())

    @blueprint.get("/events/<event_id>")
    def event(event_id: str) -> ResponseReturnValue:
        with world().lock:
            return _event(world(), event_id)

    @blueprint.get("/mails")
    def mails() -> ResponseReturnValue:
        with world().lock:
            return _mails(world())

    @blueprint.get("/team")
    def team() -> ResponseReturnValue:
        with world().lock:
            return _team(world())

    @blueprint.post("/workspace")
    def switch_workspace() -> ResponseReturnValue:
        answer = redirect(url_for("dashboard.events"), 303)
        answer.set_cookie(COOKIE, request.form.get("workspace", ""), httponly=True, samesite="Lax")
        return answer

    return blueprint


def present_workspace(world: World) -> Workspace:
    """Return the workspace that the visitor looks at: the cookie's, else the first."""
    return world.workspaces.get(request.cookies.get(COOKIE, "")) or world.workspace


def _page(world: World, template: str, tab: str, **values: object) -> str:
    return render_template(
        f"livestorm/{template}.html",
        tab=tab,
        workspace=present_workspace(world),
        workspaces=list(world.workspaces.values()),
        done=request.args.get("done"),
        about=request.args.get("about", ""),
        **values,
    )


def _events(world: World) -> ResponseReturnValue:
    workspace, language = present_workspace(world), chosen_language()
    sought = request.args.get("q", "")
    rows = [
        event_view(world, workspace, event, language)
        for event in reversed(workspace.events.values())  # newest first
        if sought.lower() in event.title.lower()
    ]
    return _page(world, "events", "list", rows=rows, sought=sought)


def _month(world: World) -> ResponseReturnValue:
    workspace, language = present_workspace(world), chosen_language()
    first = _asked_month(world, workspace)
    before = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    after = date(first.year + (first.month == 12), first.month % 12 + 1, 1)
    return _page(
        world,
        "calendar",
        "calendar",
        name=f"{MONTHS[language][first.month - 1]} {first.year}",
        days=DAYS[language],
        weeks=month_view(world, workspace, first),
        before=f"{before:%Y-%m}",
        after=f"{after:%Y-%m}",
    )


def _asked_month(world: World, workspace: Workspace) -> date:
    now = datetime.fromtimestamp(world.now(), UTC).astimezone(ZoneInfo(workspace.timezone))
    try:
        asked = datetime.strptime(request.args.get("month", ""), "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        return now.date().replace(day=1)
    return asked.date()


def _new_event(world: World) -> ResponseReturnValue:
    workspace = present_workspace(world)
    return _page(world, "new_event", "list", zones=ZONES, members=workspace.members)


def _event(world: World, event_id: str) -> ResponseReturnValue:
    workspace = world.workspace_of(event_id)
    if workspace is None:
        return missing_page()
    event, language = workspace.events[event_id], chosen_language()
    sessions = sorted(workspace.sessions_of(event), key=lambda one: one.estimated_started_at)
    return _page(
        world,
        "event",
        "list",
        event=event,
        view=event_view(world, workspace, event, language),
        sessions=[session_view(world, workspace, one, language) for one in sessions],
        settings=SHOWN_SETTINGS,
        zones=ZONES,
        languages=LANGUAGES,
        registration_link=world.registration_link(event),
    )


def _mails(world: World) -> ResponseReturnValue:
    workspace, language = present_workspace(world), chosen_language()
    mails = [(moment(language, one.at, workspace.timezone), one) for one in workspace.mails[::-1]]
    return _page(world, "mails", "mails", mails=mails)


def _team(world: World) -> ResponseReturnValue:
    workspace = present_workspace(world)
    return _page(
        world,
        "team",
        "team",
        members=workspace.members,
        token=world.api_token(workspace),
        webhooks=list(workspace.webhooks.values()),
    )
