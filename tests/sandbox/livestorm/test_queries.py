"""Pages, filters and includes (docs/livestorm.md §1.3, §1.4)."""

import pytest
import time_machine

from sandbox.livestorm import LivestormSimulator
from tests.sandbox.livestorm.conftest import Api


def add(sim: LivestormSimulator, count: int) -> None:
    for number in range(count):
        sim.world.add_event(f"Event {number}")


def test_pages_start_at_zero_with_twenty(sim: LivestormSimulator, api: Api) -> None:
    """§1.4."""
    add(sim, 45)
    document = api.get("/events").json()
    assert len(document["data"]) == 20
    assert document["meta"] == {
        "current_page": 0,
        "previous_page": None,
        "next_page": 1,
        "record_count": 45,
        "page_count": 3,
        "items_per_page": 20,
    }
    last = api.session.get(f"{api.base}/events", params={"page[number]": 2}).json()
    assert len(last["data"]) == 5
    assert (last["meta"]["previous_page"], last["meta"]["next_page"]) == (1, None)


def test_pages_do_not_overlap(sim: LivestormSimulator, api: Api) -> None:
    """§1.4."""
    add(sim, 45)
    seen = [
        one["id"]
        for number in range(3)
        for one in api.session.get(f"{api.base}/events", params={"page[number]": number}).json()[
            "data"
        ]
    ]
    assert len(set(seen)) == 45


@pytest.mark.parametrize("page", ["1", "-1", "x"])
def test_a_page_that_does_not_exist_is_400(api: Api, page: str) -> None:
    """§1.4."""
    answer = api.session.get(f"{api.base}/events", params={"page[number]": page})
    assert answer.status_code == 400


def test_an_empty_listing_has_a_first_page(api: Api) -> None:
    """§1.4."""
    document = api.get("/events").json()
    assert (document["data"], document["meta"]["record_count"]) == ([], 0)


@pytest.mark.parametrize(("rule", "found"), [("clamp", 50), ("honour", 60), ("400", None)])
def test_page_size_over_fifty(
    sim: LivestormSimulator, api: Api, rule: str, found: int | None
) -> None:
    """§1.4: documented maximum 50, what is beyond is unknown."""
    sim.switches.change({"page_size_over_cap": rule})
    add(sim, 60)
    answer = api.session.get(f"{api.base}/events", params={"page[size]": 100})
    assert answer.status_code == (200 if found else 400)
    if found:
        assert len(answer.json()["data"]) == found
    fifty = api.session.get(f"{api.base}/events", params={"page[size]": 50})
    assert len(fifty.json()["data"]) == 50


@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
def test_order_is_a_switch(sim: LivestormSimulator, api: Api, order: str) -> None:
    """§1.4: the order of listings is not documented."""
    sim.switches.change({"list_order": order})
    add(sim, 3)
    titles = [one["attributes"]["title"] for one in api.filtered("/events")]
    expected = ["Event 0", "Event 1", "Event 2"]
    assert titles == (expected if order == "oldest_first" else expected[::-1])


@pytest.mark.parametrize("since", ["1900000100", "2030-03-17T17:48:20Z"])
def test_dates_are_unix_or_iso(sim: LivestormSimulator, api: Api, since: str) -> None:
    """§1.4."""
    with time_machine.travel(1_900_000_000, tick=False) as clock:
        sim.world.add_event("Old")
        clock.shift(100)
        sim.world.add_event("New")
        titles = [
            one["attributes"]["title"] for one in api.filtered("/events", created_since=since)
        ]
        assert titles == ["New"]
        old = api.filtered("/events", created_until=1_900_000_050)
        assert [one["attributes"]["title"] for one in old] == ["Old"]
        sim.switches.since_inclusive = False
        assert api.filtered("/events", created_since=since) == []


def test_a_date_that_is_none_is_400(api: Api) -> None:
    """§1.5."""
    answer = api.session.get(f"{api.base}/events", params={"filter[updated_since]": "soon"})
    assert answer.status_code == 400


def test_updated_since_finds_what_changed(sim: LivestormSimulator, api: Api) -> None:
    """§3.3, §4: polling is how changes are found."""
    with time_machine.travel(1_900_000_000, tick=False) as clock:
        event_id, _ = api.event_with_session()
        sim.world.add_event("Quiet")
        clock.shift(60)
        assert api.filtered("/events", updated_since=1_900_000_030) == []
        api.patch(f"/events/{event_id}", "events", {"title": "Changed"})
        (found,) = api.filtered("/events", updated_since=1_900_000_030)
        assert found["attributes"]["updated_at"] == 1_900_000_060
        clock.shift(60)
        api.patch(f"/events/{event_id}", "events", {"title": "Changed"})
        assert api.filtered("/events", updated_since=1_900_000_090) == []


def test_title_filter(sim: LivestormSimulator, api: Api) -> None:
    """§3.3: how it compares is unknown."""
    sim.world.add_event("Product demo")
    assert len(api.filtered("/events", title="demo")) == 1
    sim.switches.title_filter = "exact"
    assert api.filtered("/events", title="demo") == []
    assert len(api.filtered("/events", title="product demo")) == 1


def test_event_filters(sim: LivestormSimulator, api: Api) -> None:
    """§3.3: everyone_can_speak, scheduling_status, tag."""
    event_id, _ = api.event_with_session(everyone_can_speak=True)
    sim.world.add_event("Other")
    api.post(f"/events/{event_id}/tags", "tags", {"title": "Sales"})
    for filters in (
        {"everyone_can_speak": "true"},
        {"scheduling_status": "upcoming"},
        {"tag": "sales,other"},
    ):
        (found,) = api.filtered("/events", **filters)
        assert found["id"] == event_id, filters


def test_include_gives_relationships_and_resources_once(api: Api) -> None:
    """§1.3, §1.4."""
    event_id, session_id = api.event_with_session()
    document = api.get(f"/events/{event_id}", include="sessions,tags").json()
    assert document["data"]["relationships"]["sessions"]["data"] == [
        {"type": "sessions", "id": session_id}
    ]
    assert document["data"]["relationships"]["tags"]["data"] == []
    assert [one["id"] for one in document["included"]] == [session_id]
    bare = api.get(f"/events/{event_id}").json()
    assert "included" not in bare
    assert "relationships" not in bare["data"]
    listed = api.get("/events", include="sessions").json()
    assert [one["id"] for one in listed["included"]] == [session_id]


def test_sessions_include_event_and_people(api: Api) -> None:
    """§1.4."""
    event_id, session_id = api.event_with_session()
    api.register(session_id, "ada@b.test")
    document = api.get(f"/sessions/{session_id}", include="event,people").json()
    kinds = [one["type"] for one in document["included"]]
    assert kinds == ["events", "people", "people"]
    people = api.get(f"/sessions/{session_id}/people", include="event,session").json()
    assert {one["id"] for one in people["included"]} == {event_id, session_id}


def test_unknown_filters_and_includes(sim: LivestormSimulator, api: Api) -> None:
    """§1.4: unknown."""
    assert api.get("/events", include="speakers").status_code == 200
    sim.switches.unknown_query = "400"
    assert api.get("/events", include="speakers").status_code == 400
    answer = api.session.get(f"{api.base}/events", params={"filter[slug]": "x"})
    assert answer.status_code == 400
