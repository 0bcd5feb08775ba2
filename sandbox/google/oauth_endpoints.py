"""The token, revocation and user-info endpoints.

Sources: developers.google.com/identity/protocols/oauth2/web-server (exchange, refresh, revoke),
RFC 6749 §4.1.3, §5.2 and §6.
"""

import base64
import binascii
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request

from sandbox.google.grants import Grants, OAuthClient, OAuthError, scopes_of
from sandbox.google.identity import identity_claims, identity_token
from sandbox.google.keys import KeyRing
from sandbox.google.model import State


class TokenIssuer(Protocol):
    """What the token endpoints need of the simulator."""

    state: State
    grants: Grants
    keys: KeyRing


def blueprint(issuer: TokenIssuer) -> Blueprint:
    """The endpoints /token, /revoke, /v1/userinfo and /tokeninfo."""
    routes = Blueprint("google_oauth", __name__)
    state, grants = issuer.state, issuer.grants

    @routes.errorhandler(OAuthError)
    def refused(error: OAuthError) -> tuple[Response, int]:
        return jsonify(error=error.error, error_description=error.description), error.status

    @routes.post("/token")
    def token() -> Response:
        with state.lock:
            client = _client(grants)
            kind = request.form.get("grant_type", "")
            if kind == "authorization_code":
                body = _exchange(issuer, client)
            elif kind == "refresh_token":
                body = _refresh(issuer, client)
            else:
                raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {kind}")
        answer = jsonify(body)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.post("/revoke")
    def revoke() -> Response:
        with state.lock:
            grants.revoke(request.values.get("token", ""))
        return jsonify({})

    @routes.get("/v1/userinfo")
    def userinfo() -> Response:
        with state.lock:
            found = grants.access(request.headers.get("Authorization", "").removeprefix("Bearer "))
            if found is None:
                raise OAuthError("invalid_request", "Invalid Credentials", 401)
            account = state.accounts[found.email]
        body: dict[str, Any] = {"sub": account.sub}
        if any(scope.endswith("userinfo.email") for scope in found.scopes):
            body |= {"email": account.email, "email_verified": True}
        return jsonify(body)

    @routes.get("/tokeninfo")
    def tokeninfo() -> Response:
        with state.lock:
            found = grants.access(request.args.get("access_token", ""))
            if found is None:
                raise OAuthError("invalid_token", "Invalid Value")
            left = int(found.expires_at - state.now())
        return jsonify(
            azp=found.client_id,
            aud=found.client_id,
            sub=state.accounts[found.email].sub,
            email=found.email,
            scope=" ".join(found.scopes),
            expires_in=str(left),
        )

    return routes


def _client(grants: Grants) -> OAuthClient:
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        try:
            decoded = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as wrong:
            raise OAuthError("invalid_client", "Unauthorized", 401) from wrong
        client_id, _, secret = decoded.partition(":")
    client = grants.clients.get(client_id or "")
    if client is None:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    if client.secret != secret:
        raise OAuthError("invalid_client", "Unauthorized", 401)
    return client


def _answer(
    issuer: TokenIssuer,
    client: OAuthClient,
    email: str,
    scopes: tuple[str, ...],
    nonce: str | None = None,
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "access_token": issuer.grants.new_access_token(email, client.id, scopes),
        "expires_in": issuer.state.switches.access_token_seconds,
        "token_type": "Bearer",
    }
    if issuer.state.switches.token_answers_name_scopes:
        body["scope"] = " ".join(scopes)
    if "openid" in scopes:
        claims = identity_claims(issuer.state.accounts[email], client.id, issuer.state.now())
        body["id_token"] = identity_token(issuer.keys, claims, nonce=nonce)
    return body


def _exchange(issuer: TokenIssuer, client: OAuthClient) -> dict[str, Any]:
    code = issuer.grants.redeem_code(
        request.form.get("code", ""),
        client,
        request.form.get("redirect_uri", ""),
        request.form.get("code_verifier"),
    )
    body = _answer(issuer, client, code.email, code.scopes, code.nonce)
    if code.offline:
        refresh_token = issuer.grants.new_refresh_token(code.email, client.id, code.scopes)
        body["refresh_token"] = refresh_token
        expires_at = issuer.grants.refresh_tokens[refresh_token].expires_at
        if expires_at is not None:
            body["refresh_token_expires_in"] = round(expires_at - issuer.state.now())
    return body


def _refresh(issuer: TokenIssuer, client: OAuthClient) -> dict[str, Any]:
    value = request.form.get("refresh_token", "")
    token = issuer.grants.redeem_refresh_token(value, client)
    wanted = scopes_of(request.form.get("scope", "")) or token.scopes
    if not set(wanted) <= set(token.scopes):
        raise OAuthError("invalid_scope", "Some requested scopes were not granted.")
    body = _answer(issuer, client, token.email, wanted)
    if issuer.state.switches.rotate_refresh_tokens:
        del issuer.grants.refresh_tokens[value]
        body["refresh_token"] = issuer.grants.new_refresh_token(
            token.email, client.id, token.scopes
        )
    return body
