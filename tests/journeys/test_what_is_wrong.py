"""Every state in which an event's card has to help, in four languages.

One program goes from state to state through the sandbox's own switches; beside it four people's
browsers, one for each language, look at the card each time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Locator, Page, expect

from sandbox.calendar import blueprint_for
from sandbox.calendar.controls import ControlSurfaces
from sandbox.livestorm.changes import events
from tests.journeys.conftest import PARIS
from tests.sandbox.calendar.calendar_page import CalendarPage, monday_of
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin
from tests.support.program import Program

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

LOCALES = {"en": "en-US", "fr": "fr-FR", "de": "de-DE", "es": "es-ES"}

VIEWPORT = {"width": 1360, "height": 980}
"""As high as the longest card."""

TITLE, OTHER, SAMS = "Launch", "Review", "Planning"

Words = dict[str, str]


@dataclass
class Scene:
    """Camille's week in four languages, and the program behind it."""

    program: Program
    two_way: TwoWay
    tabs: dict[str, CalendarPage]
    take: Callable[[Page | Locator, str, str], None]
    clock: time_machine.Traveller
    event_id: str
    opened: str = ""

    @property
    def controls(self) -> ControlSurfaces:
        """The drawer of troubles of the Calendar page."""
        return ControlSurfaces(
            {"livestorm": self.program.livestorm.url, "google": self.program.google.url}
        )

    def compare(self) -> None:
        """Have the event compared now, and wait for it."""
        self.two_way.product.notices.touch(self.two_way.link().id, at_once=True)
        self.two_way.settle()

    def show(self, name: str, says: Words, *, title: str = TITLE) -> None:
        """Open the event in every language, or load its card anew, and look at it."""
        for language, calendar in self.tabs.items():
            if title == self.opened:
                calendar.menu(calendar.text("panel.refresh"))
            else:
                self._close(calendar)
                calendar.open_event(title)
            self._look(language, name, says)
        self.opened = title

    def show_panel(self, name: str, says: Words) -> None:
        """Close the event in every language and look at the card of the panel."""
        for language, calendar in self.tabs.items():
            self._close(calendar)
            self._look(language, name, says)
        self.opened = ""

    def _close(self, calendar: CalendarPage) -> None:
        if self.opened:
            calendar.close_bubble()

    def _look(self, language: str, name: str, says: Words) -> None:
        calendar = self.tabs[language]
        calendar.wait_for_card()
        expect(calendar.card).to_contain_text(says[language])
        self.take(calendar.panel, language, name)

    def trouble(self, control: str, name: str, says: Words) -> None:
        """Switch a trouble on, have the event compared, look, and switch it off."""
        self.controls.set(control, value=True)
        self.compare()
        self.show(name, says)
        self.controls.set(control, value=False)
        # Longer than the program rests after an outage, and than Livestorm asked for.
        self.clock.shift(61)


@pytest.fixture
def scene(
    program: Program,
    new_context: Callable[..., BrowserContext],
    screenshot: Callable[[Page | Locator, str, str], None],
    clock: time_machine.Traveller,
) -> Scene:
    """Camille's calendar in four languages, its panel open."""
    google, livestorm = program.google, program.livestorm
    google.app.register_blueprint(
        blueprint_for(google, program_url=program.url, livestorm_control_url=livestorm.url)
    )
    two_way = begin(program)
    event_id = week_event(program, TITLE, day=2, hour=10)
    week_event(program, OTHER, day=3, hour=10)
    week_event(program, SAMS, day=4, hour=10, account=SAM, attendees=[{"email": CAMILLE}])
    tabs = {}
    for language, locale in LOCALES.items():
        page = new_context(locale=locale, viewport=VIEWPORT).new_page()
        tabs[language] = CalendarPage(page, google.url, language)
        tabs[language].open()
        tabs[language].open_panel()
    return Scene(program, two_way, tabs, screenshot, clock, event_id)


def week_event(
    program: Program, title: str, *, day: int, hour: int, account: str = CAMILLE, **values: Any
) -> str:
    """Save an event of this week; Monday is day 0."""
    start = monday_of(datetime.now(UTC).astimezone(PARIS)) + timedelta(days=day, hours=hour)
    times: dict[str, Any] = {
        side: {"dateTime": at.replace(tzinfo=PARIS).isoformat(), "timeZone": "Europe/Paris"}
        for side, at in (("start", start), ("end", start + timedelta(hours=1)))
    }
    return calendar_event(program, account=account, summary=title, **times, **values)


