"""OAuth 2: the authorization page and the token endpoints, as Doorkeeper has them (§2)."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.livestorm.grants import SCOPES, AccessToken, Client, Code, challenge_matches
from sandbox.livestorm.pages.language import chosen_language, text
from sandbox.livestorm.world import World


class OAuthError(Exception):
    """An error of RFC 6749 §5.2: its code, a description and the HTTP status."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description
        self.status = status


def oauth_blueprint(world: Callable[[], World]) -> Blueprint:
    """Return the pages and endpoints below ``/oauth``."""
    blueprint = Blueprint("oauth", __name__, url_prefix="/oauth")

    @blueprint.get("/authorize")
    def ask() -> ResponseReturnValue:
        return _ask(world())

    @blueprint.post("/authorize")
    def decide() -> ResponseReturnValue:
        return _decide(world())

    @blueprint.post("/token")
    def token() -> ResponseReturnValue:
        with world().lock:
            return _no_store(jsonify(_token(world())))

    @blueprint.post("/revoke")
    def revoke() -> ResponseReturnValue:
        with world().lock:
            _client(world())
            world().grants.revoke(request.values.get("token", ""))
        return jsonify({})

    @blueprint.post("/introspect")
    def introspect() -> ResponseReturnValue:
        with world().lock:
            _client(world())
            found = world().grants.by_access(request.values.get("token", ""))
            if found is None or found.revoked or found.expired(world().now()):
                return jsonify(active=False)
            tokens = found.tokens
            return jsonify(
                active=True,
                scope=tokens.scope,
                client_id=found.client_id,
                token_type=tokens.token_type,
                exp=tokens.created_at + tokens.expires_in,
                iat=tokens.created_at,
            )

    @blueprint.errorhandler(OAuthError)
    def refused(problem: OAuthError) -> ResponseReturnValue:
        answer = jsonify(error=problem.code, error_description=problem.description)
        answer.status_code = problem.status
        return _no_store(answer)

    return blueprint


