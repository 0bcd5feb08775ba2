"""Every card in every state, for the tests that hold for all of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from cards import (
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
    SyncOff,
    SyncState,
    TemplateProblem,
    TemplateProblemKind,
    TemplateView,
    UnsyncedGuest,
    UnsyncedPart,
    connect_card,
    error_card,
    event_card,
    template_panel,
)

BASE = "https://calendar.example"
LOGO = f"{BASE}/static/livestorm.png"
ROOM = "https://app.livestorm.co/p/0c2b6f7e/live?s=5d1f"
ZONE = "Europe/Paris"
MOMENT = datetime(2025, 11, 23, 13, 5, tzinfo=UTC)
TEMPLATE = TemplateView("0c2b6f7e-8a4e-4d0e-9a57-0f5a3a1c9d11", "Product webinar")
TIME = EventTime(MOMENT, datetime(2025, 11, 23, 14, 0, tzinfo=UTC))
URLS = EventUrls(
    sync=f"{BASE}/addon/sync",
    integration=f"{BASE}/integration",
    connect=f"{BASE}/livestorm/connect?ticket=abc",
    activate=f"{BASE}/google/activate",
    history=f"{BASE}/integration/events/1",
)

Sample = Callable[[str], Card]


def problem(kind: ProblemKind) -> Problem:
    """A problem with every value that it can carry."""
    return Problem(kind, retry_at=MOMENT, detail="Title is too long")


def panel(
    language: str,
    *,
    template: TemplateView | None = TEMPLATE,
    why: TemplateProblem | None = None,
    typed: str | None = None,
    workspace_name: str | None = "Acme",
    sync_off: SyncOff | None = None,
) -> Card:
    """The template panel on the usual URLs."""
    return template_panel(
        language,
        save_url=f"{BASE}/addon/template",
        integration_url=f"{BASE}/integration",
        template=template,
        problem=why,
        workspace_name=workspace_name,
        typed=typed,
        sign_out_url=f"{BASE}/addon/sign-out",
        sync_off=sync_off,
        zone=ZONE,
        logo_url=LOGO,
    )


def linked(sync: SyncState) -> Linked:
    """A linked event with everything that its card can show."""
    return Linked(
        join_url=ROOM,
        sync=sync,
        livestorm_url="https://app.livestorm.co/dashboard/events/0c2b6f7e",
        template_title="Product webinar",
        registered_guests=3,
        unsynced_parts=tuple(UnsyncedPart),
        unsynced_guests=tuple(
            UnsyncedGuest(f"guest{number}@acme.test", reason)
            for reason in GuestReason
            for number in range(7)
        ),
        occurrence_sessions=10,
    )


def samples() -> Iterator[tuple[str, Sample]]:
    """Name and function of every card, each with every state it can be in."""
    yield "connect", lambda language: connect_card(language, connect_url=str(URLS.connect))
    yield (
        "connect again",
        lambda language: connect_card(
            language, connect_url=str(URLS.connect), lost=True, logo_url=LOGO
        ),
    )
    yield "error", lambda language: error_card(language, reference="7f3a9c", logo_url=LOGO)
    yield from _panels()
    yield from _events()
    for kind in ProblemKind:
        yield f"event stopped {kind.name}", _event(linked(Stopped(problem(kind))))
        yield (
            f"event stopped {kind.name}, not said how long",
            _event(Linked(ROOM, Stopped(Problem(kind)))),
        )


def _panels() -> Iterator[tuple[str, Sample]]:
    gone = TemplateView(TEMPLATE.id, TEMPLATE.title, gone=True)
    for name, template in (
        ("with template", TEMPLATE),
        ("without template", None),
        ("with template that is gone", gone),
    ):
        yield f"panel {name}", _panel(template, None)
        for kind in TemplateProblemKind:
            yield f"panel {name}, {kind.name}", _panel(template, kind)

    for off in SyncOff:
        yield f"panel, sync off: {off.name}", _panel_off(off)


def _panel_off(off: SyncOff) -> Sample:
    return lambda language: panel(language, sync_off=off)


def _events() -> Iterator[tuple[str, Sample]]:
    yield "event none", _event(NoLivestorm())
    yield "event other", _event(NoLivestorm("Google Meet", "Product webinar"))
    for missing in MissingStep:
        yield f"event none, {missing.name}", _event(NoLivestorm(missing=missing))
    yield (
        "event none, template gone",
        _event(NoLivestorm(template_title="Product webinar", template_gone=True)),
    )
    for why in ApartReason:
        yield f"event apart, {why.name}", _event(Apart(why, ROOM))
        yield f"event apart, {why.name}, no room", _event(Apart(why))
    yield "event not connected", _event(NotConnected(ROOM))
    yield "event somebody else's", _event(SomeoneElses())
    yield "event Sam's", _event(SomeoneElses("Sam Taylor", ROOM))
    yield "event in sync", _event(linked(InSync(MOMENT)))
    yield "event pending", _event(linked(Pending()))
    yield "event registering", _event(linked(Registering(80, 200)))
    yield "event not activated", _event(linked(NotActivated()))
    yield "event bare", _event(Linked(ROOM, InSync(MOMENT)))
    yield (
        "event first date only",
        _event(
            Linked(
                ROOM,
                InSync(MOMENT),
                unsynced_parts=(UnsyncedPart.LATER_OCCURRENCES,),
                occurrence_sessions=0,
            )
        ),
    )
    yield (
        "event one guest",
        _event(
            Linked(
                ROOM,
                InSync(MOMENT),
                registered_guests=1,
                unsynced_parts=(UnsyncedPart.LATER_OCCURRENCES,),
                unsynced_guests=(UnsyncedGuest("sam@acme.test", GuestReason.OVER_LIMIT),),
                guest_limit=1,
            )
        ),
    )
    yield (
        "event without title and time",
        lambda language: event_card(language, EventView(NoLivestorm()), urls=URLS),
    )


def _panel(template: TemplateView | None, kind: TemplateProblemKind | None) -> Sample:
    why = TemplateProblem(kind, retry_at=MOMENT, reference="7f3a9c") if kind else None
    return lambda language: panel(
        language, template=template, why=why, typed="not an id" if why else None
    )


def _event(state: EventState) -> Sample:
    view = EventView(state, title="Weekly & monthly <review>", time=TIME, zone=ZONE)
    return lambda language: event_card(language, view, urls=URLS, logo_url=LOGO)
