"""People, bulk jobs and users (docs/livestorm.md §3.1, §3.2, §3.5 to §3.7)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import people
from sandbox.livestorm.records import Field
from tests.sandbox.livestorm.conftest import Api


@pytest.fixture
def session_id(api: Api) -> str:
    return api.event_with_session()[1]


def test_register(sim: LivestormSimulator, api: Api, session_id: str) -> None:
    """§3.1, §3.5: 201 with registrant_detail; e-mail alone is enough."""
    answer = api.register(session_id, "ada@b.test")
    assert answer.status_code == 201
    person = answer.json()["data"]
    assert person["type"] == "people"
    attributes = person["attributes"]
    assert (attributes["role"], attributes["email"]) == ("participant", "ada@b.test")
    detail = attributes["registrant_detail"]
    assert re.fullmatch(r"[0-9a-f]{22}", detail["password_key"])
    assert detail["registration_type"] == "API"
    assert detail["session_id"] == session_id
    assert detail["ip_city"] is None
    assert detail["is_guest_speaker"] is False
    values = {one["id"]: one["value"] for one in detail["fields"]}
    assert values == {"email": "ada@b.test", "first_name": None, "last_name": None, "avatar": None}
    count = api.get(f"/sessions/{session_id}").json()["data"]["attributes"]["registrants_count"]
    assert count == 2  # with the host


def test_personal_link(sim: LivestormSimulator, api: Api, session_id: str) -> None:
    """§3.1, §3.2: email, key and session."""
    detail = api.register(session_id, "a+b@b.test").json()["data"]["attributes"][
        "registrant_detail"
    ]
    link = urlsplit(detail["connection_link"])
    assert detail["connection_link"].startswith(f"{sim.url}/p/{detail['event_id']}/live?email=")
    assert parse_qs(link.query) == {
        "email": ["a+b@b.test"],
        "key": [detail["password_key"]],
        "s": [session_id],
    }


def test_team_members_have_no_key(api: Api, session_id: str) -> None:
    """§3.1, §3.5."""
    attributes = api.register(session_id, "sam@acme.test").json()["data"]["attributes"]
    assert attributes["role"] == "team_member"
    detail = attributes["registrant_detail"]
    assert detail["password_key"] is None
    assert "key=" not in detail["connection_link"]


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"fields": {"email": "ada@b.test"}}, 400),
        ({"fields": [{"value": "ada@b.test"}]}, 400),
        ({"fields": ["email"]}, 400),
        ({"email": "ada@b.test"}, 422),
        ({"fields": [{"id": "email", "value": "ada"}]}, 422),
        ({"fields": [{"id": "email", "value": ""}]}, 422),
        ({"fields": [{"id": "first_name", "value": "Ada"}]}, 422),
    ],
)
def test_fields_is_an_array_with_an_email(
    api: Api, session_id: str, attributes: object, status: int
) -> None:
    """§3.5: an object is wrong, a top-level email is ignored."""
    answer = api.post(f"/sessions/{session_id}/people", "people", attributes)
    assert answer.status_code == status
    assert api.filtered(f"/sessions/{session_id}/people", role="participant") == []


def test_unknown_field(api: Api, session_id: str) -> None:
    """§1.5."""
    answer = api.register(session_id, "ada@b.test", shoe_size="38")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"] == "The field 'shoe_size' doesn't exist"


def test_single_and_multi_select(sim: LivestormSimulator, api: Api) -> None:
    """§3.5: a text for one choice, an array for several."""
    event = sim.world.add_event(
        "Form",
        starts_at=2_000_000_000,
        fields=[
            Field("email", "text", required=True),
            Field("one", "multiple", required=False, options=("a", "b")),
            Field("many", "multiple", required=False, options=("a",), multiple_answers=True),
        ],
    )
    path = f"/sessions/{event.session_ids[0]}/people"

    def register(email: str, one: object, many: object) -> int:
        values = [("email", email), ("one", one), ("many", many)]
        fields = [{"id": name, "value": value} for name, value in values]
        return api.post(path, "people", {"fields": fields}).status_code

    assert register("a@b.test", "a", ["a"]) == 201
    assert register("b@b.test", ["a"], ["a"]) == 422
    assert register("c@b.test", "a", "a") == 422


@pytest.mark.parametrize("status", [409, 422])
def test_duplicates(sim: LivestormSimulator, api: Api, session_id: str, status: int) -> None:
    """§1.5: documented 409, observed 422; the address compares whatever its case."""
    sim.switches.change({"duplicate_registration": status})
    first = api.register(session_id, "ada@b.test").json()["data"]["id"]
    answer = api.register(session_id, "ADA@b.test")
    assert answer.status_code == status
    assert "already registered" in answer.json()["errors"][0]["detail"]
    (found,) = api.filtered(f"/sessions/{session_id}/people", email="Ada@B.test")
    assert found["id"] == first


@pytest.mark.parametrize(("case", "stored"), [("lower", "ada@b.test"), ("keep", "Ada@b.test")])
def test_case_of_addresses(
    sim: LivestormSimulator, api: Api, session_id: str, case: str, stored: str
) -> None:
    """§3.5: unknown."""
    sim.switches.change({"email_case": case})
    person = api.register(session_id, "Ada@b.test").json()["data"]
    assert person["attributes"]["email"] == stored


def test_one_person_in_several_sessions(api: Api) -> None:
    """§3.5: registering is per session, people are workspace-wide."""
    document = api.create_event("2035-06-01T10:00:00Z", "2035-06-08T10:00:00Z").json()
    ids = {
        api.register(one["id"], "ada@b.test").json()["data"]["id"] for one in document["included"]
    }
    assert len(ids) == 1
    (person,) = api.filtered("/people", email="ada@b.test")
    assert person["id"] in ids
    assert "registrant_detail" not in person["attributes"]
    assert api.get(f"/people/{person['id']}").json()["data"] == person
    assert api.get("/people/nobody").status_code == 404


def test_people_by_role(api: Api, session_id: str) -> None:
    """§3.5."""
    api.register(session_id, "ada@b.test")
    members = api.filtered("/people", role="team_member")
    assert {one["attributes"]["email"] for one in members} == {
        "camille@acme.test",
        "sam@acme.test",
    }


def test_anonymous_registration(sim: LivestormSimulator, api: Api) -> None:
    """§3.3: without an email field: no address needed, none mailed, a link of one's own."""
    event = sim.world.add_event(
        "Open",
        starts_at=2_000_000_000,
        fields=[Field("custom_email", "text", required=False, custom=True)],
    )
    session_id = event.session_ids[0]
    path = f"/sessions/{session_id}/people"
    fields = [{"id": "custom_email", "value": "ada@b.test"}]
    people_ = [
        api.post(path, "people", {"fields": fields}).json()["data"]["attributes"] for _ in range(2)
    ]
    addresses = [one["email"] for one in people_]
    assert len(set(addresses)) == 2
    assert all(re.fullmatch(r"\d+\+[0-9a-f-]{36}@unknown\.livestorm\.co", one) for one in addresses)
    assert "key=" in people_[0]["registrant_detail"]["connection_link"]
    assert sim.world.mails == []
    assert api.register(session_id, "ada@b.test").status_code == 422
    sim.switches.email_on_anonymous_form = "accept"
    assert api.register(session_id, "ada@b.test").status_code == 201


