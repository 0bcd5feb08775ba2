"""What a session leaves behind: chat, questions, recordings (§3.8)."""

from flask import request

from sandbox.livestorm.api.endpoints import Answer, Call, Endpoints
from sandbox.livestorm.api.queries import Query
from sandbox.livestorm.api.sessions import session_of
from sandbox.livestorm.refusal import Refused

SHORTEST_URL, DEFAULT_URL, LONGEST_URL = 3600, 43200, 604800
"""Lifetimes of a recording's signed URL, seconds (§3.8)."""


def install(endpoints: Endpoints) -> None:
    """Register the endpoints."""
    of_session = "/sessions/<session_id>"
    endpoints.route(f"{of_session}/chat_messages", "GET", "events:read")(nothing_said)
    endpoints.route(f"{of_session}/questions", "GET", "events:read")(nothing_said)
    endpoints.route(f"{of_session}/recordings", "GET", "events:read")(list_recordings)


def nothing_said(call: Call, session_id: str) -> Answer:
    """``GET …/chat_messages`` and ``…/questions``: rooms of the simulator stay silent."""
    session_of(call, session_id)
    return Answer(200, Query(call.world.switches).listing([], lambda one: one))


def list_recordings(call: Call, session_id: str) -> Answer:
    """``GET …/recordings``: one of a session that has ended, if recording was on."""
    session = session_of(call, session_id)
    lifetime = request.args.get("url_expires_in", str(DEFAULT_URL))
    if not lifetime.isdigit() or not SHORTEST_URL <= int(lifetime) <= LONGEST_URL:
        raise Refused(400, "url_expires_in is invalid")
    event = call.caller.workspace.events[session.event_id]
    recorded = [session] if session.ended_at and event.settings.recording_enabled else []
    return Answer(
        200,
        Query(call.world.switches).listing(
            recorded,
            lambda one: {
                "id": one.id,
                "type": "recordings",
                "attributes": {
                    "event_id": one.event_id,
                    "session_id": one.id,
                    "file_type": "video",
                    "mime_type": "video/mp4",
                    "file_size": 0,
                    "file_name": f"{event.slug}.mp4",
                    "url": f"{call.world.room_link(one)}&recording=1",
                    "url_generated_at": call.world.stamp(),
                    "url_expires_in": int(lifetime),
                },
            },
        ),
    )