def test_every_state_says_what_to_do(scene: Scene) -> None:
    program, google = scene.program, scene.program.google.world

    scene.show_panel(
        "card-00-connect",
        {
            "en": "Connect Livestorm",
            "fr": "Connecter Livestorm",
            "de": "Livestorm verbinden",
            "es": "Conectar Livestorm",
        },
    )
    scene.show(
        "card-01-not-connected",
        {
            "en": "You are not signed in to Livestorm yet.",
            "fr": "Vous n’êtes pas encore connecté·e à Livestorm.",
            "de": "Sie sind noch nicht bei Livestorm angemeldet.",
            "es": "Aún no ha accedido a Livestorm.",
        },
    )
    connect(program)
    room = ask_for_room(program, scene.event_id)
    google.attach_conference(CAMILLE, scene.event_id, room)
    scene.show(
        "card-02-not-activated",
        {
            "en": "Press “Activate with Google”",
            "fr": "Cliquez sur «\u00a0Activer avec Google\u00a0»",
            "de": "Klicken Sie auf „Mit Google aktivieren“",
            "es": "Pulse «Activar con Google»",
        },
    )
    activate(program)
    # Opening it is enough to have an event kept in sync that was made before.
    opened = {"calendar": {"calendarId": CAMILLE, "id": scene.event_id}}
    program.addon("/addon/event", event=opened)
    scene.two_way.settle()
    scene.show(
        "card-03-in-sync",
        {
            "en": "In sync since",
            "fr": "Synchronisé depuis le",
            "de": "Synchron seit dem",
            "es": "Sincronizado desde el",
        },
    )
    scene.trouble(
        "livestorm_forbidden",
        "card-04-role",
        {
            "en": "Ask an administrator of the workspace to change your role",
            "fr": "Demandez à un administrateur de l’espace de travail de modifier votre rôle",
            "de": "Bitten Sie einen Administrator des Workspace, Ihre Rolle zu ändern",
            "es": "Pida a un administrador del espacio de trabajo que cambie su rol",
        },
    )
    scene.trouble(
        "livestorm_plan_limit",
        "card-05-plan",
        {
            "en": "to check the plan in Livestorm",
            "fr": "de vérifier le forfait dans Livestorm",
            "de": "den Tarif in Livestorm zu prüfen",
            "es": "que revise el plan en Livestorm",
        },
    )
    scene.trouble(
        "livestorm_rate_limited",
        "card-06-rate-limited",
        {
            "en": "You need not do anything: we try again on",
            "fr": "Vous n’avez rien à faire\u00a0: nous réessaierons le",
            "de": "Sie müssen nichts tun: Wir versuchen es am",
            "es": "No tiene que hacer nada: volveremos a intentarlo el",
        },
    )
    scene.trouble(
        "livestorm_down",
        "card-07-livestorm-down",
        {
            "en": "Livestorm cannot be reached at the moment.",
            "fr": "Livestorm est injoignable pour le moment.",
            "de": "Livestorm ist zurzeit nicht erreichbar.",
            "es": "Livestorm no está disponible en este momento.",
        },
    )
    scene.trouble(
        "google_calendar_down",
        "card-08-google-down",
        {
            "en": "Google Calendar cannot be reached at the moment.",
            "fr": "Google Agenda est injoignable pour le moment.",
            "de": "Google Kalender ist zurzeit nicht erreichbar.",
            "es": "Google Calendar no está disponible en este momento.",
        },
    )
    scene.trouble(
        "livestorm_token_expired",
        "card-09-signed-out",
        {
            "en": "Press “Sign in to Livestorm”.",
            "fr": "Cliquez sur «\u00a0Se connecter à Livestorm\u00a0».",
            "de": "Klicken Sie auf „Bei Livestorm anmelden“.",
            "es": "Pulse «Acceder a Livestorm».",
        },
    )
    program.addon("/addon/sign-out")
    connect(program)
    scene.trouble(
        "google_access_lost",
        "card-10-access-withdrawn",
        {
            "en": "Google no longer gives us access",
            "fr": "Google ne nous donne plus accès",
            "de": "Google gewährt uns keinen Zugriff mehr",
            "es": "Google ya no nos da acceso",
        },
    )
    activate(program)
    people = [{"email": "sales@partner.test"}]
    people += [{"email": f"guest{number:03}@partner.test"} for number in range(203)]
    google.patch_event(CAMILLE, scene.event_id, {"attendees": people})
    scene.two_way.settle()
    scene.show(
        "card-11-over-200-guests",
        {
            "en": "At most 200 guests of an event are registered",
            "fr": "Au plus 200 invités d’un événement sont inscrits",
            "de": "höchstens 200 Gäste eines Termins registriert",
            "es": "como máximo a 200 invitados por evento",
        },
    )
    connect(program, account=SAM)
    planning = next(one["id"] for one in google.events(SAM) if one.get("summary") == SAMS)
    room = ask_for_room(program, planning, account=SAM)
    google.attach_conference(SAM, planning, room)
    world = program.livestorm.world
    template = world.add_event("Product webinar").id
    form = {"template_id": {"stringInputs": {"value": [template]}}}
    program.addon("/addon/template", event={"commonEventObject": {"formInputs": form}})
    workspace = world.workspace_of(template)
    assert workspace is not None
    events.delete_event(world, workspace, world.events[template])
    review = next(one["id"] for one in google.events(CAMILLE) if one.get("summary") == OTHER)
    assert "error" in ask_for_room(program, review)
    gone = {
        "en": "This Livestorm event is gone",
        "fr": "Cet événement Livestorm n’existe plus",
        "de": "Dieses Livestorm-Event gibt es nicht mehr",
        "es": "Este evento de Livestorm ya no existe",
    }
    scene.show("card-12-template-gone", gone, title=OTHER)
    scene.show_panel("card-14-template-gone-panel", gone)
    scene.show(
        "card-13-somebody-elses",
        {
            "en": f"{SAM} organizes this event.",
            "fr": f"{SAM} organise cet événement.",
            "de": f"{SAM} organisiert diesen Termin.",
            "es": f"{SAM} organiza este evento.",
        },
        title=SAMS,
    )
