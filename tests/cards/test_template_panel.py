"""The template panel: what is in force, what saving does, why something was not saved."""

from typing import Any

import pytest

from cards import (
    SyncOff,
    TemplateProblem,
    TemplateProblemKind,
    TemplateView,
    connect_card,
    placeholder_title,
    signed_out_notice,
    template_notice,
    template_panel,
    template_problem_notice,
)
from tests.cards.google_messages import buttons_of, texts_of, widgets_of
from tests.cards.samples import BASE, LOGO, MOMENT, TEMPLATE, panel


def _input(card: dict[str, Any]) -> dict[str, Any]:
    fields = [widget["textInput"] for widget in widgets_of(card) if "textInput" in widget]
    assert len(fields) == 1
    field: dict[str, Any] = fields[0]
    return field


def _button(card: dict[str, Any], text: str) -> dict[str, Any]:
    found = [button for button in buttons_of(card) if button["text"] == text]
    assert len(found) == 1, [button["text"] for button in buttons_of(card)]
    on_click: dict[str, Any] = found[0]["onClick"]
    return on_click


@pytest.mark.parametrize(
    ("language", "label", "save"),
    [
        ("en", "Livestorm event ID", "SAVE THE ID"),
        ("fr", "ID événement Livestorm", "ENREGISTRER L’ID"),
    ],
)
def test_the_id_is_typed_and_saved(language: str, label: str, save: str) -> None:
    card = panel(language)
    assert _input(card)["name"] == "template_id"
    assert _input(card)["label"] == label
    assert _button(card, save) == {"action": {"function": f"{BASE}/addon/template"}}


def test_the_field_holds_the_id_in_force_so_that_it_can_be_emptied() -> None:
    assert _input(panel("en"))["value"] == TEMPLATE.id
    assert "value" not in _input(panel("en", template=None))


def test_what_was_typed_stays_to_be_corrected() -> None:
    why = TemplateProblem(TemplateProblemKind.NOT_AN_ID)
    assert _input(panel("en", why=why, typed="not an id"))["value"] == "not an id"
    assert "value" not in _input(panel("en", why=why, typed=""))


@pytest.mark.parametrize(
    ("language", "template", "texts"),
    [
        ("en", TEMPLATE, ["New events get the settings of", "<b>Product webinar</b>"]),
        (
            "fr",
            TEMPLATE,
            ["Vos nouveaux événements ont les paramètres de", "<b>Product webinar</b>"],
        ),
        ("en", None, ["New events get", "Livestorm’s usual settings. Everyone can speak."]),
        (
            "fr",
            None,
            [
                "Vos nouveaux événements auront",
                "Les paramètres habituels de Livestorm. Tout le monde peut parler.",
            ],
        ),
        ("en", TemplateView("x", "  "), ["<b>Untitled event</b>"]),
        ("en", TemplateView("x", "Q & A"), ["<b>Q &amp; A</b>"]),
    ],
)
def test_what_is_in_force_is_shown(
    language: str, template: TemplateView | None, texts: list[str]
) -> None:
    assert set(texts) <= set(texts_of(panel(language, template=template)))


def test_what_saving_does_is_said() -> None:
    english = " ".join(texts_of(panel("en")))
    assert "the events you create with Livestorm get all the settings of that event" in english
    assert "even after you close Google Calendar, until you empty the field and save" in english
    french = " ".join(texts_of(panel("fr")))
    assert "les événements que vous créez avec Livestorm ont tous les paramètres" in french
    assert "même après la fermeture de Google Agenda, jusqu’à ce que vous vidiez" in french


def test_the_panel_leads_to_the_integration_page_and_out() -> None:
    card = panel("en")
    assert _button(card, "Integration page") == {
        "openLink": {"url": f"{BASE}/integration", "openAs": "FULL_SIZE"}
    }
    assert _button(card, "Sign out") == {"action": {"function": f"{BASE}/addon/sign-out"}}
    assert "Acme" in texts_of(card)


def test_the_panel_does_without_what_is_not_given() -> None:
    card = template_panel(
        "en", save_url=f"{BASE}/addon/template", integration_url=BASE, template=None
    )
    assert [button["text"] for button in buttons_of(card)] == ["SAVE THE ID", "Integration page"]
    assert "Livestorm workspace" not in texts_of(card)
    assert "imageUrl" not in card["header"]


def test_the_logo_stands_in_the_header() -> None:
    header = panel("en")["header"]
    assert (header["imageUrl"], header["imageAltText"]) == (LOGO, "Livestorm")