def test_registering_writes_to_the_registrant(
    sim: LivestormSimulator, api: Api, session_id: str
) -> None:
    """§3.5: a confirmation with the personal link; nothing to team members."""
    api.register(session_id, "sam@acme.test")
    detail = api.register(session_id, "ada@b.test").json()["data"]["attributes"][
        "registrant_detail"
    ]
    (mail,) = sim.world.mails
    assert (mail.kind, mail.to, mail.link) == (
        "confirmation",
        "ada@b.test",
        detail["connection_link"],
    )


@pytest.mark.parametrize(("rule", "status"), [("422", 422), ("accept", 201)])
def test_registering_after_the_end(
    sim: LivestormSimulator, api: Api, session_id: str, rule: str, status: int
) -> None:
    """§3.5: the session should be upcoming."""
    sim.switches.change({"register_after_end": rule})
    record = sim.world.sessions[session_id]
    record.started_at, record.ended_at = 1_000, 2_000
    assert api.register(session_id, "ada@b.test").status_code == status


def test_update_a_registrant(api: Api, session_id: str) -> None:
    """§3.5."""
    person_id = api.register(session_id, "ada@b.test").json()["data"]["id"]
    path = f"/sessions/{session_id}/people/{person_id}"
    fields = [{"id": "first_name", "value": "Ada"}]
    assert api.patch(path, "people", {"fields": fields}).status_code == 200
    assert api.get(path).json()["data"]["attributes"]["first_name"] == "Ada"
    wrong = [{"id": "shoe_size", "value": "38"}]
    assert api.patch(path, "people", {"fields": wrong}).status_code == 422


