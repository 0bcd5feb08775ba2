"""What the tests of the pages do again and again: sign in, press, read."""

import html
import re
from dataclasses import replace

import requests

from tests.support.program import Program, browser_like_session


def browser(program: Program) -> Program:
    """The same program, seen by another browser, in which nobody is signed in."""
    return replace(program, http=browser_like_session())


def sign_in(program: Program, account: str, then: str = "/integration") -> requests.Response:
    """Sign in to the pages with Google; return the page that this leads to."""
    google = program.google.url
    program.http.post(f"{google}/signin", data={"account": account, "continue": "/signin"})
    consent = program.get("/google/sign-in", params={"next": then})
    action = re.search(r'action="(/o/oauth2[^"]+)"', consent.text)
    if action is None:
        return consent
    scopes = re.findall(r'name="scope" value="([^"]+)"', consent.text)
    return program.http.post(
        google + html.unescape(action[1]), data={"scope": scopes, "decision": "allow"}
    )


def csrf_token(page: requests.Response) -> str:
    """The token in a page's forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def press(program: Program, page: str, action: str, **fields: str) -> requests.Response:
    """Open a page and press the button whose form goes to `action`; return where it leads."""
    shown = program.get(page)
    assert f'action="{action}"' in shown.text, shown.text
    return program.post(action, data={"csrf_token": csrf_token(shown), **fields})


def text_of(page: requests.Response) -> str:
    """What a page says: its text, every run of space as one."""
    without = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", page.text)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", without)).split())
