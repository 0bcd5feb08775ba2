"""Events (docs/livestorm.md §3.1, §3.3)."""

import uuid

import pytest

from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.records import Field
from tests.sandbox.livestorm.conftest import Api


def test_event_and_session_in_one_call(sim: LivestormSimulator, api: Api) -> None:
    """§1.3, §3.3: relationships.sessions is a bare array; the answer is standard JSON:API."""
    answer = api.create_event("2035-06-01T10:00:00Z", everyone_can_speak=True)
    assert answer.status_code == 201
    document = answer.json()
    event, (session,) = document["data"], document["included"]
    assert event["relationships"]["sessions"]["data"] == [{"type": "sessions", "id": session["id"]}]
    attributes = event["attributes"]
    assert attributes["title"] == "Launch"
    assert attributes["status"] == "published"
    assert attributes["everyone_can_speak"] is True
    assert attributes["sessions_count"] == 1
    assert attributes["scheduling_status"] == "upcoming"
    assert attributes["registration_link"] == f"{sim.url}/p/{event['id']}"
    assert session["attributes"]["event_id"] == event["id"]


def test_ids_are_uuids_and_times_are_unix_integers(api: Api) -> None:
    """§1.3: never is 0, a session's duration null."""
    document = api.create_event("2035-06-01T10:00:00Z", status="draft").json()
    event, session = document["data"], document["included"][0]
    for one in (event, session, event["attributes"]["owner"]):
        uuid.UUID(one["id"])
    assert isinstance(event["attributes"]["created_at"], int)
    assert event["attributes"]["published_at"] == 0
    for name in ("started_at", "ended_at", "canceled_at"):
        assert session["attributes"][name] == 0
    assert session["attributes"]["duration"] is None


def test_attributes_of_an_event(api: Api) -> None:
    """§3.1: every documented attribute, the defaults of the form."""
    attributes = api.create_event().json()["data"]["attributes"]
    assert set(attributes) == {
        "title",
        "slug",
        "registration_link",
        "estimated_duration",
        "registration_page_enabled",
        "detailed_registration_page_enabled",
        "light_registration_page_enabled",
        "everyone_can_speak",
        "description",
        "status",
        "recording_enabled",
        "recording_public",
        "show_in_company_page",
        "chat_enabled",
        "polls_enabled",
        "questions_enabled",
        "language",
        "published_at",
        "scheduling_status",
        "created_at",
        "updated_at",
        "owner",
        "sessions_count",
        "fields",
    }
    assert attributes["estimated_duration"] == 30
    assert attributes["scheduling_status"] == "not_scheduled"
    assert [(one["id"], one["required"]) for one in attributes["fields"]] == [
        ("email", True),
        ("first_name", True),
        ("last_name", True),
        ("avatar", False),
    ]
    assert attributes["owner"]["type"] == "people"
    assert attributes["owner"]["attributes"]["email"] == "camille@acme.test"
    assert attributes["owner"]["attributes"]["role"] == "team_member"


