"""The pages a person sees: sign-in with the account chooser, and the consent page.

Source: developers.google.com/identity/protocols/oauth2/web-server (request parameters, errors sent
back to the client, granular consent with one box per scope).
"""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Request, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.google.grants import (
    CODE_SECONDS,
    EVENTS,
    IDENTITY_SCOPES,
    WHOLE_CALENDAR,
    AuthorizationCode,
    Grants,
    OAuthClient,
    scopes_of,
)
from sandbox.google.model import Account, State
from sandbox.google.page_texts import language_of, scope_text, texts

ACCOUNT_COOKIE = "sim_google_account"
"""Browser session of the simulated Google: the address of the account that is signed in."""


class Doorkeeper(Protocol):
    """What the pages need of the simulator."""

    state: State
    grants: Grants


@dataclass(frozen=True)
class AuthorizationRequest:
    """The parameters of an authorization request, read once."""

    client: OAuthClient
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    offline: bool
    prompts: frozenset[str]
    include_granted: bool
    login_hint: str | None
    challenge: str | None
    challenge_method: str
    nonce: str | None


class BadAuthorization(Exception):
    """A request so wrong that the person is not sent back to the client."""


def current_account(state: State, incoming: Request) -> Account | None:
    """The account that is signed in in this browser, or None."""
    return state.accounts.get(incoming.cookies.get(ACCOUNT_COOKIE, ""))


def blueprint(door: Doorkeeper) -> Blueprint:
    """The pages /signin, /signout and /o/oauth2/v2/auth."""
    pages = Blueprint("google_pages", __name__, template_folder="templates")
    state = door.state

    @pages.route("/signin", methods=["GET", "POST"])
    def signin() -> AnyResponse | str:
        target = _own_path(request.values.get("continue", "/"))
        account = state.accounts.get(request.form.get("account", ""))
        if request.method == "POST" and account is not None:
            answer = redirect(target, code=303)
            answer.set_cookie(ACCOUNT_COOKIE, account.email, samesite="Lax", httponly=True)
            return answer
        return _chooser(door, target)

    @pages.get("/signout")
    def signout() -> AnyResponse:
        answer = redirect("/signin", code=303)
        answer.delete_cookie(ACCOUNT_COOKIE)
        return answer

    @pages.errorhandler(BadAuthorization)
    def refused(error: BadAuthorization) -> tuple[str, int]:
        language = language_of(request.headers.get("Accept-Language"))
        return render_template(
            "google_sim/refused.html", language=language, text=texts(language), reason=str(error)
        ), 400

    @pages.get("/o/oauth2/v2/auth")
    def authorize() -> AnyResponse | str:
        with state.lock:
            return _authorize(door)

    @pages.post("/o/oauth2/v2/auth")
    def decide() -> AnyResponse:
        with state.lock:
            return _decide(door)

    return pages


def _authorize(door: Doorkeeper) -> AnyResponse | str:
    asked = _parsed(door)
    account = current_account(door.state, request)
    hinted = door.state.accounts.get(asked.login_hint or "")
    silent = "none" in asked.prompts
    if account is None or "select_account" in asked.prompts:
        if silent:
            return _back(asked, error="interaction_required")
        # After the choice the same request comes again, without the wish to choose.
        query = [(k, v) for k, v in request.args.items(multi=True) if k != "prompt"]
        prompts = asked.prompts - {"select_account"}
        again = urlencode([*query, ("prompt", " ".join(sorted(prompts)))] if prompts else query)
        return _chooser(door, f"{request.path}?{again}", hinted)
    if door.state.switches.admin_policy_enforced:
        raise BadAuthorization("admin_policy_enforced")
    before = set(door.grants.granted.get((account.email, asked.client.id), ()))
    if set(asked.scopes) <= before and "consent" not in asked.prompts:
        return _granted(door, asked, account, asked.scopes, consented=False)
    if silent:
        return _back(asked, error="consent_required")
    language = language_of(request.headers.get("Accept-Language"))
    optional = [scope for scope in asked.scopes if scope not in IDENTITY_SCOPES]
    return render_template(
        "google_sim/consent.html",
        language=language,
        text=texts(language),
        client=asked.client,
        account=account,
        optional=[(scope, scope_text(language, scope)) for scope in optional],
        ticked=door.state.switches.consent_boxes_ticked,
        host=urlsplit(asked.redirect_uri).netloc,
        switch_url=f"/signin?{urlencode({'continue': request.full_path})}",
        query=request.query_string.decode("ascii", "replace"),
    )