@pytest.mark.parametrize("by", ["id", "email"])
def test_remove(api: Api, session_id: str, by: str) -> None:
    """§3.5: by id or by filter[email]; the link is dead, registering again gives a new key."""
    first = api.register(session_id, "ada@b.test").json()["data"]
    path = f"/sessions/{session_id}/people"
    target = f"{path}/{first['id']}" if by == "id" else f"{path}?filter[email]=ada@b.test"
    assert api.delete(target).status_code == 204
    assert api.filtered(path, email="ada@b.test") == []
    assert api.get(f"{path}/{first['id']}").status_code == 404
    link = first["attributes"]["registrant_detail"]["connection_link"]
    assert api.session.get(link).status_code == 403
    again = api.register(session_id, "ada@b.test").json()["data"]
    key = "password_key"
    assert (
        again["attributes"]["registrant_detail"][key]
        != first["attributes"]["registrant_detail"][key]
    )


@pytest.mark.parametrize("status", [404, 204])
def test_remove_a_stranger(sim: LivestormSimulator, api: Api, session_id: str, status: int) -> None:
    """§3.5: unknown."""
    sim.switches.change({"remove_unknown_person": status})
    path = f"/sessions/{session_id}/people"
    assert api.delete(f"{path}?filter[email]=nobody@b.test").status_code == status
    assert api.delete(f"{path}/nobody").status_code == status
    assert api.delete(path).status_code == 400


@pytest.mark.parametrize(("scope", "left"), [("session", 1), ("event", 0)])
def test_extent_of_removing(sim: LivestormSimulator, api: Api, scope: str, left: int) -> None:
    """§3.5: the UI removes from all sessions, the API is unknown."""
    sim.switches.change({"remove_person_scope": scope})
    document = api.create_event("2035-06-01T10:00:00Z", "2035-06-08T10:00:00Z").json()
    first, second = [one["id"] for one in document["included"]]
    for session_id in (first, second):
        api.register(session_id, "ada@b.test")
    api.delete(f"/sessions/{first}/people?filter[email]=ada@b.test")
    assert len(api.filtered(f"/sessions/{second}/people", email="ada@b.test")) == left


def test_registrant_filters(sim: LivestormSimulator, api: Api, session_id: str) -> None:
    """§3.5: role, attended, email, dates."""
    api.register(session_id, "ada@b.test")
    path = f"/sessions/{session_id}/people"
    assert len(api.filtered(path, role="participant")) == 1
    assert api.filtered(path, attended="true") == []
    assert len(api.filtered(path, attended="false", role="participant")) == 1
    assert api.filtered(path, created_until=1) == []
    assert len(api.filtered(path, updated_since=1)) == 2