def test_a_stray_type_beside_the_sessions_is_taken(api: Api) -> None:
    """§3.3: the changelog's own sample."""
    session = {"type": "sessions", "attributes": {"estimated_started_at": "2035-01-01 10:00:00"}}
    relationships = {"type": "sessions", "sessions": [session]}
    attributes = {"title": "T", "owner_id": api.people_id("sam@acme.test")}
    answer = api.post("/events", "events", attributes, relationships=relationships)
    assert answer.status_code == 201
    assert len(answer.json()["included"]) == 1


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"data": []}', b'{"data": {"attributes": 1}}', b""]
)
def test_a_malformed_body_is_400(api: Api, body: bytes) -> None:
    """§1.5."""
    answer = api.session.post(
        f"{api.base}/events", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "400"


def test_sessions_in_a_data_wrapper_are_no_array(api: Api) -> None:
    """§1.3: standard JSON:API is what the request must not use."""
    attributes = {"title": "T", "owner_id": api.people_id("sam@acme.test")}
    answer = api.post("/events", "events", attributes, relationships={"sessions": {"data": []}})
    assert answer.status_code == 400


def test_owner_is_a_people_id(sim: LivestormSimulator, api: Api, sam: Api) -> None:
    """§3.3: 422 Team member not found; a user id is not a people id unless the switch says so."""
    user_id = sam.get("/me").json()["data"]["id"]
    _, session_id = api.event_with_session()
    guest_id = api.register(session_id, "guest@b.test").json()["data"]["id"]
    for wrong in (str(uuid.uuid4()), user_id, guest_id):
        answer = api.create_event(owner_id=wrong)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["detail"] == "Team member not found"
    sim.switches.user_ids_equal_people_ids = True
    assert api.create_event(owner_id=sam.get("/me").json()["data"]["id"]).status_code == 201


def test_owner_missing_is_a_switch(sim: LivestormSimulator, api: Api, sam: Api) -> None:
    """§3.3."""
    assert api.post("/events", "events", {"title": "T"}).status_code == 422
    sim.switches.owner_missing = "default_owner"
    owners = [
        one.post("/events", "events", {"title": "T"}).json()["data"]["attributes"]["owner"]
        for one in (api, sam)
    ]
    assert [one["attributes"]["email"] for one in owners] == [
        "camille@acme.test",
        "sam@acme.test",
    ]


def template(sim: LivestormSimulator) -> str:
    return sim.world.add_event(
        "Template",
        description="<p>Hello</p>",
        language="fr",
        estimated_duration=45,
        everyone_can_speak=False,
        chat_enabled=False,
        recording_enabled=False,
        starts_at=2_000_000_000,
        fields=[Field("email", "text", required=True), Field("team", "text", required=False)],
    ).id


def test_copy_takes_settings_fields_and_duration(sim: LivestormSimulator, api: Api) -> None:
    """§3.3: copy_from_event_id; what the request names wins, sessions are not copied."""
    answer = api.create_event(copy_from_event_id=template(sim), title="Mine")
    attributes = answer.json()["data"]["attributes"]
    assert answer.status_code == 201
    assert attributes["title"] == "Mine"
    assert attributes["estimated_duration"] == 45
    assert attributes["language"] == "fr"
    assert attributes["description"] == "<p>Hello</p>"
    assert not attributes["chat_enabled"]
    assert not attributes["recording_enabled"]
    assert [one["id"] for one in attributes["fields"]] == ["email", "team"]
    assert attributes["sessions_count"] == 0
    speaking = api.create_event(copy_from_event_id=template(sim), everyone_can_speak=True)
    assert speaking.json()["data"]["attributes"]["everyone_can_speak"] is True


def test_what_is_copied_is_switched(sim: LivestormSimulator, api: Api) -> None:
    """§3.3, §7: not enumerated anywhere."""
    sim.switches.change({"copy_description": False, "copy_duration": False, "copy_fields": False})
    attributes = api.create_event(copy_from_event_id=template(sim)).json()["data"]["attributes"]
    assert attributes["description"] is None
    assert attributes["estimated_duration"] == 30
    assert [one["id"] for one in attributes["fields"]][:2] == ["email", "first_name"]
    assert not attributes["chat_enabled"]


@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_template_is_none(api: Api, nothing: str | None) -> None:
    """§3.3: integrations in production send an empty text."""
    assert api.create_event(copy_from_event_id=nothing).status_code == 201


@pytest.mark.parametrize(("rule", "status"), [("422", 422), ("404", 404), ("ignore", 201)])
def test_an_unknown_template(sim: LivestormSimulator, api: Api, rule: str, status: int) -> None:
    """§3.3: unknown."""
    sim.switches.change({"copy_unknown_event": rule})
    assert api.create_event(copy_from_event_id=str(uuid.uuid4())).status_code == status


def test_slugs(sim: LivestormSimulator, api: Api) -> None:
    """§3.3: what a clash does is unknown."""
    slugs = [
        api.create_event(slug="spring-gcal-1").json()["data"]["attributes"]["slug"]
        for _ in range(2)
    ]
    assert slugs == ["spring-gcal-1", "spring-gcal-1-2"]
    sim.switches.slug_clash = "422"
    assert api.create_event(slug="spring-gcal-1").status_code == 422
    assert len(sim.world.events) == 2


@pytest.mark.parametrize("name", ["estimated_duration", "language", "fields"])
@pytest.mark.parametrize("rule", ["ignore", "accept", "400"])
def test_attributes_that_are_not_writable(
    sim: LivestormSimulator, api: Api, name: str, rule: str
) -> None:
    """§3.3: not in the writable list; what happens is unknown."""
    sim.switches.change({f"{name}_write": rule})
    event_id, _ = api.event_with_session()
    value: object = {
        "estimated_duration": 90,
        "language": "fr",
        "fields": [{"id": "email", "required": True}],
    }[name]
    before = api.get(f"/events/{event_id}").json()["data"]["attributes"][name]
    answer = api.patch(f"/events/{event_id}", "events", {name: value})
    after = api.get(f"/events/{event_id}").json()["data"]["attributes"][name]
    assert answer.status_code == (400 if rule == "400" else 200)
    assert (after != before) == (rule == "accept")


def test_unknown_attributes(sim: LivestormSimulator, api: Api) -> None:
    """§6."""
    assert api.create_event(colour="red").status_code == 201
    sim.switches.unknown_attribute = "400"
    assert api.create_event(colour="red").status_code == 400


def test_the_older_page_switch(api: Api) -> None:
    """§3.3: registration_page_enabled false closes both pages."""
    attributes = api.create_event(registration_page_enabled=False).json()["data"]["attributes"]
    assert attributes["registration_page_enabled"] is False
    assert attributes["detailed_registration_page_enabled"] is False


def test_patch_changes_only_what_it_names(api: Api) -> None:
    """§3.3."""
    event_id, _ = api.event_with_session(description="<p>Old</p>", chat_enabled=False)
    answer = api.patch(f"/events/{event_id}", "events", {"title": "New"})
    attributes = answer.json()["data"]["attributes"]
    assert answer.status_code == 200
    assert (attributes["title"], attributes["description"]) == ("New", "<p>Old</p>")
    assert attributes["chat_enabled"] is False


def test_patch_publishes(api: Api) -> None:
    """§3.3: published_at is set then, draft sessions become upcoming."""
    event_id, session_id = api.event_with_session(status="draft")
    assert api.get(f"/sessions/{session_id}").json()["data"]["attributes"]["status"] == "draft"
    attributes = api.patch(f"/events/{event_id}", "events", {"status": "published"}).json()["data"][
        "attributes"
    ]
    assert attributes["published_at"] > 0
    assert api.get(f"/sessions/{session_id}").json()["data"]["attributes"]["status"] == "upcoming"


def test_patch_owner(api: Api) -> None:
    """§3.3."""
    event_id, _ = api.event_with_session()
    sam = api.people_id("sam@acme.test")
    changed = api.patch(f"/events/{event_id}", "events", {"owner_id": sam}).json()
    assert changed["data"]["attributes"]["owner"]["id"] == sam
    wrong = api.patch(f"/events/{event_id}", "events", {"owner_id": str(uuid.uuid4())})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"title": ""}, 422),
        ({"title": 5}, 400),
        ({"chat_enabled": "yes"}, 400),
        ({"status": "hidden"}, 422),
    ],
)
def test_wrong_values_change_nothing(
    sim: LivestormSimulator, api: Api, attributes: dict[str, object], status: int
) -> None:
    """§1.5."""
    event_id, _ = api.event_with_session()
    assert api.patch(f"/events/{event_id}", "events", attributes).status_code == status
    assert sim.world.events[event_id].title == "Launch"


