"""The event card: one test for each thing a person must find on it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cards import (
    LANGUAGES,
    Apart,
    ApartReason,
    Card,
    EventState,
    EventTime,
    EventUrls,
    EventView,
    GuestReason,
    InSync,
    Linked,
    MissingStep,
    NoLivestorm,
    NotActivated,
    NotConnected,
    Pending,
    Problem,
    ProblemKind,
    Registering,
    SomeoneElses,
    Stopped,
    SyncState,
    UnsyncedGuest,
    UnsyncedPart,
    error_card,
    event_card,
    synced_notice,
)
from tests.cards.google_messages import buttons_of, texts_of, widgets_of
from tests.cards.samples import BASE, MOMENT, ROOM, TIME, URLS, ZONE, linked, panel

IN_SYNC = Linked(ROOM, InSync(MOMENT))


def _card(state: EventState, language: str = "en", urls: EventUrls = URLS) -> Card:
    return event_card(language, EventView(state, "Review", TIME, ZONE), urls=urls)


def _labels(card: Card) -> list[str]:
    return [button["text"] for button in buttons_of(card)]


@pytest.mark.parametrize(
    ("language", "subtitle"),
    [
        ("en-US", "Sun, Nov 23, 2025, 2:05\u202fPM – 3:00\u202fPM"),
        ("fr-FR", "dim. 23 nov. 2025, 14:05 – 15:00"),
        ("de-DE", "So., 23. Nov. 2025, 14:05 – 15:00"),
        ("es-ES", "dom, 23 nov 2025, 14:05 – 15:00"),
    ],
)
def test_title_and_time_head_the_card(language: str, subtitle: str) -> None:
    header = _card(IN_SYNC, language)["header"]
    assert (header["title"], header["subtitle"]) == ("Review", subtitle)


@pytest.mark.parametrize(
    ("time", "subtitle"),
    [
        (EventTime(MOMENT), "Sun, Nov 23, 2025, 2:05\u202fPM"),
        (
            EventTime(MOMENT, MOMENT + timedelta(hours=12)),
            "Sun, Nov 23, 2025, 2:05\u202fPM – Mon, Nov 24, 2025, 2:05\u202fAM",
        ),
        (
            # A day in Auckland begins on the day before in Paris: it stays the day it is.
            EventTime(
                datetime(2025, 11, 23, tzinfo=ZoneInfo("Pacific/Auckland")),
                datetime(2025, 11, 24, tzinfo=ZoneInfo("Pacific/Auckland")),
                all_day=True,
            ),
            "Sun, Nov 23, 2025",
        ),
        (
            EventTime(
                datetime(2025, 11, 23, tzinfo=UTC), datetime(2025, 11, 26, tzinfo=UTC), all_day=True
            ),
            "Sun, Nov 23, 2025 – Tue, Nov 25, 2025",
        ),
        (EventTime(datetime(2025, 11, 23, tzinfo=UTC), all_day=True), "Sun, Nov 23, 2025"),
    ],
)
def test_every_kind_of_time(time: EventTime, subtitle: str) -> None:
    card = event_card("en", EventView(IN_SYNC, "Review", time, ZONE), urls=URLS)
    assert card["header"]["subtitle"] == subtitle


def test_an_event_without_title_or_time_has_a_header_too() -> None:
    card = event_card("fr", EventView(IN_SYNC, "  "), urls=URLS)
    assert card["header"] == {"title": "Événement sans titre"}


def test_an_event_that_cannot_be_read_is_not_said_to_have_no_title() -> None:
    card = event_card("fr", EventView(NoLivestorm()), urls=URLS)
    assert card["header"] == {"title": "Livestorm"}


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "Join Livestorm"),
        ("fr", "Rejoindre Livestorm"),
        ("de", "Mit Livestorm teilnehmen"),
        ("es", "Unirse con Livestorm"),
    ],
)
def test_the_room_can_be_entered_and_its_link_copied(language: str, label: str) -> None:
    card = _card(IN_SYNC, language)
    join = buttons_of(card)[0]
    assert join["text"] == label
    assert join["onClick"] == {"openLink": {"url": ROOM, "openAs": "FULL_SIZE"}}
    fields = [widget["textInput"] for widget in widgets_of(card) if "textInput" in widget]
    assert [field["value"] for field in fields] == [ROOM]


def test_a_link_that_must_not_be_opened_is_shown_all_the_same() -> None:
    card = _card(Linked("http://rooms.example/1", InSync(MOMENT), "javascript:alert(1)"))
    assert _labels(card) == ["Sync now", "History", "Integration page"]
    assert "http://rooms.example/1" in str(card)
    assert "javascript" not in str(card)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "In sync since Nov 23, 2025 at 2:05\u202fPM"),
        ("fr", "Synchronisé depuis le 23 nov. 2025 à 14:05"),
        ("de", "Synchron seit dem 23. Nov. 2025 um 14:05 Uhr"),
        ("es", "Sincronizado desde el 23 nov 2025, 14:05"),
    ],
)
def test_an_event_in_sync_says_since_when(language: str, text: str) -> None:
    assert f'<font color="#137333">{text}</font>' in texts_of(_card(IN_SYNC, language))


def test_an_event_in_sync_has_all_its_buttons() -> None:
    card = _card(linked(InSync(MOMENT)))
    assert _labels(card) == [
        "Join Livestorm",
        "Sync now",
        "Open in Livestorm",
        "History",
        "Integration page",
    ]
    assert buttons_of(card)[1]["onClick"] == {"action": {"function": f"{BASE}/addon/sync"}}


def test_a_pending_comparison_is_said_to_be_under_way() -> None:
    texts = texts_of(_card(Linked(ROOM, Pending())))
    assert '<font color="#8f4700">Being brought up to date</font>' in texts
    assert any(text.startswith("This usually takes less than a minute.") for text in texts)


@pytest.mark.parametrize(
    ("language", "progress"),
    [
        ("en", "Registering guests: 80 of 200"),
        ("fr", "Inscription des invités\u00a0: 80 sur 200"),
        ("de", "Gäste werden registriert: 80 von 200"),
        ("es", "Inscripción de invitados: 80 de 200"),
    ],
)
def test_registering_many_guests_shows_how_far_it_is(language: str, progress: str) -> None:
    card = _card(Linked(ROOM, Registering(80, 200)), language)
    assert f'<font color="#8f4700">{progress}</font>' in texts_of(card)
    # The button shows the card anew.
    assert buttons_of(card)[1]["onClick"] == {"action": {"function": f"{BASE}/addon/sync"}}


@pytest.mark.parametrize(
    ("language", "cause", "activate"),
    [
        ("en", "The join link works, but changes and guests do not reach", "Activate with Google"),
        ("fr", "Le lien d’accès fonctionne, mais vos modifications", "Activer avec Google"),
    ],
)
def test_an_event_not_activated_has_the_button_that_fixes_it(
    language: str, cause: str, activate: str
) -> None:
    card = _card(Linked(ROOM, NotActivated()), language)
    assert any(text.startswith(cause) for text in texts_of(card))
    assert _labels(card)[1] == activate
    assert buttons_of(card)[1]["onClick"]["openLink"]["url"] == f"{BASE}/google/activate"
    assert "Sync now" not in _labels(card)


@pytest.mark.parametrize(
    ("kind", "fix"),
    [
        (ProblemKind.LIVESTORM_ACCESS_LOST, "Sign in to Livestorm"),
        (ProblemKind.GOOGLE_ACCESS_LOST, "Activate with Google"),
        (ProblemKind.LIVESTORM_REFUSED, "Sync now"),
    ],
)
def test_a_stopped_event_says_why_and_offers_the_way_out(kind: ProblemKind, fix: str) -> None:
    card = _card(Linked(ROOM, Stopped(Problem(kind, detail="Title is too long"))))
    assert _labels(card)[1] == fix
    assert "Title is too long" in texts_of(card)


@pytest.mark.parametrize("kind", ProblemKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_press_is_called_as_its_button_is(kind: ProblemKind, language: str) -> None:
    card = _card(Linked(ROOM, Stopped(Problem(kind, retry_at=MOMENT))), language)
    named = [
        name.strip("\u00a0")
        for text in texts_of(card)
        for name in re.findall("[“«„](.+?)[”»“]", text)
    ]
    labels = _labels(card)
    if kind is ProblemKind.OTHER_WORKSPACE:
        labels += _labels(panel(language))
    assert named
    assert set(named) <= set(labels)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "You need not do anything: we try again on Nov 23 at 2:05\u202fPM."),
        ("fr", "Vous n’avez rien à faire\u00a0: nous réessaierons le 23 nov. à 14:05."),
        ("de", "Sie müssen nichts tun: Wir versuchen es am 23. Nov. um 14:05 Uhr erneut."),
        ("es", "No tiene que hacer nada: volveremos a intentarlo el 23 nov, 14:05."),
    ],
)
def test_what_passes_by_itself_says_when_it_is_tried_again(language: str, text: str) -> None:
    stopped = Stopped(Problem(ProblemKind.RATE_LIMITED, retry_at=MOMENT))
    texts = texts_of(_card(Linked(ROOM, stopped), language))
    assert any(one.startswith(text) for one in texts)


def test_a_way_out_without_its_url_is_left_out() -> None:
    urls = EventUrls(sync=URLS.sync, integration=URLS.integration)
    for state in (
        Linked(ROOM, NotActivated()),
        Linked(ROOM, Stopped(Problem(ProblemKind.GOOGLE_ACCESS_LOST))),
        NotConnected(ROOM),
    ):
        assert not {"Activate with Google", "Sign in to Livestorm", "History"} & set(
            _labels(_card(state, urls=urls))
        )


def test_the_template_and_the_registered_guests_are_shown() -> None:
    texts = texts_of(_card(linked(InSync(MOMENT))))
    # In the JSON of a decorated text, the label follows the text that it stands above.
    assert texts[texts.index("Settings copied from") - 1] == "Product webinar"
    assert "3 guests registered" in texts
    assert "Settings copied from" not in texts_of(_card(IN_SYNC))


def test_guests_who_are_not_registered_are_counted_named_and_explained() -> None:
    guests = [UnsyncedGuest(f"g{number}@acme.test", GuestReason.OVER_LIMIT) for number in range(12)]
    guests.insert(3, UnsyncedGuest("team@acme.test", GuestReason.GROUP_ADDRESS))
    texts = texts_of(_card(Linked(ROOM, InSync(MOMENT), unsynced_guests=tuple(guests))))
    assert "What is not synced" in texts
    assert "team@acme.test" in texts
    assert "12 guests not registered" in texts
    assert "1 guest looks like a group" in texts
    assert (
        "g0@acme.test, g1@acme.test, g2@acme.test, g3@acme.test, g4@acme.test and 7 more" in texts
    )
    assert any(text.startswith("At most 200 guests of an event") for text in texts)


def test_six_guests_are_five_and_one_more_in_french() -> None:
    guests = tuple(UnsyncedGuest(f"g{n}@a.test", GuestReason.REFUSED) for n in range(6))
    texts = texts_of(_card(Linked(ROOM, InSync(MOMENT), unsynced_guests=guests), "fr"))
    assert "g0@a.test, g1@a.test, g2@a.test, g3@a.test, g4@a.test et 1 autre" in texts


def test_thousands_of_guests_make_no_larger_card() -> None:
    guests = tuple(
        UnsyncedGuest(f"guest{number}@acme.test", reason)
        for number in range(3000)
        for reason in GuestReason
    )
    state = Linked(ROOM, InSync(MOMENT), unsynced_guests=guests)
    one_of_each = Linked(ROOM, InSync(MOMENT), unsynced_guests=guests[: len(GuestReason)])
    assert len(widgets_of(_card(state))) == len(widgets_of(_card(one_of_each)))
    assert sum(map(len, texts_of(_card(state)))) < 3000


def test_every_part_that_is_not_synced_is_explained_once() -> None:
    twice = tuple(UnsyncedPart) * 2
    state = Linked(ROOM, InSync(MOMENT), unsynced_parts=twice, occurrence_sessions=10)
    texts = texts_of(_card(state))
    assert any(text.startswith("Only the next 10 dates are in Livestorm") for text in texts)
    assert any(text.startswith("Livestorm takes no past dates") for text in texts)
    assert texts.count("Repeating event") == 1


def test_a_time_that_is_not_carried_is_not_promised_to_be() -> None:
    """The event may be in the future by now: what took place before that stays where it was."""
    state = Linked(ROOM, InSync(MOMENT), unsynced_parts=(UnsyncedPart.PAST_TIME,))
    (text,) = [one for one in texts_of(_card(state)) if "past dates" in one]
    assert "is in the past" not in text
    assert "carried" not in text


def test_nothing_is_said_of_what_is_not_synced_when_all_is() -> None:
    assert "What is not synced" not in texts_of(_card(IN_SYNC))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "This event has no Livestorm room yet. Edit the event, choose Livestorm under"
            " “Add video conferencing” and save.",
        ),
        (
            "fr",
            "Cet événement n’a pas encore de salle Livestorm. Modifiez-le, choisissez Livestorm"
            " sous «\u00a0Ajouter une visioconférence\u00a0» et enregistrez.",
        ),
    ],
)
def test_an_event_without_livestorm_says_what_to_do(language: str, text: str) -> None:
    card = _card(NoLivestorm(), language)
    assert text in texts_of(card)
    assert [button["onClick"] for button in buttons_of(card)] == [
        {"openLink": {"url": f"{BASE}/integration", "openAs": "FULL_SIZE"}}
    ]


@pytest.mark.parametrize(
    ("missing", "label"),
    [(MissingStep.CONNECT, "Sign in to Livestorm"), (MissingStep.ACTIVATE, "Activate with Google")],
)
def test_a_step_that_is_missing_comes_before_the_room(missing: MissingStep, label: str) -> None:
    card = _card(NoLivestorm(missing=missing))
    assert _labels(card) == [label, "Integration page"]


def test_a_template_that_is_gone_is_told_before_a_room_is_asked_for() -> None:
    texts = texts_of(_card(NoLivestorm(template_title="Product webinar", template_gone=True)))
    assert '<font color="#b3261e">This Livestorm event is gone</font>' in texts
    assert "It will get the settings of" not in texts


@pytest.mark.parametrize("why", ApartReason)
def test_a_room_that_is_not_kept_in_sync_says_how_to_get_one(why: ApartReason) -> None:
    card = _card(Apart(why, ROOM))
    assert _labels(card) == ["Join Livestorm", "Integration page"]
    assert texts_of(card)[-2].endswith("choose Livestorm again and save.")
    assert _labels(_card(Apart(why))) == ["Integration page"]


def test_another_conference_has_to_go_first() -> None:
    texts = texts_of(_card(NoLivestorm("Google Meet", "Product webinar")))
    assert any(text.startswith("This event uses Google Meet.") for text in texts)
    assert "It will get the settings of" in texts


def test_somebody_elses_event_says_who_can_change_it() -> None:
    card = _card(SomeoneElses("Sam Taylor", ROOM))
    assert (
        "Sam Taylor organizes this event. Only that person can change its Livestorm room."
        in texts_of(card)
    )
    assert _labels(card) == ["Join Livestorm"]
    assert any(
        text.startswith("Une autre personne organise")
        for text in texts_of(_card(SomeoneElses(), "fr"))
    )


def test_who_is_not_connected_can_join_and_sign_in() -> None:
    card = _card(NotConnected(ROOM))
    assert _labels(card) == ["Join Livestorm", "Sign in to Livestorm"]


@pytest.mark.parametrize(
    ("sync", "text"),
    [
        (InSync(MOMENT), "Google Calendar and Livestorm are in sync."),
        (Pending(), "This event is being brought up to date."),
        (Registering(1, 2), "This event is being brought up to date."),
        (NotActivated(), "This event could not be synced."),
        (Stopped(Problem(ProblemKind.LIVESTORM_DOWN)), "This event could not be synced."),
        (None, "This event could not be synced."),
    ],
)
def test_after_sync_now(sync: SyncState | None, text: str) -> None:
    assert synced_notice("en", sync) == text


def test_an_unexpected_error_says_what_to_do_and_carries_its_reference() -> None:
    texts = texts_of(error_card("fr", reference="7f3a9c"))
    assert "Fermez ce panneau, puis rouvrez-le. Si cela ne suffit pas, contactez l’assistance." in (
        texts
    )
    assert "Référence à donner à l’assistance" in texts
    assert "7f3a9c" in texts
    assert not buttons_of(error_card("en"))
