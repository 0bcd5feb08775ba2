"""Livestorm's documents become values; whatever else comes is UNREADABLE."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.livestorm import Event, FailureKind, LivestormFailure, Organization, parsing
from addon.livestorm.protocol import document as body_reader
from addon.livestorm.protocol import page_of
from tests.addon.livestorm.sampled import sample
from tests.addon.livestorm.strategies import any_json, spoiled

EVENT_ID = "2c4e1a9e-6a0e-4f9c-9d1c-8d8a6f7f2a11"
SESSION_ID = "7b0d6a0c-3a77-4b41-a0b6-2a8fef3a9f02"


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_event_with_its_session() -> None:
    event = parsing.event(sample("event"))

    assert event.id == EVENT_ID
    assert event.title == "Product webinar"
    assert event.slug == "product-webinar"
    assert event.description == "<p>What is <b>new</b></p>"
    assert event.status == "published"
    assert event.scheduling_status == "upcoming"
    assert event.everyone_can_speak is False
    assert event.estimated_duration_minutes == 30
    assert event.owner_id == "93b8b5d6-40d9-4b0c-8a9b-5f8f4d0d9f01"
    assert event.owner_email == "camille@acme.test"
    assert event.registration_link == f"https://app.livestorm.co/p/{EVENT_ID}"
    assert (event.created_at, event.updated_at) == (at(1606465799), at(1606465801))
    (session,) = event.sessions
    assert session.id == SESSION_ID
    assert session.event_id == EVENT_ID
    assert session.starts_at == at(1606555800)
    assert session.starts_at.utcoffset() == UTC.utcoffset(None)
    assert session.room_link == f"https://app.livestorm.co/p/{EVENT_ID}/live?s={SESSION_ID}"


def test_registration_form() -> None:
    fields = {field.id: field for field in parsing.event(sample("event")).fields}

    assert list(fields) == ["email", "first_name", "last_name", "avatar", "team"]
    assert fields["email"].required
    assert not fields["email"].custom
    assert not fields["avatar"].required
    assert fields["team"].custom
    assert fields["team"].options == ("Sales", "Support")


def test_never_is_none() -> None:
    (session,) = parsing.event(sample("event")).sessions

    assert session.started_at is None
    assert session.ended_at is None
    assert session.canceled_at is None
    assert session.duration_seconds is None


def test_session_that_is_over() -> None:
    session = parsing.session(sample("session"))

    assert session.status == "past"
    assert session.name == "Second run"
    assert session.timezone == "America/New_York"
    assert session.started_at == at(1606555860)
    assert session.ended_at == at(1606557690)
    assert session.duration_seconds == 1830
    assert session.registrants_count == 20


def test_numbers_as_strings_and_ids_as_numbers() -> None:
    document = sample("session")
    attributes = document["data"]["attributes"]
    document["data"]["id"] = 4711
    attributes.update(
        estimated_started_at="1606555800", registrants_count="7", duration="60", started_at="0"
    )

    session = parsing.session(document)

    assert session.id == "4711"
    assert session.starts_at == at(1606555800)
    assert (session.registrants_count, session.duration_seconds) == (7, 60)
    assert session.started_at is None


def test_instants_in_iso_form() -> None:
    document = sample("session")
    document["data"]["attributes"]["estimated_started_at"] = "2020-11-28T10:30:00+01:00"
    assert parsing.session(document).starts_at == datetime(2020, 11, 28, 9, 30, tzinfo=UTC)

    # Without an offset it could be any of two instants, so it is none.
    document["data"]["attributes"]["estimated_started_at"] = "2020-11-28T10:30:00"
    assert parsing.session(document).starts_at is None


def test_session_names_its_event_in_either_way() -> None:
    document = sample("session")
    attributes = document["data"]["attributes"]
    attributes["event_type_id"] = attributes.pop("event_id")
    assert parsing.session(document).event_id == EVENT_ID

    del attributes["event_type_id"]
    document["data"]["relationships"] = {"event": {"data": {"type": "events", "id": EVENT_ID}}}
    assert parsing.session(document).event_id == EVENT_ID


def test_text_can_be_stored() -> None:
    document = sample("event")
    document["data"]["attributes"]["title"] = "Half an emoji \ud83d and a NUL \x00."

    title = parsing.event(document).title

    assert title == "Half an emoji ? and a NUL ."
    assert title.encode() == b"Half an emoji ? and a NUL ."


def test_page_of_events_gives_each_its_own_sessions() -> None:
    page = page_of(parsing.event_item)(sample("events"))

    first, second = page.items
    assert [session.id for session in first.sessions] == [SESSION_ID]
    assert second.sessions == ()
    assert second.description is None
    assert page.next_page == 1


def test_included_sessions_without_relationship() -> None:
    document = sample("events")
    for item in document["data"]:
        del item["relationships"]
    stranger = {"id": "s", "type": "sessions", "attributes": {"timezone": "UTC"}}
    document["included"].append(stranger)

    first, second = page_of(parsing.event_item)(document).items

    assert [session.id for session in first.sessions] == [SESSION_ID]
    assert second.sessions == ()


def test_registrant() -> None:
    person = parsing.person(sample("registrant"))

    assert person.email == "alex@partner.test"
    assert (person.first_name, person.last_name) == ("Alex", "Roy")
    assert person.role == "participant"
    assert not person.is_team_member
    assert not person.is_anonymous
    assert person.is_guest_speaker
    assert person.registration_type == "API"
    assert (person.event_id, person.session_id) == (EVENT_ID, SESSION_ID)
    assert person.attended is False
    assert person.connection_link is not None
    assert "key=0123456789abcdef012345" in person.connection_link
    assert "0123456789abcdef012345" not in repr(person)


def test_anonymous_registrant() -> None:
    document = sample("registrant")
    document["data"]["attributes"]["email"] = "1606465799+ab-cd@unknown.livestorm.co"
    assert parsing.person(document).is_anonymous

    document["data"]["attributes"]["email"] = None
    person = parsing.person(document)
    assert person.email is None
    assert not person.is_anonymous


def test_team_members() -> None:
    page = page_of(parsing.person_item)(sample("team_members"))

    (camille,) = page.items
    assert camille.is_team_member
    assert camille.connection_link is None
    assert page.next_page is None


def test_me_with_oauth() -> None:
    me = parsing.me(sample("me_user"))

    assert me.user is not None
    assert me.user.email == "camille@acme.test"
    assert me.organization == Organization("d0f8c2f4-5f8e-4a3e-9b7e-1f5a0c6f4e04", "Acme", "acme")


def test_me_without_included_workspace() -> None:
    document = sample("me_user")
    del document["included"]

    assert parsing.me(document).organization.id == "d0f8c2f4-5f8e-4a3e-9b7e-1f5a0c6f4e04"


def test_me_with_api_token() -> None:
    me = parsing.me(sample("organization"))

    assert me.user is None
    assert me.organization.name == "Acme"


def test_job_in_both_forms() -> None:
    created = parsing.job(sample("job_created"))
    assert created.id == "e5a4d1c0-2b3c-4d5e-8f60-718293a4b506"
    assert (created.total, created.processed, created.succeeded, created.failed) == (2, 0, 0, 0)
    assert not created.is_over

    over = parsing.job(sample("job"))
    assert over.id == created.id
    assert (over.total, over.processed, over.succeeded, over.failed) == (2, 2, 1, 1)
    assert over.is_over


def test_webhooks_hide_their_address() -> None:
    (webhook,) = page_of(parsing.webhook_item)(sample("webhooks")).items

    assert webhook.url == "https://calendar.example.com/hooks/livestorm/guess-me-not"
    assert webhook.event == "session.created"
    assert "guess-me-not" not in repr(webhook)


@pytest.mark.parametrize(
    ("name", "path", "parse"),
    [
        ("event", ("data", "id"), parsing.event),
        # A guessed title would travel into somebody's calendar.
        ("event", ("data", "attributes", "title"), parsing.event),
        ("event", ("data", "attributes"), parsing.event),
        ("event", ("data",), parsing.event),
        ("session", ("data", "attributes", "event_id"), parsing.session),
        ("registrant", ("data", "id"), parsing.person),
        ("job", ("data", "id"), parsing.job),
        ("events", ("data",), page_of(parsing.event_item)),
    ],
)
def test_what_cannot_be_missing(
    name: str, path: tuple[str, ...], parse: Callable[[object], object]
) -> None:
    document = sample(name)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]

    with pytest.raises(LivestormFailure) as failed:
        parse(document)
    assert failed.value.kind is FailureKind.UNREADABLE


def test_included_workspace_need_not_be_named() -> None:
    document = sample("me_user")
    del document["data"]["relationships"]

    assert parsing.me(document).organization == parsing.me(sample("me_user")).organization


def test_user_without_any_workspace_is_unreadable() -> None:
    document = sample("me_user")
    del document["data"]["relationships"]
    del document["included"]

    with pytest.raises(LivestormFailure):
        parsing.me(document)


def test_empty_title_is_a_title() -> None:
    document = sample("event")
    document["data"]["attributes"]["title"] = None
    assert parsing.event(document).title == ""


@pytest.mark.parametrize(
    ("meta", "following"),
    [
        ({"current_page": 0, "next_page": 1}, 1),
        ({"current_page": "0", "next_page": "1"}, 1),
        ({"current_page": 3, "next_page": None, "page_count": 9}, None),
        ({"current_page": 3, "next_page": 3}, None),
        ({"current_page": 3, "next_page": 0}, None),
        ({"current_page": 0, "page_count": 2}, 1),
        ({"current_page": 1, "page_count": 2}, None),
        ({}, None),
        (None, None),
        ("later", None),
    ],
)
def test_next_page(meta: object, following: int | None) -> None:
    page = page_of(parsing.person_item)({"data": [], "meta": meta})

    assert page.next_page == following


PARSERS: list[Callable[[object], object]] = [
    parsing.event,
    parsing.session,
    parsing.person,
    parsing.organization,
    parsing.me,
    parsing.job,
    parsing.webhook,
    page_of(parsing.event_item),
    page_of(parsing.session_item),
    page_of(parsing.person_item),
    page_of(parsing.webhook_item),
]


def parses_or_is_unreadable(parse: Callable[[object], object], value: object) -> object | None:
    try:
        return parse(value)
    except LivestormFailure as failure:
        kind = failure.kind
    assert kind is FailureKind.UNREADABLE
    return None


@given(any_json)
def test_any_json_is_read_or_unreadable(value: object) -> None:
    for parse in PARSERS:
        parses_or_is_unreadable(parse, value)


@given(
    st.one_of(
        [spoiled(name) for name in ("event", "events", "me_user", "registrant", "job", "webhooks")]
    )
)
def test_nearly_right_documents_are_read_or_unreadable(value: object) -> None:
    for parse in PARSERS:
        parses_or_is_unreadable(parse, value)


@given(spoiled("event"))
def test_whatever_is_read_can_be_stored(value: object) -> None:
    event = parses_or_is_unreadable(parsing.event, value)
    if not isinstance(event, Event):
        return
    assert event.id.strip() == event.id != ""
    for text in (event.id, event.title, event.slug, event.description, event.status):
        if text is not None:
            text.encode()
            assert "\x00" not in text
    for session in event.sessions:
        assert session.event_id
        for instant in (session.starts_at, session.started_at, session.updated_at):
            assert instant is None or instant.tzinfo is UTC
        # A 64-bit column holds it.
        assert session.duration_seconds is None or abs(session.duration_seconds) < 2**63


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"data":' * 100_000,
        b'{"data": {"id": ' + b"9" * 10_000 + b"}}",
        b'{"data": {"id": NaN, "attributes": {"event_id": Infinity}}}',
        b"null",
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_bodies_that_are_no_document(body: bytes) -> None:
    read: Callable[[bytes], Any] = body_reader(parsing.session)
    with pytest.raises(LivestormFailure) as failed:
        read(body)
    assert failed.value.kind is FailureKind.UNREADABLE
    assert failed.value.__cause__ is None


def test_samples_survive_a_body() -> None:
    event = body_reader(parsing.event)(json.dumps(sample("event")).encode())
    assert event == parsing.event(sample("event"))
