"""The two deployments of the add-on at Google, written for one server.

`apps_script_project` is the real one: the bridge in ``manifest/`` with the server's address.
`http_deployment` describes the HTTP runtime, in which Google calls the same endpoints itself;
conferencing is documented for Apps Script only, so there the conference solution is an option.

Sources: developers.google.com/apps-script/manifest and …/manifest/calendar-addons for
appsscript.json; developers.google.com/workspace/add-ons/reference/rest/v1/projects.deployments
for the deployment; …/apps-script/manifest/allowlist-url for the form of URL prefixes.
docs/google-setup.md tells what to do with either.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

import click

from cards.responses import CONFERENCE_SOLUTION_ID

JsonObject: TypeAlias = dict[str, Any]

SOURCES = Path(__file__).resolve().parent.parent / "manifest"
"""Where the source of the bridge lies, beside the packages."""

CONFIG_FILE = "config.js"
MANIFEST_FILE = "appsscript.json"
DEPLOYMENT_FILE = "deployment.json"

DEFAULT_NAME = "Livestorm"
"""At most 15 characters look right in Google's lists, and no Google name may be in it."""

DEFAULT_LIVESTORM_APP = "https://app.livestorm.co"

DEFAULT_LOGO_URL = (
    "https://www.gstatic.com/images/icons/material/system/1x/videocam_grey600_48dp.png"
)
"""A neutral camera from Google's own icons: a conference solution's logo has to lie on a Google
host. The icon of the Marketplace listing takes its place (docs/google-setup.md)."""

_SCOPE = "https://www.googleapis.com/auth/"

SCOPES = (
    f"{_SCOPE}calendar.addons.execute",
    f"{_SCOPE}calendar.events.readonly",
    f"{_SCOPE}script.locale",
    f"{_SCOPE}userinfo.email",
)
"""What either runtime asks the user for; docs/google-setup.md gives each one's reason."""

APPS_SCRIPT_SCOPES = (*SCOPES, f"{_SCOPE}script.external_request", "openid")
"""In Apps Script also: calling the server, and the identity token that says who calls."""

CURRENT_EVENT_ACCESS = "METADATA"
"""Calendar id and event id are all that is taken from an open event; the rest the server reads
through the Calendar API, so guests and conference data need not be handed over with each click."""

SIGN_OUT_LABEL = "Sign out of Livestorm"
"""Manifest texts have one language for everybody."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


class TargetError(ValueError):
    """A URL that a deployment cannot be made with; the message is for the person who gave it."""


@dataclass(frozen=True)
class Target:
    """What a deployment is made for.

    Attributes:
        base_url: Public origin of the server. https, or http on loopback for a sandbox.
        logo_url: Image shown for the add-on and for the conference solution.
        livestorm_app: Origin of Livestorm's web application, which cards link to.
        name: The add-on's name, the same as in the Marketplace listing.

    Raises:
        TargetError: A URL is not of the form above.
    """

    base_url: str
    logo_url: str = DEFAULT_LOGO_URL
    livestorm_app: str = DEFAULT_LIVESTORM_APP
    name: str = DEFAULT_NAME

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", origin("base URL", self.base_url))
        object.__setattr__(self, "livestorm_app", origin("Livestorm URL", self.livestorm_app))
        _require_reachable("logo URL", self.logo_url)

    @property
    def is_for_sandbox(self) -> bool:
        """Whether Google would refuse it: the server is on loopback."""
        return self.base_url.startswith("http:")

    def url(self, path: str) -> str:
        """Absolute URL of a path on the server."""
        return self.base_url + path


def origin(what: str, url: str) -> str:
    """`url` as an origin in lower case, without a slash at the end.

    Raises:
        TargetError: It has a path, a query, a user, or is neither https nor http on loopback.
    """
    parts = _require_reachable(what, url)
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise TargetError(f"the {what} must be an origin, such as https://calendar.example.com")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def apps_script_manifest(target: Target) -> JsonObject:
    """``appsscript.json`` for a server."""
    return {
        "timeZone": "Etc/UTC",
        "dependencies": {},
        "exceptionLogging": "STACKDRIVER",
        "runtimeVersion": "V8",
        "oauthScopes": list(APPS_SCRIPT_SCOPES),
        "urlFetchWhitelist": [target.url("/")],
        "addOns": {
            "common": _common(target, home="onHomepage", sign_out="onSignOut"),
            "calendar": {
                "currentEventAccess": CURRENT_EVENT_ACCESS,
                "eventOpenTrigger": {"runFunction": "onEventOpen"},
                "conferenceSolution": [_conference_solution(target, "createConference")],
                "createSettingsUrlFunction": "createSettingsUrl",
            },
        },
    }


def apps_script_project(target: Target, sources: Mapping[str, str]) -> dict[str, str]:
    """The files of the Apps Script project, ready to push.

    Args:
        target: The server it is for.
        sources: The bridge, as `bridge_sources` reads it.

    Returns:
        File name to content.
    """
    config = (
        "/**\n"
        " * Written by `livestorm-calendar manifest`; the one in the repository is for the"
        " sandbox.\n"
        " * Origin of the Livestorm Calendar server, without a slash at the end.\n"
        " */\n"
        f"const BASE_URL = '{target.base_url}';\n"
    )
    return {
        **sources,
        CONFIG_FILE: config,
        MANIFEST_FILE: _as_text(apps_script_manifest(target)),
    }


def http_deployment(target: Target, *, with_conference: bool = False) -> JsonObject:
    """The deployment resource for the HTTP runtime.

    Args:
        target: The server Google is to call.
        with_conference: Also declare the conference solution and the settings function. The
            schema has them, the guides say that they work in Apps Script only.
    """
    calendar: JsonObject = {
        "currentEventAccess": CURRENT_EVENT_ACCESS,
        "eventOpenTrigger": {"runFunction": target.url("/addon/event")},
    }
    if with_conference:
        url = target.url("/addon/conference")
        calendar["conferenceSolution"] = [_conference_solution(target, url)]
        calendar["createSettingsUrlFunction"] = target.url("/addon/settings-url")
    return {
        "oauthScopes": list(SCOPES),
        "addOns": {
            "common": _common(
                target, home=target.url("/addon/home"), sign_out=target.url("/addon/sign-out")
            ),
            "calendar": calendar,
            # The server identifies Google by the system token and the user by the user's own,
            # and new HTTP add-ons must live with users who grant only some scopes.
            "httpOptions": {
                "authorizationHeader": "SYSTEM_ID_TOKEN",
                "granularOauthPermissionSupport": "OPT_IN",
            },
        },
    }


def bridge_sources(folder: Path = SOURCES) -> dict[str, str]:
    """The bridge's source files but the configuration: file name to content.

    Raises:
        FileNotFoundError: The folder is not there, as in an installation without the repository.
    """
    sources = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*.js"))
        if path.name != CONFIG_FILE
    }
    if not sources:
        raise FileNotFoundError(f"the source of the bridge is not in {folder}")
    return sources


def write(files: Mapping[str, str], folder: Path) -> None:
    """Writes files into a folder, made where missing; other files there stay (``.clasp.json``)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


