"""``/ping``, ``/me``, ``/organization`` and ``/users`` (§1.7, §3.7)."""

from typing import Any

from sandbox.livestorm.api import bodies
from sandbox.livestorm.api.documents import organization_resource, user_resource
from sandbox.livestorm.api.endpoints import Answer, Call, Endpoints
from sandbox.livestorm.api.queries import Query
from sandbox.livestorm.changes.people import ADDRESS
from sandbox.livestorm.refusal import Refused


def install(endpoints: Endpoints) -> None:
    """Register the endpoints."""
    route = endpoints.route
    route("/ping", "GET")(ping)
    route("/me", "GET", "identity:read")(me)
    route("/organization", "GET", "identity:read", "admin:read")(organization)
    route("/users", "GET", "admin:read")(list_users)
    route("/users", "POST", "admin:write")(invite_user)
    route("/users/<user_id>", "DELETE", "admin:write")(delete_user)


def ping(_call: Call) -> Answer:
    """``GET /ping``: empty, and needs no scope."""
    return Answer(200)


def me(call: Call) -> Answer:
    """``GET /me``: the user of an OAuth token, the organization of a private one."""
    workspace, member = call.caller.workspace, call.caller.member
    if member is None:
        return Answer(200, {"data": organization_resource(workspace)})
    document: dict[str, Any] = {"data": user_resource(call.world, workspace, member)}
    if "organization" in Query(call.world.switches, includes=("organization",)).include:
        document["included"] = [organization_resource(workspace)]
    return Answer(200, document)


def organization(call: Call) -> Answer:
    """``GET /organization``."""
    return Answer(200, {"data": organization_resource(call.caller.workspace)})


def list_users(call: Call) -> Answer:
    """``GET /users``."""
    world, workspace = call.world, call.caller.workspace
    query = Query(world.switches, filters=("email", "role", "pending_invite"))
    email = query.text("email")
    if email is not None and world.switches.users_email_filter_fails:
        raise Refused(500, "Internal server error")
    found = [
        member
        for member in workspace.members
        if email in (None, member.person.email)
        or (email is not None and email.lower() == member.person.email)
    ]
    found = [
        member
        for member in found
        if query.text("role") in (None, member.role)
        and query.flag("pending_invite") in (None, member.pending_invite)
    ]
    return Answer(
        200,
        query.listing(
            found,
            lambda member: user_resource(world, workspace, member),
            created=lambda member: member.person.created_at,
        ),
    )


def invite_user(call: Call) -> Answer:
    """``POST /users``: sends an invitation."""
    workspace = call.caller.workspace
    attributes = bodies.attributes_of(bodies.read_data())
    email = bodies.optional_text(attributes, "email") or ""
    role = attributes.get("role")
    if ADDRESS.fullmatch(email) is None:
        raise Refused(422, "Email is invalid")
    if role not in ("host", "moderator"):
        raise Refused(422, "Role is not included in the list")
    if any(one.person.email == email.lower() for one in workspace.members):
        raise Refused(422, "Email has already been taken")
    member = call.world.add_member(workspace, email, pending_invite=True)
    member.role = role
    return Answer(201, {"data": user_resource(call.world, workspace, member)})


def delete_user(call: Call, user_id: str) -> Answer:
    """``DELETE /users/{id}``: they leave the workspace, and their grants end."""
    workspace = call.caller.workspace
    for member in workspace.members:
        if call.world.user_id(member) == user_id:
            workspace.members.remove(member)
            member.person.role = "participant"
            call.world.grants.revoke_user(member.user_id)
            return Answer(204)
    raise Refused(404, "Not found")