def _decide(door: Doorkeeper) -> AnyResponse:
    asked = _parsed(door)
    account = current_account(door.state, request)
    if account is None:
        raise BadAuthorization("no_account")
    if request.form.get("decision") != "allow":
        return _back(asked, error="access_denied")
    ticked = set(request.form.getlist("scope"))
    chosen = tuple(s for s in asked.scopes if s in IDENTITY_SCOPES or s in ticked)
    if door.state.switches.whole_calendar_granted:
        chosen = tuple(WHOLE_CALENDAR if s == EVENTS else s for s in chosen)
    return _granted(door, asked, account, chosen, consented=True)


def _granted(
    door: Doorkeeper,
    asked: AuthorizationRequest,
    account: Account,
    scopes: tuple[str, ...],
    *,
    consented: bool,
) -> AnyResponse:
    if not scopes:
        return _back(asked, error="access_denied")
    union = door.grants.consent(account.email, asked.client.id, scopes)
    code = door.grants.new_code(
        AuthorizationCode(
            email=account.email,
            client_id=asked.client.id,
            redirect_uri=asked.redirect_uri,
            scopes=union if asked.include_granted else scopes,
            # A refresh token comes with consent only, not when an old grant is merely repeated.
            offline=asked.offline and consented,
            challenge=asked.challenge,
            challenge_method=asked.challenge_method,
            nonce=asked.nonce,
            expires_at=door.state.now() + CODE_SECONDS,
        )
    )
    return _back(asked, code=code, scope=" ".join(union if asked.include_granted else scopes))


def _parsed(door: Doorkeeper) -> AuthorizationRequest:
    given = request.args
    client = door.grants.clients.get(given.get("client_id", ""))
    if client is None:
        raise BadAuthorization("invalid_client")
    redirect_uri = given.get("redirect_uri", "")
    if not client.may_return_to(redirect_uri) or urlsplit(redirect_uri).fragment:
        raise BadAuthorization("redirect_uri_mismatch")
    if given.get("response_type") != "code":
        raise BadAuthorization("unsupported_response_type")
    scopes = scopes_of(given.get("scope", ""))
    if not scopes:
        raise BadAuthorization("invalid_request: scope")
    method = given.get("code_challenge_method", "plain")
    if method not in ("plain", "S256"):
        raise BadAuthorization("invalid_request: code_challenge_method")
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=given.get("state"),
        offline=given.get("access_type") == "offline",
        prompts=frozenset(given.get("prompt", "").split()),
        include_granted=given.get("include_granted_scopes") == "true",
        login_hint=given.get("login_hint"),
        challenge=given.get("code_challenge"),
        challenge_method=method,
        nonce=given.get("nonce"),
    )


def _back(asked: AuthorizationRequest, **answer: str) -> AnyResponse:
    parts = urlsplit(asked.redirect_uri)
    query = parse_qsl(parts.query, keep_blank_values=True) + list(answer.items())
    if asked.state is not None:
        query.append(("state", asked.state))
    return redirect(urlunsplit(parts._replace(query=urlencode(query))), code=303)


def _chooser(door: Doorkeeper, target: str, hinted: Account | None = None) -> Response:
    language = language_of(request.headers.get("Accept-Language"))
    accounts = list(door.state.accounts.values())
    accounts.sort(key=lambda account: account != hinted)
    page = render_template(
        "google_sim/signin.html",
        language=language,
        text=texts(language),
        accounts=accounts,
        target=target,
    )
    return make_response(page)


def _own_path(target: str) -> str:
    # Only paths of this site, so that the sign-in page is no open redirect.
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
