"""The Calendar page's routes on the Google simulator's app."""

from flask import Blueprint, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.calendar.agenda import Agenda
from sandbox.calendar.apps_script import install_apps_script
from sandbox.calendar.event_form import FormError
from sandbox.calendar.page_api import install_controls, install_page_api, wall_now
from sandbox.calendar.project import Project
from sandbox.calendar.wall_time import at, offset_ms
from sandbox.google import GoogleSimulator

ACCOUNT_COOKIE = "sim_google_account"
LANGUAGE_COOKIE = "sim_page_language"
LANGUAGES = ("en", "fr", "de", "es")
STYLE_SHEETS = ("base", "grid", "dialogs", "panel")
ADD_ON_LOGO = "icons/add-on.svg"

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: {program}; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
"""Nothing from other hosts, no inline code; pictures also from the program (its logo)."""


def blueprint_for(
    google: GoogleSimulator, *, program_url: str, livestorm_control_url: str
) -> Blueprint:
    """The Calendar page, to be registered on ``google.app``.

    Args:
        google: The simulator whose accounts and calendars are shown.
        program_url: Origin of the running program, the add-on's server.
        livestorm_control_url: Origin of the Livestorm simulator.
    """
    routes = Blueprint(
        "calendar_page",
        __name__,
        static_folder="static",
        static_url_path="/page/static",
        template_folder="templates",
    )
    project = Project(
        program_url=program_url.rstrip("/"), livestorm_url=livestorm_control_url.rstrip("/")
    )

    def account() -> str:
        """Whoever is signed in; the first account when nobody is."""
        wanted = request.cookies.get(ACCOUNT_COOKIE, "")
        accounts = google.state.accounts
        return wanted if wanted in accounts else next(iter(accounts))

    def language() -> str:
        wanted = request.cookies.get(LANGUAGE_COOKIE, "")
        if wanted in LANGUAGES:
            return wanted
        return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]

    def logo_url() -> str:
        return url_for("calendar_page.static", filename=ADD_ON_LOGO)

    def agenda() -> Agenda:
        return Agenda(google, account(), project, logo_url())

    @routes.get("/")
    def page() -> ResponseReturnValue:
        answer = make_response(
            render_template("calendar.html", language=language(), sheets=STYLE_SHEETS)
        )
        answer.headers["Content-Security-Policy"] = CONTENT_POLICY.format(
            program=project.program_url
        )
        if request.cookies.get(ACCOUNT_COOKIE) != account():
            answer.set_cookie(ACCOUNT_COOKIE, account(), httponly=True, samesite="Lax")
        return answer

    @routes.get("/page/api/state")
    def state() -> ResponseReturnValue:
        mine = agenda()
        signed_in = account()
        now = at(google.now())
        with google.state.lock:
            accounts = [
                {"email": one.email, "name": one.name} for one in google.state.accounts.values()
            ]
        script = url_for("calendar_page.script", name="NAME").replace("NAME", "{name}")
        services = url_for("calendar_page.static", filename="apps_script/services.js")
        add_on = project.description(script, logo_url())
        add_on["scripts"].insert(0, services)
        return jsonify(
            account=next(one for one in accounts if one["email"] == signed_in),
            accounts=accounts,
            language=language(),
            calendars=mine.calendars(),
            zone=mine.zone.key,
            zoneOffsetMs=offset_ms(now, mine.zone),
            now=wall_now(google, mine),
            addOn=add_on,
        )

    @routes.put("/page/api/account")
    def choose_account() -> ResponseReturnValue:
        email = request.get_json().get("email")
        if email not in google.state.accounts:
            raise FormError("there is no such account")
        return _with_cookie(ACCOUNT_COOKIE, email)

    @routes.put("/page/api/language")
    def choose_language() -> ResponseReturnValue:
        wanted = request.get_json().get("language")
        if wanted not in LANGUAGES:
            raise FormError("the page does not speak that language")
        return _with_cookie(LANGUAGE_COOKIE, wanted)

    install_page_api(routes, google, agenda)
    install_controls(routes, google, project.livestorm_url)
    install_apps_script(routes, google, project, account)
    return routes


def _with_cookie(name: str, value: str) -> ResponseReturnValue:
    answer = make_response("", 204)
    answer.set_cookie(name, value, httponly=True, samesite="Lax")
    return answer
