"""A delivery says where to look, or is UNREADABLE."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.livestorm import FailureKind, LivestormFailure, webhooks
from tests.addon.livestorm.sampled import sample
from tests.addon.livestorm.strategies import any_json, spoiled

WORKSPACE_ID = "d0f8c2f4-5f8e-4a3e-9b7e-1f5a0c6f4e04"
EVENT_ID = "2c4e1a9e-6a0e-4f9c-9d1c-8d8a6f7f2a11"
SESSION_ID = "7b0d6a0c-3a77-4b41-a0b6-2a8fef3a9f02"


def test_session_created() -> None:
    delivery = webhooks.parse_body(json.dumps(sample("delivery_session")).encode())

    assert delivery == webhooks.Delivery(
        event=webhooks.SESSION_CREATED,
        organization_id=WORKSPACE_ID,
        object_type="sessions",
        object_id=SESSION_ID,
        event_id=EVENT_ID,
        session_id=SESSION_ID,
        updated_at=datetime.fromtimestamp(1606465799, UTC),
    )


def test_people_registered() -> None:
    delivery = webhooks.parse(sample("delivery_people"))

    assert delivery.event == webhooks.PEOPLE_REGISTERED
    assert delivery.object_id == "b7c2f6de-9d0c-4f64-9c1f-6a3d1f0f5c03"
    assert (delivery.event_id, delivery.session_id) == (EVENT_ID, SESSION_ID)


def test_event_is_its_own_event() -> None:
    document = sample("delivery_session")
    document["data"].update(type="events", id=EVENT_ID, attributes={"title": "Webinar"})
    document["data"]["meta"]["webhook"]["event"] = "event.published"

    delivery = webhooks.parse(document)

    assert delivery.event_id == EVENT_ID
    assert delivery.session_id is None


def test_meta_beside_data() -> None:
    document = sample("delivery_session")
    document["meta"] = document["data"].pop("meta")

    assert webhooks.parse(document) == webhooks.parse(sample("delivery_session"))


@pytest.mark.parametrize(
    "path", [("meta",), ("meta", "webhook", "event"), ("meta", "webhook", "organization_id")]
)
def test_without_origin(path: tuple[str, ...]) -> None:
    document = sample("delivery_session")
    holder = document["data"]
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]

    with pytest.raises(LivestormFailure) as failed:
        webhooks.parse(document)
    assert failed.value.kind is FailureKind.UNREADABLE


@given(any_json | spoiled("delivery_session") | spoiled("delivery_people"))
def test_any_json_is_read_or_unreadable(value: object) -> None:
    try:
        delivery = webhooks.parse(value)
    except LivestormFailure as failure:
        kind = failure.kind
    else:
        assert all((delivery.event, delivery.organization_id, delivery.object_id))
        return
    assert kind is FailureKind.UNREADABLE


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    with pytest.raises(LivestormFailure) as failed:
        webhooks.parse_body(body)
    assert failed.value.kind is FailureKind.UNREADABLE