@pytest.mark.parametrize(("rule", "kept"), [("keep", "<p>Old</p>"), ("reset", None)])
def test_put_omitted_attributes(
    sim: LivestormSimulator, api: Api, rule: str, kept: str | None
) -> None:
    """§3.3: undocumented."""
    sim.switches.change({"put_omitted": rule})
    event_id, _ = api.event_with_session(description="<p>Old</p>")
    body = {"data": {"type": "events", "attributes": {"title": "New"}}}
    answer = api.send("PUT", f"/events/{event_id}", body)
    assert answer.json()["data"]["attributes"]["description"] == kept


def test_stored_description_is_a_switch(sim: LivestormSimulator, api: Api) -> None:
    """§3.3."""
    sim.switches.description_stored = "wrapped"
    texts = [
        api.create_event(description=one).json()["data"]["attributes"]["description"]
        for one in ("a <b>b</b>", "<p>c</p>")
    ]
    assert texts == ["<p>a <b>b</b></p>", "<p>c</p>"]


def test_delete(sim: LivestormSimulator, api: Api) -> None:
    """§3.3: 204, then 404; its sessions go too."""
    event_id, session_id = api.event_with_session()
    answer = api.delete(f"/events/{event_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    missing = api.get(f"/events/{event_id}")
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["detail"] == "Event Not found"
    assert api.get(f"/sessions/{session_id}").status_code == 404
    assert api.delete(f"/events/{event_id}").status_code == 404


@pytest.mark.parametrize(
    ("rule", "having", "status"),
    [
        ("refuse_with_registrants", "registrant", 422),
        ("refuse_with_registrants", "nothing", 204),
        ("refuse_live", "live", 422),
        ("refuse_live", "registrant", 204),
        ("delete", "live", 204),
    ],
)
def test_delete_rules(
    sim: LivestormSimulator, api: Api, rule: str, having: str, status: int
) -> None:
    """§3.3: refusals are unknown."""
    sim.switches.change({"delete_event": rule})
    event_id, session_id = api.event_with_session()
    if having == "registrant":
        api.register(session_id, "ada@b.test")
    if having == "live":
        sim.world.sessions[session_id].started_at = sim.world.stamp()
    assert api.delete(f"/events/{event_id}").status_code == status


def test_tags(api: Api) -> None:
    """§3.3: deleting detaches only."""
    event_id, _ = api.event_with_session()
    assert api.post(f"/events/{event_id}/tags", "tags", {"title": "Sales"}).status_code == 201
    included = api.get(f"/events/{event_id}", include="tags").json()["included"]
    assert [one["attributes"]["title"] for one in included] == ["Sales"]
    body = {"data": {"type": "tags", "attributes": {"title": "sales"}}}
    assert api.send("DELETE", f"/events/{event_id}/tags", body).status_code == 204
    assert "included" not in api.get(f"/events/{event_id}", include="tags").json()


def test_event_people(sim: LivestormSimulator, api: Api) -> None:
    """§3.3: one row a session or one a person is unknown."""
    document = api.create_event("2035-06-01T10:00:00Z", "2035-06-08T10:00:00Z").json()
    event_id = document["data"]["id"]
    for session in document["included"]:
        person = api.register(session["id"], "ada@b.test").json()["data"]["id"]
    path = f"/events/{event_id}/people"
    assert len(api.filtered(path, role="participant")) == 2
    sim.switches.event_people_rows = "per_person"
    assert [one["id"] for one in api.filtered(path, email="ADA@b.test")] == [person]
    assert api.get(f"{path}/{person}").json()["data"]["id"] == person
    assert api.get(f"{path}/nobody").status_code == 404