PROBLEMS = [
    (
        TemplateProblemKind.NOT_AN_ID,
        "This is not the ID of a Livestorm event.",
        "Ceci n’est pas l’ID d’un événement Livestorm.",
    ),
    (
        TemplateProblemKind.UNKNOWN_ID,
        "Livestorm has no event with this ID in your workspace.",
        "Livestorm n’a aucun événement avec cet ID dans votre espace de travail.",
    ),
    (
        TemplateProblemKind.NOT_READABLE,
        "Livestorm does not let you see this event.",
        "Livestorm ne vous laisse pas voir cet événement.",
    ),
    (
        TemplateProblemKind.LIVESTORM_DOWN,
        "Livestorm did not answer, so we could not check this ID.",
        "Livestorm n’a pas répondu\u00a0: nous n’avons pas pu vérifier cet ID.",
    ),
    (
        TemplateProblemKind.RATE_LIMITED,
        "Livestorm asks us to wait before we can check this ID.",
        "Livestorm nous demande d’attendre avant de pouvoir vérifier cet ID.",
    ),
    (
        TemplateProblemKind.UNEXPECTED,
        "We could not save this ID because of an error on our side.",
        "Nous n’avons pas pu enregistrer cet ID, à cause d’une erreur de notre côté.",
    ),
]


@pytest.mark.parametrize(("kind", "english", "french"), PROBLEMS)
def test_a_problem_comes_first_and_says_that_nothing_changed(
    kind: TemplateProblemKind, english: str, french: str
) -> None:
    why = TemplateProblem(kind)
    stays = "Nothing was changed: new events still get the settings of “Product webinar”."
    assert texts_of(panel("en", why=why))[2:4] == [
        f'<font color="#b3261e">{english}</font>',
        stays,
    ]
    reste = "Rien n’a changé\u00a0: les nouveaux événements ont toujours les paramètres"
    assert texts_of(panel("fr", why=why))[2:4] == [
        f'<font color="#b3261e">{french}</font>',
        f"{reste} de «\u00a0Product webinar\u00a0».",
    ]
    assert texts_of(panel("fr", why=why, template=None))[3] == f"{reste} habituels de Livestorm."


def test_every_problem_is_covered_above() -> None:
    assert {kind for kind, _, _ in PROBLEMS} == set(TemplateProblemKind)


def test_a_saved_template_that_is_gone_is_not_said_to_be_in_force() -> None:
    gone = TemplateView(TEMPLATE.id, TEMPLATE.title, gone=True)
    card = panel("en", template=gone)
    texts = texts_of(card)
    assert "New events get the settings of" not in texts
    assert '<font color="#b3261e">This Livestorm event is gone</font>' in texts
    assert "Save the ID of another event, or empty the field and save." in texts
    # The field still holds it, so that it can be emptied.
    assert _input(card)["value"] == TEMPLATE.id
    why = TemplateProblem(TemplateProblemKind.NOT_AN_ID)
    again = texts_of(panel("en", template=gone, why=why))
    assert not any(text.startswith("Nothing was changed") for text in again)


@pytest.mark.parametrize(
    ("off", "headline"),
    [
        (SyncOff.NOT_ACTIVATED, "Your events are not kept in sync"),
        (SyncOff.ACCESS_LOST, "Google no longer gives us access"),
    ],
)
def test_who_has_to_activate_is_told_so_and_where(off: SyncOff, headline: str) -> None:
    card = panel("en", sync_off=off)
    texts = texts_of(card)
    assert f'<font color="#b3261e">{headline}</font>' in texts
    assert "Open the integration page and press “Activate with Google” there." in texts
    assert "openLink" in _button(card, "Integration page")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en-US", "Please try again after Nov 23 at 2:05\u202fPM."),
        ("en-GB", "Please try again after 23 Nov at 14:05."),
        ("fr-FR", "Veuillez réessayer après le 23 nov. à 14:05."),
    ],
)
def test_when_to_try_again_is_said(language: str, text: str) -> None:
    why = TemplateProblem(TemplateProblemKind.RATE_LIMITED, retry_at=MOMENT)
    assert text in texts_of(panel(language, why=why))


def test_the_reference_is_shown() -> None:
    why = TemplateProblem(TemplateProblemKind.UNEXPECTED, reference="7f3a9c")
    assert "7f3a9c" in texts_of(panel("en", why=why))


def test_notices() -> None:
    assert template_notice("en", TEMPLATE) == (
        "Saved. New events get the settings of “Product webinar”."
    )
    assert template_notice("fr", None) == (
        "Effacé. Les nouveaux événements auront les paramètres habituels de Livestorm."
    )
    assert template_problem_notice("fr") == "L’ID n’a pas été enregistré."
    assert placeholder_title("fr-FR") == "Événement sans titre"
    assert signed_out_notice("en") == "You are signed out of Livestorm."


@pytest.mark.parametrize(
    ("language", "says", "sign_in"),
    [
        ("en", "Livestorm is not a Google service.", "Sign in to Livestorm"),
        ("fr", "Livestorm n’est pas un service de Google.", "Se connecter à Livestorm"),
    ],
)
def test_the_connect_card_is_what_google_asks_for(language: str, says: str, sign_in: str) -> None:
    card = connect_card(language, connect_url=f"{BASE}/livestorm/connect?ticket=a", logo_url=LOGO)
    assert any(text.startswith(says) for text in texts_of(card))
    assert _button(card, sign_in) == {
        "openLink": {
            "url": f"{BASE}/livestorm/connect?ticket=a",
            "openAs": "OVERLAY",
            "onClose": "RELOAD",
        }
    }
    assert card["header"]["imageUrl"] == LOGO
    assert len([widget for widget in widgets_of(card) if "decoratedText" in widget]) == 3