def test_guest_speakers_are_read_only(sim: LivestormSimulator, api: Api, session_id: str) -> None:
    """§3.5: no API makes one; the flag shows what somebody did at the dashboard."""
    session = sim.world.sessions[session_id]
    people.invite_guest_speaker(sim.world, sim.world.workspace, session, "alex@b.test", "Alex Doe")
    (speaker,) = api.filtered(f"/sessions/{session_id}/people", email="alex@b.test")
    assert speaker["attributes"]["registrant_detail"]["is_guest_speaker"] is True
    assert speaker["attributes"]["first_name"] == "Alex"


def test_people_attributes(api: Api) -> None:
    """§3.5: slugs that fields[].id takes; sort=-name."""
    names = [
        one["attributes"]["name"]
        for one in api.get("/people_attributes", sort="-name").json()["data"]
    ]
    assert names == sorted(names, reverse=True)
    slugs = [one["attributes"]["slug"] for one in api.get("/people_attributes").json()["data"]]
    assert "email" in slugs


# Bulk (§3.5, §3.6)


def bulk(api: Api, session_id: str, *emails: str) -> dict[str, object]:
    tasks = [{"fields": [{"id": "email", "value": email}]} for email in emails]
    answer = api.post(f"/sessions/{session_id}/people/bulk", "jobs", {"tasks": tasks})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def job_id(document: dict[str, object]) -> str:
    data = document.get("data", document)
    assert isinstance(data, dict)
    return str(data["id"])


def test_a_job_is_processing_then_ended(sim: LivestormSimulator, api: Api, session_id: str) -> None:
    """§3.6."""
    document = bulk(api, session_id, "ada@b.test", "bob@b.test")
    data = document["data"]
    assert isinstance(data, dict)
    assert data["attributes"]["status"] == "processing"
    assert data["attributes"]["total_tasks"] == 2
    assert data["attributes"]["organization_id"] == sim.world.workspace.id
    path = f"/jobs/{job_id(document)}"
    assert api.get(path).json()["data"]["attributes"]["total_processed_items"] == 0
    assert sim.settle()
    attributes = api.get(path).json()["data"]["attributes"]
    assert attributes["status"] == "ended"
    assert (attributes["total_items"], attributes["total_processed_items"]) == (2, 2)
    assert (attributes["total_success"], attributes["total_fail"]) == (2, 0)
    tasks = api.get(f"{path}/tasks").json()["data"]
    assert {one["attributes"]["status"] for one in tasks} == {"succeeded"}
    registrant = tasks[0]["attributes"]["registrant"]["attributes"]
    assert registrant["registrant_detail"]["connection_link"]


def test_a_job_with_a_failure_is_failed_but_registers_the_others(
    sim: LivestormSimulator, api: Api, session_id: str
) -> None:
    """§3.6: each task has its own outcome."""
    sim.switches.job_seconds = 0.0
    sim.switches.job_counters = "succeeded_failed"
    api.register(session_id, "ada@b.test")
    path = f"/jobs/{job_id(bulk(api, session_id, 'ada@b.test', 'bob@b.test', 'nonsense'))}"
    attributes = api.get(path).json()["data"]["attributes"]
    assert attributes["status"] == "failed"
    assert (attributes["total_succeeded"], attributes["total_failed"]) == (1, 2)
    tasks = api.get(f"{path}/tasks").json()["data"]
    assert [one["attributes"]["status"] for one in tasks] == ["failed", "succeeded", "failed"]
    assert "already registered" in tasks[0]["attributes"]["errors"][0]["detail"]
    assert len(api.filtered(f"/sessions/{session_id}/people", email="bob@b.test")) == 1