@click.command("manifest")
@click.option("--base-url", required=True, help="Public https origin of the server.")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to.",
)
@click.option(
    "--runtime",
    type=click.Choice(["apps-script", "http"]),
    default="apps-script",
    show_default=True,
    help="Apps Script project, or deployment for the HTTP runtime.",
)
@click.option(
    "--logo-url",
    default=DEFAULT_LOGO_URL,
    help="Image on a Google host; the listing's icon in production.",
)
@click.option(
    "--livestorm-app",
    default=DEFAULT_LIVESTORM_APP,
    show_default=True,
    help="Origin of Livestorm's web application.",
)
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="The add-on's name.")
@click.option(
    "--http-conference",
    is_flag=True,
    help="HTTP runtime: declare the conference solution too, which Google does not document.",
)
def manifest_command(
    *,
    base_url: str,
    out: Path,
    runtime: str,
    logo_url: str,
    livestorm_app: str,
    name: str,
    http_conference: bool,
) -> None:
    """Write the add-on's project for one server, ready to be put at Google."""
    try:
        target = Target(base_url, logo_url, livestorm_app, name)
    except TargetError as error:
        raise click.UsageError(str(error)) from error
    if http_conference and runtime != "http":
        raise click.UsageError("--http-conference goes with --runtime http")
    if runtime == "http":
        deployment = http_deployment(target, with_conference=http_conference)
        files = {DEPLOYMENT_FILE: _as_text(deployment)}
    else:
        try:
            files = apps_script_project(target, bridge_sources())
        except FileNotFoundError as error:
            raise click.ClickException(str(error)) from error
    write(files, out)
    for file_name in sorted(files):
        click.echo(str(out / file_name))
    if target.is_for_sandbox:
        click.echo("This is for a sandbox: Google takes https only.", err=True)


def _common(target: Target, *, home: str, sign_out: str) -> JsonObject:
    """``addOns.common``, the same in both runtimes but for what is to be called."""
    return {
        "name": target.name,
        "logoUrl": target.logo_url,
        # With the scope script.locale: the user's language and time zone come with every call.
        "useLocaleFromApp": True,
        "homepageTrigger": {"runFunction": home},
        "universalActions": [{"label": SIGN_OUT_LABEL, "runFunction": sign_out}],
        # Cards open our own pages, and events and rooms at Livestorm. A prefix needs a path.
        "openLinkUrlPrefixes": [target.url("/"), f"{target.livestorm_app}/"],
    }


def _conference_solution(target: Target, on_create: str) -> JsonObject:
    return {
        "id": CONFERENCE_SOLUTION_ID,
        "name": target.name,
        "logoUrl": target.logo_url,
        "onCreateFunction": on_create,
    }


def _require_reachable(what: str, url: str) -> SplitResult:
    """The parts of a URL that is https, or http on loopback.

    Raises:
        TargetError: It is not, or its host or port is none.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise TargetError(f"the {what} is not a URL: {error}") from error
    if not _HOST.fullmatch(host) or port == 0 or re.search(r"\s|['\"\\]", url):
        raise TargetError(f"the {what} must be an absolute URL with a host name in ASCII")
    if parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK):
        return parts
    raise TargetError(f"the {what} must start with https:// (http only for 127.0.0.1 or localhost)")


def _as_text(value: JsonObject) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
