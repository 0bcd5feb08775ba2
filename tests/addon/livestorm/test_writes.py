"""Bodies say what was given, and nothing else."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from addon.livestorm import (
    BULK_LIMIT,
    EventChanges,
    EventDraft,
    FailureKind,
    LivestormFailure,
    RegistrantDraft,
    SessionChanges,
    SessionDraft,
    TimeForm,
    calls,
    writes,
)

START = datetime(2026, 3, 29, 8, 30, tzinfo=UTC)
SESSION = SessionDraft(START, "Europe/Paris")

ZONES = sorted(available_timezones())
instants = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001  Hypothesis wants naive bounds
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def test_event_with_every_attribute() -> None:
    draft = EventDraft(
        title="Webinar",
        slug="webinar-4711",
        description="<p>Hello</p>",
        owner_id="owner",
        copy_from_event_id="template",
        everyone_can_speak=True,
        session=SESSION,
        estimated_duration_minutes=45,
    )

    assert writes.new_event(draft, TimeForm.OFFSET) == {
        "data": {
            "type": "events",
            "attributes": {
                "title": "Webinar",
                "slug": "webinar-4711",
                "status": "published",
                "description": "<p>Hello</p>",
                "owner_id": "owner",
                "copy_from_event_id": "template",
                "everyone_can_speak": True,
                "estimated_duration": 45,
            },
            "relationships": {
                "sessions": [
                    {
                        "type": "sessions",
                        "attributes": {
                            "estimated_started_at": "2026-03-29T10:30:00+02:00",
                            "timezone": "Europe/Paris",
                        },
                    }
                ]
            },
        }
    }


def test_template_decides_what_is_not_given() -> None:
    draft = EventDraft(
        title="Webinar",
        slug="webinar",
        description=None,
        owner_id=None,
        copy_from_event_id="template",
        everyone_can_speak=None,
        session=SESSION,
    )

    body: Any = writes.new_event(draft, TimeForm.OFFSET)

    assert set(body["data"]["attributes"]) == {"title", "slug", "status", "copy_from_event_id"}


def test_smallest_event_change() -> None:
    assert writes.event_changes(EventChanges(title="New")) == {
        "data": {"type": "events", "attributes": {"title": "New"}}
    }
    assert writes.event_changes(EventChanges(everyone_can_speak=False, description="")) == {
        "data": {"type": "events", "attributes": {"everyone_can_speak": False, "description": ""}}
    }


def test_smallest_session_change() -> None:
    assert writes.session_changes(SessionChanges(name="Run 2"), TimeForm.OFFSET) == {
        "data": {"type": "sessions", "attributes": {"name": "Run 2"}}
    }
    moved = SessionChanges(starts_at=START, timezone="America/New_York")
    assert writes.session_changes(moved, TimeForm.OFFSET) == {
        "data": {
            "type": "sessions",
            "attributes": {
                "estimated_started_at": "2026-03-29T04:30:00-04:00",
                "timezone": "America/New_York",
            },
        }
    }


optional_text = st.none() | st.text(max_size=20)


@given(
    st.builds(
        EventChanges,
        title=optional_text,
        description=optional_text,
        everyone_can_speak=st.none() | st.booleans(),
        estimated_duration_minutes=st.none() | st.integers(1, 720),
        owner_id=optional_text,
        status=optional_text,
    )
)
def test_event_changes_say_what_was_given(changes: EventChanges) -> None:
    given_attributes = {
        name.removesuffix("_minutes"): value
        for name, value in vars(changes).items()
        if value is not None
    }
    assume(given_attributes)

    content = calls.update_event("event", changes).request.content()

    assert content is not None
    assert json.loads(content) == {"data": {"type": "events", "attributes": given_attributes}}


def test_change_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="changes nothing"):
        writes.event_changes(EventChanges())
    with pytest.raises(ValueError, match="changes nothing"):
        writes.session_changes(SessionChanges(), TimeForm.OFFSET)


def test_start_and_zone_go_together() -> None:
    with pytest.raises(ValueError, match="together"):
        SessionChanges(timezone="Europe/Paris")
    with pytest.raises(ValueError, match="together"):
        SessionChanges(starts_at=START)


def test_registration_goes_into_fields() -> None:
    draft = RegistrantDraft("alex@partner.test", first_name="Alex", extra=(("team", "Sales"),))

    assert writes.registration(draft) == {
        "data": {
            "type": "people",
            "attributes": {
                "fields": [
                    {"id": "email", "value": "alex@partner.test"},
                    {"id": "first_name", "value": "Alex"},
                    {"id": "team", "value": "Sales"},
                ]
            },
        }
    }


def test_bulk_registration() -> None:
    drafts = [RegistrantDraft("a@partner.test"), RegistrantDraft("b@partner.test")]

    assert writes.bulk_registration(drafts) == {
        "data": {
            "type": "jobs",
            "attributes": {
                "tasks": [
                    {"fields": [{"id": "email", "value": "a@partner.test"}]},
                    {"fields": [{"id": "email", "value": "b@partner.test"}]},
                ]
            },
        }
    }


@pytest.mark.parametrize("count", [0, BULK_LIMIT + 1])
def test_bulk_registration_is_bounded(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 50"):
        writes.bulk_registration([RegistrantDraft("a@partner.test")] * count)


@pytest.mark.parametrize(
    ("starts_at", "zone", "form", "written"),
    [
        (START, "Europe/Paris", TimeForm.OFFSET, "2026-03-29T10:30:00+02:00"),
        (START, "Europe/Paris", TimeForm.ZULU, "2026-03-29T08:30:00Z"),
        (START, "Europe/Paris", TimeForm.WALL, "2026-03-29 10:30:00"),
        # The minute before and the minute of the change to summer time: 02:xx does not exist.
        (
            datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
            "Europe/Paris",
            TimeForm.OFFSET,
            "2026-03-29T01:59:00+01:00",
        ),
        (
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
            "Europe/Paris",
            TimeForm.OFFSET,
            "2026-03-29T03:00:00+02:00",
        ),
        # The hour that the change to winter time repeats: only the offset tells which.
        (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            "Europe/Paris",
            TimeForm.OFFSET,
            "2026-10-25T02:30:00+02:00",
        ),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            "Europe/Paris",
            TimeForm.OFFSET,
            "2026-10-25T02:30:00+01:00",
        ),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            "Europe/Paris",
            TimeForm.WALL,
            "2026-10-25 02:30:00",
        ),
        (START, "Asia/Kathmandu", TimeForm.OFFSET, "2026-03-29T14:15:00+05:45"),
        (START, "UTC", TimeForm.OFFSET, "2026-03-29T08:30:00+00:00"),
        (
            datetime(2026, 1, 1, 0, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=9))),
            "America/New_York",
            TimeForm.OFFSET,
            "2025-12-31T10:30:15-05:00",
        ),
    ],
)
def test_time_forms(starts_at: datetime, zone: str, form: TimeForm, written: str) -> None:
    assert writes.written_start(starts_at, zone, form) == written


@given(instants, st.sampled_from(ZONES))
def test_instants_survive_their_writing(starts_at: datetime, zone: str) -> None:
    whole = starts_at.replace(microsecond=0)
    for form in (TimeForm.OFFSET, TimeForm.ZULU):
        assert datetime.fromisoformat(writes.written_start(starts_at, zone, form)) == whole


@given(instants, st.sampled_from(ZONES))
def test_offset_form_is_right_for_a_reader_that_drops_the_offset(
    starts_at: datetime, zone: str
) -> None:
    whole = starts_at.replace(microsecond=0)
    # In a repeated hour the wall time alone cannot say which pass is meant.
    assume(whole.astimezone(ZoneInfo(zone)).fold == 0)
    for form in (TimeForm.OFFSET, TimeForm.WALL):
        read = datetime.fromisoformat(writes.written_start(starts_at, zone, form))
        assert read.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) == whole


@pytest.mark.parametrize(
    "zone", ["", "Nowhere/Land", "Europe", "../etc/passwd", "/etc/passwd", "\x00"]
)
def test_unknown_zone(zone: str) -> None:
    with pytest.raises(LivestormFailure) as failed:
        writes.written_start(START, zone, TimeForm.OFFSET)
    assert failed.value.kind is FailureKind.INVALID
    assert not failed.value.maybe_done


def test_naive_start_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        writes.written_start(START.replace(tzinfo=None), "UTC", TimeForm.OFFSET)


@given(st.text(), st.text(), st.none() | st.text(), st.none() | st.booleans(), instants)
def test_whatever_is_drafted_can_be_sent(
    title: str, slug: str, description: str | None, speak: bool | None, starts_at: datetime
) -> None:
    draft = EventDraft(
        title=title,
        slug=slug,
        description=description,
        owner_id=None,
        copy_from_event_id=None,
        everyone_can_speak=speak,
        session=SessionDraft(starts_at, "Europe/Paris"),
    )

    content = calls.create_event(draft, TimeForm.OFFSET).request.content()

    assert content is not None
    attributes = json.loads(content)["data"]["attributes"]
    assert attributes["title"] == title
    assert attributes["slug"] == slug
    assert attributes.get("description") == description
    assert attributes.get("everyone_can_speak") is speak


@pytest.mark.parametrize("event_id", ["", ".", "..", "a/b", "a?b", "a#b", "é", "a\n", "x" * 101])
def test_impossible_ids_are_not_asked_for(event_id: str) -> None:
    with pytest.raises(LivestormFailure) as failed:
        calls.event(event_id)
    assert failed.value.kind is FailureKind.NOT_FOUND
    assert failed.value.status is None