@pytest.mark.parametrize("status", [422, 400])
def test_fifty_tasks_at_most(
    sim: LivestormSimulator, api: Api, session_id: str, status: int
) -> None:
    """§3.5."""
    sim.switches.change({"bulk_over_limit": status, "job_seconds": 0.0})
    tasks = [{"fields": [{"id": "email", "value": f"p{n}@b.test"}]} for n in range(51)]
    path = f"/sessions/{session_id}/people/bulk"
    assert api.post(path, "jobs", {"tasks": tasks}).status_code == status
    assert api.post(path, "jobs", {"tasks": tasks[:50]}).status_code == 202
    assert len(sim.world.sessions[session_id].participants) == 50


def test_the_nested_form_of_tasks(sim: LivestormSimulator, api: Api, session_id: str) -> None:
    """§3.5: the page's text and the specification differ; by default its fields are not seen."""
    sim.switches.job_seconds = 0.0
    path = f"/sessions/{session_id}/people/bulk"
    task = {"attributes": {"fields": [{"id": "email", "value": "ada@b.test"}]}}
    api.post(path, "jobs", {"tasks": [task]})
    assert sim.world.sessions[session_id].participants == []
    sim.switches.bulk_nested_tasks = "accept"
    api.post(path, "jobs", {"tasks": [task]})
    assert len(sim.world.sessions[session_id].participants) == 1


@pytest.mark.parametrize("attributes", [{}, {"tasks": []}, {"tasks": {}}, {"tasks": ["x"]}])
def test_tasks_are_an_array(api: Api, session_id: str, attributes: object) -> None:
    """§1.5."""
    path = f"/sessions/{session_id}/people/bulk"
    assert api.post(path, "jobs", attributes).status_code == 400


def test_a_created_job_may_come_without_data(
    sim: LivestormSimulator, api: Api, session_id: str
) -> None:
    """§3.6: the page's sample."""
    sim.switches.job_document = "top_level"
    document = bulk(api, session_id, "ada@b.test")
    assert "data" not in document
    assert api.get(f"/jobs/{document['id']}").status_code == 200
    assert sim.settle()


def test_pages_of_tasks_break(sim: LivestormSimulator, api: Api, session_id: str) -> None:
    """§1.4: 500 on any page parameter."""
    sim.switches.job_seconds = 0.0
    path = f"/jobs/{job_id(bulk(api, session_id, 'ada@b.test'))}/tasks"
    paged = {"page[size]": 50}
    assert api.session.get(api.base + path, params=paged).status_code == 500
    sim.switches.tasks_page_fails = False
    assert api.session.get(api.base + path, params=paged).status_code == 200
    assert api.get("/jobs/none").status_code == 404


# Users (§3.7)


def test_users(sim: LivestormSimulator, api: Api) -> None:
    """§3.7: filters, invitation, removal; the e-mail filter fails on some tokens."""
    (camille,) = api.filtered("/users", role="host")
    assert camille["attributes"]["email"] == "camille@acme.test"
    assert len(api.filtered("/users", email="SAM@acme.test")) == 1
    invited = api.post("/users", "users", {"email": "kim@acme.test", "role": "moderator"})
    assert invited.status_code == 201
    assert len(api.filtered("/users", pending_invite="true")) == 1
    assert (
        api.post("/users", "users", {"email": "kim@acme.test", "role": "host"}).status_code == 422
    )
    assert api.post("/users", "users", {"email": "x", "role": "host"}).status_code == 422
    assert api.post("/users", "users", {"email": "y@b.test", "role": "king"}).status_code == 422
    assert api.delete(f"/users/{invited.json()['data']['id']}").status_code == 204
    assert len(api.filtered("/users")) == 2
    sim.switches.users_email_filter_fails = True
    assert (
        api.session.get(f"{api.base}/users", params={"filter[email]": "sam@acme.test"}).status_code
        == 500
    )


def test_who_leaves_loses_their_grants(api: Api, sam: Api) -> None:
    """§2, §3.7."""
    (user,) = api.filtered("/users", email="sam@acme.test")
    api.delete(f"/users/{user['id']}")
    assert sam.get("/ping").status_code == 401
