"""Every page from signing in to erasing everything, in four languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.test_integration_page import LOCALES, complaints
from tests.server.calls import CAMILLE
from tests.support.program import Program

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

SAYS = {
    "en": {
        "not connected": "Livestorm is not connected",
        "connected": "Livestorm is connected",
        "not activated": "Google did not let us in",
        "activated": "The Google Calendar integration is activated",
        "used": "This link is no longer valid",
        "nowhere": "Page not found",
        "erased": "Your data is erased",
    },
    "fr": {
        "not connected": "Livestorm n’est pas connecté",
        "connected": "Livestorm est connecté",
        "not activated": "Google ne nous a pas donné accès",
        "activated": "L’intégration Google Agenda est activée",
        "used": "Ce lien n’est plus valable",
        "nowhere": "Page introuvable",
        "erased": "Vos données sont effacées",
    },
    "de": {
        "not connected": "Livestorm ist nicht verbunden",
        "connected": "Livestorm ist verbunden",
        "not activated": "Google hat uns keinen Zugriff gegeben",
        "activated": "Die Google-Kalender-Integration ist aktiviert",
        "used": "Dieser Link ist nicht mehr gültig",
        "nowhere": "Seite nicht gefunden",
        "erased": "Ihre Daten sind gelöscht",
    },
    "es": {
        "not connected": "Livestorm no está conectado",
        "connected": "Livestorm está conectado",
        "not activated": "Google no nos ha dado acceso",
        "activated": "La integración con Google Calendar está activada",
        "used": "Este enlace ya no es válido",
        "nowhere": "Página no encontrada",
        "erased": "Sus datos se han borrado",
    },
}


class Visit:
    """Somebody's first and last visit, in one language."""

    def __init__(
        self, program: Program, page: Page, language: str, take: Callable[[Page, str, str], None]
    ) -> None:
        self.program = program
        self.page = page
        self.language = language
        self.take = take
        self.found: list[str] = []

    def look(self, name: str, says: str = "") -> None:
        """Check what the page says, and that axe finds nothing; take a picture."""
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)
        if says:
            heading = self.page.get_by_role("heading", level=1)
            expect(heading).to_have_text(SAYS[self.language][says])
        self.take(self.page, self.language, name)
        if self.language == "en":
            self.found += complaints(self.page)

    def at_google(self, decision: str) -> None:
        """Choose the account if Google asks, then decide about the access."""
        account = self.page.locator(f'button[value="{CAMILLE}"]')
        answer = self.page.locator(f'button[name="decision"][value="{decision}"]')
        expect(account.or_(answer).first).to_be_visible()
        if account.count():
            # The next page has the boxes, or is ours already: it must be there to be asked.
            with self.page.expect_navigation():
                account.click()
        if not self.page.url.startswith(self.program.google.url):
            return
        expect(answer).to_be_visible()
        for box in self.page.locator('input[type="checkbox"][name="scope"]').all():
            box.check()
        answer.click()

    def at_livestorm(self, decision: str) -> None:
        """Decide in Livestorm's window."""
        self.page.locator(f'button[name="decision"][value="{decision}"]').click()

    def go(self, path: str) -> None:
        self.page.goto(self.program.url + path)

    def follow(self, path: str) -> None:
        """Follow the first link to one of our pages."""
        self.page.locator(f'a[href^="{path}"]').first.click()

    def press(self, action: str) -> None:
        """Press the button whose form goes to `action`."""
        self.page.locator(f'form[action="{action}"] button[type="submit"]').first.click()


def test_every_page_on_the_way_is_shown_in_every_language(
    program: Program,
    new_context: Callable[..., BrowserContext],
    screenshot: Callable[[Page, str, str], None],
) -> None:
    found = []
    for language, locale in LOCALES.items():
        page = new_context(locale=locale, viewport={"width": 1000, "height": 700}).new_page()
        visit = Visit(program, page, language, screenshot)
        whole_visit(visit)
        found += visit.found
    assert found == []


def whole_visit(visit: Visit) -> None:
    page = visit.page
    visit.go("/integration/nothing")
    visit.look("39-page-not-found", "nowhere")
    visit.go("/livestorm/connect?ticket=used")
    visit.look("38-link-used", "used")
    visit.go("/integration")
    visit.look("30-sign-in")
    visit.follow("/google/sign-in")
    visit.at_google("allow")
    expect(page.locator(".steps > li")).to_have_count(4)
    page.set_viewport_size({"width": 1000, "height": 1200})
    visit.look("31-set-up")
    page.set_viewport_size({"width": 1000, "height": 700})

    visit.follow("/integration/connect")
    visit.at_livestorm("deny")
    visit.look("32-not-connected", "not connected")
    visit.go("/integration")
    visit.follow("/integration/connect")
    visit.at_livestorm("authorize")
    visit.look("33-connected", "connected")

    visit.go("/google/activate")
    visit.at_google("deny")
    visit.look("34-not-activated", "not activated")
    visit.go("/google/activate")
    visit.at_google("allow")
    visit.look("35-activated", "activated")

    visit.go("/integration/erase")
    visit.press("/integration/erase")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAYS[visit.language]["erased"])
    visit.look("47-erased", "erased")


@pytest.fixture
def _api_tokens(settings_environment: dict[str, str]) -> None:
    """People connect with a workspace's API token."""
    settings_environment |= {"LIVESTORM_CLIENT_ID": "", "LIVESTORM_CLIENT_SECRET": ""}


@pytest.mark.usefixtures("_api_tokens")
def test_token_form_is_shown_in_every_language(
    program: Program,
    new_context: Callable[..., BrowserContext],
    screenshot: Callable[[Page, str, str], None],
) -> None:
    page = new_context(viewport={"width": 1000, "height": 900}).new_page()
    visit = Visit(program, page, "en", screenshot)
    visit.go("/google/sign-in")
    visit.at_google("allow")
    visit.follow("/integration/connect")
    for language in LOCALES:
        visit.language = language
        visit.go(f"/livestorm/connect?lang={language}")
        expect(page.locator("#token")).to_be_visible()
        visit.look("37-api-token")
    assert visit.found == []
