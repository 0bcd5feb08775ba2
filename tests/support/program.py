"""The program under test, driven over real HTTP as Google, Livestorm and browsers drive it."""

import contextlib
import http.cookiejar
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import requests

from addon.product import Product
from sandbox.google import SCRIPT_CLIENT_ID, GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from server.manifest import APPS_SCRIPT_SCOPES

ANSWER_SECONDS = 30
"""Google gives an add-on 30 s to answer; a test that waits longer has found a fault."""

START_SECONDS = 90
"""Starting takes about 3 s on an idle machine, and ten times that on a crowded one."""


class _BrowserCookies(requests.cookies.RequestsCookieJar):
    """Cookies as browsers treat them on 127.0.0.1: `Secure` ones are sent over http as well.

    The cookie is changed on its way in, because requests copies jars without their policy.
    """

    def set_cookie(self, cookie: http.cookiejar.Cookie, *args: Any, **kwargs: Any) -> None:
        """Keep a cookie."""
        cookie.secure = False
        super().set_cookie(cookie, *args, **kwargs)


def browser_like_session() -> requests.Session:
    """Return a session that sends `Secure` cookies to 127.0.0.1 over http, as browsers do."""
    session = requests.Session()
    # The environment's proxies and .netrc have no part in a test.
    session.trust_env = False
    session.cookies = _BrowserCookies()
    return session


@dataclass(frozen=True)
class Program:
    """A running program and the two simulators it talks to."""

    url: str
    google: GoogleSimulator
    livestorm: LivestormSimulator
    environment: Mapping[str, str]
    product: Product | None = None
    """The product's parts, when the program runs in this very process."""
    http: requests.Session = field(default_factory=browser_like_session, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def addon(
        self,
        path: str,
        *,
        account: str = "camille@acme.test",
        event: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        locale: str = "en",
    ) -> requests.Response:
        """Post an add-on event to `path` as the Apps Script bridge of a user would.

        Args:
            path: Such as ``/addon/home``.
            account: E-mail address of the user, one of the Google simulator's accounts.
            event: What the event object has beyond the envelope, or other values for its parts;
                objects are merged, everything else replaces.
            headers: More headers, or others; a value replaces the `Authorization` made here.
            locale: The user's language tag.
        """
        token = self.google.identity_token(account, SCRIPT_CLIENT_ID)
        envelope: dict[str, Any] = {
            "commonEventObject": {
                "hostApp": "CALENDAR",
                "platform": "WEB",
                "userLocale": locale,
                "timeZone": {"id": "Europe/Paris", "offset": 7_200_000},
            },
            "authorizationEventObject": {
                "userOAuthToken": self.google.access_token(account, APPS_SCRIPT_SCOPES),
                "userIdToken": token,
                "authorizedScopes": list(APPS_SCRIPT_SCOPES),
            },
        }
        return self.http.post(
            self.url + path,
            json=merged(envelope, event or {}),
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            timeout=ANSWER_SECONDS,
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        """Get a page or an operations endpoint; `options` are those of `requests`."""
        return self.http.get(self.url + path, **{"timeout": ANSWER_SECONDS, **options})

    def post(self, path: str, **options: Any) -> requests.Response:
        """Post to any endpoint; `options` are those of `requests`."""
        return self.http.post(self.url + path, **{"timeout": ANSWER_SECONDS, **options})


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes`, going down into objects that both have."""
    result = dict(base)
    for key, value in changes.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result


@contextlib.contextmanager
def command(
    *arguments: str, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `livestorm-calendar` with these arguments in a process group of its own.

    At the end it is asked to stop as a service manager asks, and killed if it does not.

    Args:
        arguments: Such as ``"serve"``.
        environment: The settings. Of this process's own environment only what finding programs
            and certificates needs is passed on.
        log: File that takes what it prints.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [str(Path(sys.executable).with_name("livestorm-calendar")), *arguments],
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=START_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until `/readyz` answers 200.

    Raises:
        AssertionError: The process ended, or took longer than `START_SECONDS`.
    """
    deadline = time.monotonic() + START_SECONDS
    with browser_like_session() as session:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise AssertionError(f"exited with {process.returncode}:\n{log.read_text()}")
            with contextlib.suppress(requests.ConnectionError):
                if session.get(f"{url}/readyz", timeout=ANSWER_SECONDS).status_code == 200:
                    return
            time.sleep(0.05)
    raise AssertionError(f"not ready after {START_SECONDS} s:\n{log.read_text()}")
