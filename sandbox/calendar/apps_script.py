"""What Google's servers do for a running script, for ``static/apps_script/services.js``.

The shapes are said at the head of that file.
"""

from collections.abc import Callable

import requests
from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.calendar.project import Project
from sandbox.google import GoogleSimulator

SCRIPT_CLIENT_ID = "sandbox-script-client"
"""OAuth client of the simulated Apps Script project: audience of its identity tokens."""

EMAIL_SCOPE = "https://www.googleapis.com/auth/userinfo.email"
LONGEST_FETCH_SECONDS = 360
"""The most UrlFetchApp waits (developers.google.com/apps-script/reference/url-fetch)."""


def install_apps_script(
    routes: Blueprint, google: GoogleSimulator, project: Project, account: Callable[[], str]
) -> None:
    """Add the script's files and the services it calls.

    Args:
        routes: Where to.
        google: Signs tokens.
        project: The files and what the manifest allows.
        account: Address of whoever is signed in.
    """

    @routes.get("/apps_script/project/<name>")
    def script(name: str) -> ResponseReturnValue:
        source = project.script(name)
        if source is None:
            abort(404)
        return Response(source, mimetype="text/javascript", headers={"Cache-Control": "no-store"})

    @routes.post("/apps_script/fetch")
    def fetch() -> ResponseReturnValue:
        asked = request.get_json()
        return jsonify(fetched(project, asked))

    @routes.get("/apps_script/identity_token")
    def identity_token() -> ResponseReturnValue:
        scopes = project.scopes()
        if "openid" not in scopes:
            return jsonify(token=None)
        hidden = {} if EMAIL_SCOPE in scopes else {"email": None, "email_verified": None}
        return jsonify(token=google.identity_token(account(), SCRIPT_CLIENT_ID, **hidden))

    @routes.get("/apps_script/oauth_token")
    def oauth_token() -> ResponseReturnValue:
        return jsonify(token=google.access_token(account(), project.scopes()))


def fetched(project: Project, asked: dict[str, object]) -> dict[str, object]:
    """Do one request of the script, as Google's servers would, and say what came of it."""
    url = str(asked["url"])
    if not project.may_fetch(url):
        return {"error": f"{url} is not in the allowlist (urlFetchWhitelist in appsscript.json)"}
    sent = asked.get("headers")
    headers = dict(sent) if isinstance(sent, dict) else {}
    if asked.get("contentType"):
        headers["Content-Type"] = str(asked["contentType"])
    payload = asked.get("payload")
    seconds = min(float(str(asked["timeoutSeconds"])), LONGEST_FETCH_SECONDS)
    try:
        with requests.Session() as session:
            session.trust_env = False  # Google's servers know nothing of this machine's proxies
            answer = session.request(
                str(asked["method"]).upper(),
                url,
                headers=headers,
                data=None if payload is None else str(payload).encode(),
                timeout=seconds,
                allow_redirects=bool(asked["followRedirects"]),
            )
    except requests.Timeout:
        return {"error": f"Timeout: {url}"}
    except requests.RequestException:
        return {"error": f"Address unavailable: {url}"}
    return {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "body": answer.content.decode(answer.encoding or "utf-8", "replace"),
    }
