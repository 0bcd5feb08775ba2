"""Guests: copies, answers, permissions, groups. Concept inviting-attendees-to-events."""

from sandbox.google import GoogleSimulator
from tests.sandbox.google.client import CalendarClient, event, reason

SAM, GUEST = "sam@acme.test", "guest@partner.test"


def answers(resource: dict[str, object]) -> dict[str, str]:
    """Address → responseStatus."""
    entries = resource.get("attendees", [])
    assert isinstance(entries, list)
    return {entry["email"]: entry["responseStatus"] for entry in entries}


def invited(camille: CalendarClient, **fields: object) -> str:
    """The id of an event of camille's with two guests."""
    body = event(attendees=[{"email": SAM}, {"email": GUEST}], **fields)
    return str(camille.inserted(body)["id"])


def test_a_guest_has_a_copy_with_the_same_id(camille: CalendarClient, sam: CalendarClient) -> None:
    """Same id and iCalUID on every guest's primary calendar, its own etag."""
    event_id = invited(camille)
    copy, original = sam.get(event_id).json(), camille.get(event_id).json()
    assert (copy["id"], copy["iCalUID"]) == (original["id"], original["iCalUID"])
    assert copy["etag"] != original["etag"]
    assert "self" not in copy["organizer"]
    assert [entry.get("self") for entry in copy["attendees"]] == [True, None]
    assert answers(copy) == {SAM: "needsAction", GUEST: "needsAction"}


def test_only_the_answer_flows_back(
    google: GoogleSimulator, camille: CalendarClient, sam: CalendarClient
) -> None:
    """An answer reaches the organizer and the other guests; a title does not."""
    event_id = invited(camille)
    before = camille.get(event_id).json()
    change = {"summary": "Mine", "attendees": [{"email": SAM, "responseStatus": "accepted"}]}
    assert sam.patch(event_id, change).json()["summary"] == "Mine"
    after = camille.get(event_id).json()
    assert (after["summary"], after["sequence"]) == ("Webinar", before["sequence"])
    assert answers(after) == {SAM: "accepted", GUEST: "needsAction"}
    assert answers(google.world.event(GUEST, event_id))[SAM] == "accepted"
    camille.patch(event_id, {"summary": "Again"})
    assert sam.get(event_id).json()["summary"] == "Again"