def _no_store(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _ask(world: World) -> ResponseReturnValue:
    wrong = _wrong_client(world)
    if wrong is not None:
        return wrong
    problem = _wrong_request(world)
    if problem is not None:
        return _back(error=problem)
    client = world.grants.clients[request.args["client_id"]]
    members = [
        {"email": member.person.email, "name": member.person.name, "workspace": workspace.name}
        for workspace in world.workspaces.values()
        for member in workspace.members
        if not member.pending_invite
    ]
    return render_template(
        "livestorm/authorize.html",
        client=client,
        members=members,
        scopes=request.args.get("scope", "").split(),
        host=urlsplit(request.args["redirect_uri"]).netloc,
    )


def _decide(world: World) -> ResponseReturnValue:
    wrong = _wrong_client(world)
    if wrong is not None:
        return wrong
    problem = _wrong_request(world)
    if problem is not None:
        return _back(error=problem)
    if request.form.get("decision") != "authorize":
        return _back(error="access_denied")
    with world.lock:
        try:
            workspace, member = world.member(request.form.get("email", ""))
        except LookupError:
            return _failure("unknown_user", 400)
        code = world.grants.issue_code(
            world.grants.clients[request.args["client_id"]],
            redirect_uri=request.args["redirect_uri"],
            workspace_id=workspace.id,
            user_id=member.user_id,
            scope=request.args.get("scope", ""),
            challenge=request.args.get("code_challenge"),
            now=world.now(),
        )
    return _back(code=code.code)


def _wrong_client(world: World) -> ResponseReturnValue | None:
    """Return a page when the client or its URI is wrong: nobody may be sent there then."""
    client = world.grants.clients.get(request.args.get("client_id", ""))
    if client is None:
        return _failure("unknown_client", 401)
    if not _redirect_allowed(world, client, request.args.get("redirect_uri", "")):
        return _failure("wrong_redirect", 400)
    return None


def _redirect_allowed(world: World, client: Client, uri: str) -> bool:
    if world.switches.redirect_uris == "strict":
        return uri in client.redirect_uris
    parts = urlsplit(uri)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    return not parts.fragment and bool(parts.hostname) and (parts.scheme == "https" or local)


def _wrong_request(world: World) -> str | None:
    scopes = request.args.get("scope", "").split()
    if request.args.get("response_type") != "code":
        return "unsupported_response_type"
    if not scopes or any(one not in SCOPES for one in scopes):
        return "invalid_scope"
    challenge = request.args.get("code_challenge")
    if challenge is None and world.switches.pkce == "required":
        return "invalid_request"
    # Without a method the challenge would be plain (RFC 7636 §4.3), which is not offered here.
    if challenge is not None and request.args.get("code_challenge_method") != "S256":
        return "invalid_request"
    return None


def _back(**parameters: str) -> ResponseReturnValue:
    uri = request.args["redirect_uri"]
    if "state" in request.args:
        parameters["state"] = request.args["state"]
    glue = "&" if urlsplit(uri).query else "?"
    return redirect(f"{uri}{glue}{urlencode(parameters)}", 302)


def _failure(name: str, status: int) -> ResponseReturnValue:
    language = chosen_language()
    page = render_template(
        "livestorm/message.html",
        title=text(language, "oauth_failed"),
        message=text(language, f"oauth_{name}"),
    )
    return page, status


def _token(world: World) -> dict[str, Any]:
    client = _client(world)
    grant_type = request.values.get("grant_type")
    if grant_type == "authorization_code":
        issued = _exchange(world, client)
    elif grant_type == "refresh_token":
        issued = _refresh(world, client)
    else:
        raise OAuthError("unsupported_grant_type", "The grant type is not supported.")
    tokens = issued.tokens
    answer = {
        "access_token": tokens.access_token,
        "token_type": tokens.token_type,
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh_token,
        "scope": tokens.scope,
        "created_at": tokens.created_at,
    }
    if grant_type == "refresh_token" and world.switches.refresh_rotation == "none":
        del answer["refresh_token"]
    return answer


def _client(world: World) -> Client:
    """Return the client that authenticated: by body, query or Basic (§2)."""
    client_id = request.values.get("client_id", "")
    secret = request.values.get("client_secret", "")
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as broken:
            raise OAuthError("invalid_client", "Client authentication failed.", 401) from broken
    client = world.grants.clients.get(client_id)
    if client is None or client.secret != secret:
        raise OAuthError("invalid_client", "Client authentication failed.", 401)
    return client


def _exchange(world: World, client: Client) -> AccessToken:
    code = world.grants.codes.get(request.values.get("code", ""))
    if code is None or not _spendable(world, client, code):
        raise OAuthError("invalid_grant", "The provided authorization grant is invalid.")
    code.used = True
    return world.grants.issue_tokens(
        client_id=client.id,
        workspace_id=code.workspace_id,
        user_id=code.user_id,
        scope=code.scope,
        expires_in=world.switches.oauth_token_seconds,
        now=world.now(),
    )


def _spendable(world: World, client: Client, code: Code) -> bool:
    verifier = request.values.get("code_verifier")
    return (
        not code.used
        and code.client_id == client.id
        and code.redirect_uri == request.values.get("redirect_uri")
        and world.now() < code.created_at + world.switches.oauth_code_seconds
        and (code.challenge is None or challenge_matches(code.challenge, verifier))
    )


def _refresh(world: World, client: Client) -> AccessToken:
    spent = request.values.get("refresh_token", "")
    old = world.grants.by_refresh(spent)
    if old is None or old.client_id != client.id:
        raise OAuthError("invalid_grant", "The provided authorization grant is invalid.")
    rule = world.switches.refresh_rotation
    if rule == "at_once":
        old.revoked = old.refresh_revoked = True
    return world.grants.issue_tokens(
        client_id=client.id,
        workspace_id=old.workspace_id,
        user_id=old.user_id,
        scope=old.tokens.scope,
        expires_in=world.switches.oauth_token_seconds,
        now=world.now(),
        replaces=old if rule == "until_new_token_used" else None,
        refresh_token=spent if rule == "none" else None,
    )
