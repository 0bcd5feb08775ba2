"""Who calls the API, and whether they may (§1.2, §1.5)."""

from dataclasses import dataclass
from typing import Literal

from sandbox.livestorm.grants import AccessToken
from sandbox.livestorm.records import Member, Workspace
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.world import World

REALM = 'Bearer realm="Doorkeeper"'


@dataclass(frozen=True)
class Caller:
    """An authenticated caller: a private token has no user."""

    workspace: Workspace
    member: Member | None
    scopes: frozenset[str]
    kind: Literal["api_token", "oauth"]
    credential: str


class BearerRefused(Refused):
    """A 401 to a Bearer token, whose body Doorkeeper makes."""

    def __init__(self, description: str) -> None:
        challenge = f'{REALM}, error="invalid_token", error_description="{description}"'
        super().__init__(401, description, headers={"WWW-Authenticate": challenge})


def authenticate(world: World, authorization: str | None) -> Caller:
    """Return who calls.

    A private token goes into the header as it is; with ``Bearer`` in front it is looked up among
    the OAuth tokens and not found (§1.2).

    Raises:
        Refused: 401, no or an unknown credential.
    """
    value = (authorization or "").strip()
    scheme, _, rest = value.partition(" ")
    if scheme.lower() == "bearer":
        return _bearer(world, rest.strip())
    token = world.api_tokens.get(value)
    if token is None or token.workspace_id not in world.workspaces:
        raise Refused(401, "You are not authorized to access this resource")
    workspace = world.workspaces[token.workspace_id]
    return Caller(workspace, None, token.scopes, "api_token", value)


def _bearer(world: World, value: str) -> Caller:
    token = world.grants.by_access(value)
    if token is None:
        raise BearerRefused("The access token is invalid")
    if token.revoked:
        raise BearerRefused("The access token was revoked")
    if token.expired(world.now()):
        raise BearerRefused("The access token expired")
    workspace = world.workspaces.get(token.workspace_id)
    member = _member(workspace, token)
    if workspace is None or member is None:
        raise BearerRefused("The access token is invalid")
    world.grants.used(token)
    return Caller(workspace, member, frozenset(token.tokens.scope.split()), "oauth", value)


def _member(workspace: Workspace | None, token: AccessToken) -> Member | None:
    members = workspace.members if workspace is not None else []
    return next((one for one in members if one.user_id == token.user_id), None)


def refuse_blocked(world: World, caller: Caller) -> None:
    """Refuse a workspace whose API is not enabled (§1.2)."""
    if not caller.workspace.validated or not world.switches.workspaces_validated:
        raise Refused(403, "Workspace blocked")


def refuse_out_of_scope(world: World, caller: Caller, scopes: tuple[str, ...]) -> None:
    """Refuse a caller who has none of the scopes; writing includes reading (§1.2)."""
    if not scopes:
        return
    granted = set(caller.scopes)
    granted |= {one.replace(":write", ":read") for one in caller.scopes}
    if not granted.intersection(scopes):
        raise Refused(world.switches.missing_scope, "The token has no access to this resource")


def refuse_unpaid(world: World, *, registering: bool) -> None:
    """Refuse when the month's active contacts are used up (§1.5)."""
    rule = world.switches.payment_required
    if rule == "everything" or (rule == "registrations" and registering):
        raise Refused(402, "Active contacts allowance reached")