def test_a_guest_cannot_invite_by_rewriting_the_list(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """The guest list is the organizer's."""
    event_id = invited(camille)
    sam.patch(event_id, {"attendees": [{"email": SAM}, {"email": "new@x.test"}]})
    assert set(answers(camille.get(event_id).json())) == {SAM, GUEST}


def test_a_guest_who_may_modify_changes_everybodys_event(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """GuestsCanModify."""
    event_id = invited(camille, guestsCanModify=True)
    assert sam.patch(event_id, {"summary": "Ours"}).json()["summary"] == "Ours"
    assert camille.get(event_id).json()["summary"] == "Ours"


def test_guests_may_not_set_the_shared_flags(camille: CalendarClient, sam: CalendarClient) -> None:
    """Guide errors: 403 forbiddenForNonOrganizer; a PUT without them counts as setting defaults."""
    event_id = invited(camille, guestsCanInviteOthers=False)
    refused = (403, "forbiddenForNonOrganizer")
    assert reason(sam.patch(event_id, {"guestsCanModify": True})) == refused
    assert reason(sam.update(event_id, event())) == refused
    assert sam.patch(event_id, {"colorId": "3"}).status_code == 200


def test_patch_replaces_the_whole_list(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Arrays are overwritten: who is missing is uninvited, who is re-sent bare starts again."""
    event_id = invited(camille)
    google.world.respond(SAM, event_id, "accepted")
    rewritten = camille.patch(event_id, {"attendees": [{"email": SAM}]}).json()
    assert answers(rewritten) == {SAM: "needsAction"}
    assert google.world.event(GUEST, event_id)["status"] == "cancelled"
    google.world.respond(SAM, event_id, "accepted")
    google.switches.answers_on_rewrite = "keep"
    assert answers(camille.patch(event_id, {"attendees": [{"email": SAM}]}).json()) == {
        SAM: "accepted"
    }


def test_an_uninvited_guests_copy_is_a_bare_tombstone(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """Discovery document, Event.status: only the id is guaranteed."""
    event_id = invited(camille)
    camille.patch(event_id, {"attendees": [{"email": GUEST}]})
    assert sam.get(event_id).json().keys() == {"kind", "etag", "id", "status"}
    camille.patch(event_id, {"attendees": [{"email": GUEST}, {"email": SAM}]})
    assert sam.get(event_id).json()["summary"] == "Webinar"


def test_a_guest_who_removes_the_event_declines(
    google: GoogleSimulator, camille: CalendarClient, sam: CalendarClient
) -> None:
    """The guest's copy keeps its details and stays away when the organizer edits."""
    event_id = invited(camille)
    assert sam.delete(event_id).status_code == 204
    assert answers(camille.get(event_id).json())[SAM] == "declined"
    camille.patch(event_id, {"summary": "New"})
    left = sam.get(event_id).json()
    assert (left["status"], left["summary"]) == ("cancelled", "Webinar")


def test_deleting_the_original_deletes_the_copies(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """The organizer's deletion propagates."""
    event_id = invited(camille)
    camille.delete(event_id)
    assert sam.get(event_id).json()["status"] == "cancelled"
    assert sam.items() == []


def test_max_attendees_returns_the_participant_only(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """AttendeesOmitted on reading; on writing it lets one send one's own answer alone."""
    event_id = invited(camille)
    cut = sam.get(event_id, maxAttendees=1).json()
    assert cut["attendeesOmitted"] is True
    assert answers(cut) == {SAM: "needsAction"}
    assert "attendeesOmitted" not in sam.get(event_id, maxAttendees=2).json()
    listed = camille.items(maxAttendees=1)[0]
    assert (listed["attendeesOmitted"], "attendees" in listed) == (True, False)
    own = {"attendeesOmitted": True, "attendees": [{"email": SAM, "responseStatus": "declined"}]}
    sam.patch(event_id, own)
    assert answers(camille.get(event_id).json()) == {SAM: "declined", GUEST: "needsAction"}


def test_a_hidden_guest_list_shows_a_guest_only_itself(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """guestsCanSeeOtherGuests=false: others are missing, which is no removal."""
    event_id = invited(camille, guestsCanSeeOtherGuests=False)
    assert set(answers(sam.get(event_id).json())) == {SAM}
    assert set(answers(camille.get(event_id).json())) == {SAM, GUEST}


def test_beyond_200_guests_answers_are_not_shared(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Discovery document, Event.attendees: the organizer still sees them."""
    crowd = [{"email": f"p{number}@x.test"} for number in range(199)]
    people = [{"email": SAM}, {"email": GUEST}, *crowd]
    event_id = str(camille.inserted(event(attendees=people))["id"])
    google.world.respond(SAM, event_id, "accepted")
    assert answers(camille.get(event_id).json())[SAM] == "accepted"
    assert answers(google.world.event(GUEST, event_id))[SAM] == "needsAction"


def test_a_room_is_a_room_from_the_start_only(camille: CalendarClient) -> None:
    """Discovery document, EventAttendee.resource: settable when first added."""
    made = camille.inserted(
        event(attendees=[{"email": "room@x.test", "resource": True}, {"email": SAM}])
    )
    flags = {entry["email"]: entry.get("resource", False) for entry in made["attendees"]}
    assert flags == {"room@x.test": True, SAM: False}
    again = camille.patch(
        made["id"], {"attendees": [{"email": "room@x.test"}, {"email": SAM, "resource": True}]}
    ).json()
    flags = {entry["email"]: entry.get("resource", False) for entry in again["attendees"]}
    assert flags == {"room@x.test": True, SAM: False}


def test_a_group_is_one_guest_and_every_member_has_a_copy(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Help, invite groups: the address stays one guest; a member who answers becomes one."""
    google.world.add_group("all@acme.test", [SAM, GUEST])
    event_id = str(camille.inserted(event(attendees=[{"email": "all@acme.test"}]))["id"])
    assert google.world.event(GUEST, event_id)["summary"] == "Webinar"
    google.world.respond(SAM, event_id, "accepted")
    assert answers(camille.get(event_id).json()) == {
        "all@acme.test": "needsAction",
        SAM: "accepted",
    }


def test_preset_answers_can_be_reset(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Discovery document, responseStatus: restrictive "add invitations" settings."""
    preset = [{"email": SAM, "responseStatus": "accepted"}]
    assert answers(camille.inserted(event(attendees=preset))) == {SAM: "accepted"}
    google.switches.preset_answers = "reset"
    assert answers(camille.inserted(event(attendees=preset))) == {SAM: "needsAction"}


def test_too_many_guests_are_refused(google: GoogleSimulator, camille: CalendarClient) -> None:
    """The maximum is not documented; the switch sets one."""
    google.switches.attendee_limit = 2
    crowd = [{"email": f"p{number}@x.test"} for number in range(3)]
    assert reason(camille.insert(event(attendees=crowd))) == (400, "invalid")


def test_send_updates_decides_who_gets_mail(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """none, externalOnly (addresses without a Google account) and all."""
    people = [{"email": SAM}, {"email": "out@side.test"}]
    made = camille.inserted(event(attendees=people))
    assert google.outbox == []
    camille.patch(made["id"], {"summary": "A"}, sendUpdates="externalOnly")
    assert [(mail.kind, mail.to) for mail in google.outbox] == [("update", "out@side.test")]
    google.outbox.clear()
    more = [*people, {"email": GUEST}]
    camille.patch(made["id"], {"attendees": more}, sendUpdates="all")
    assert {(mail.kind, mail.to) for mail in google.outbox} == {
        ("update", SAM),
        ("update", "out@side.test"),
        ("invitation", GUEST),
    }
    google.outbox.clear()
    camille.patch(
        made["id"], {"attendees": [{"email": SAM}], "status": "cancelled"}, sendUpdates="all"
    )
    assert {mail.kind for mail in google.outbox} == {"cancellation"}
    assert camille.insert(event(), sendUpdates="some").status_code == 400


def test_the_page_lists_the_organizer_and_mails(google: GoogleSimulator) -> None:
    """Calendar's own page adds the organizer as an accepted guest."""
    made = google.world.insert_event("camille@acme.test", event(attendees=[{"email": SAM}]))
    assert answers(made) == {"camille@acme.test": "accepted", SAM: "needsAction"}
    assert [(mail.kind, mail.to) for mail in google.outbox] == [("invitation", SAM)]
