"""What `livestorm-calendar manifest` writes, held to Google's schema and published rules."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from google.apps.script import type as script_type
from google.apps.script.type import calendar as calendar_type

# protobuf ships no types.
from google.protobuf.json_format import ParseDict, ParseError  # type: ignore[import-untyped]

from cards.responses import CONFERENCE_SOLUTION_ID
from server.manifest import (
    APPS_SCRIPT_SCOPES,
    CONFIG_FILE,
    MANIFEST_FILE,
    SCOPES,
    SOURCES,
    Target,
    TargetError,
    apps_script_manifest,
    apps_script_project,
    bridge_sources,
    http_deployment,
    manifest_command,
)
from tests.manifest.platform import ROOT

TARGET = Target("https://calendar.acme.test")
DOCS = ROOT / "docs/google-setup.md"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(manifest_command, [str(argument) for argument in arguments])


def check_add_ons(add_ons: dict[str, Any]) -> None:
    """Parse strictly with Google's own messages.

    Raises:
        ParseError: A key or a value that Google does not know.
    """
    ParseDict(add_ons["common"], script_type.CommonAddOnManifest.pb()())
    ParseDict(add_ons["calendar"], calendar_type.CalendarAddOnManifest.pb()())


# ------------------------------------------------------------- Apps Script


def test_the_repository_holds_what_the_command_writes_for_the_sandbox() -> None:
    written = apps_script_project(Target("http://127.0.0.1:8080"), bridge_sources())

    assert {CONFIG_FILE, MANIFEST_FILE} < written.keys()
    for name, text in written.items():
        assert (SOURCES / name).read_text(encoding="utf-8") == text, name


def test_the_manifest_is_in_googles_schema() -> None:
    manifest = apps_script_manifest(TARGET)

    check_add_ons(manifest["addOns"])
    # developers.google.com/apps-script/manifest
    assert manifest.keys() <= {
        "addOns",
        "dependencies",
        "exceptionLogging",
        "oauthScopes",
        "runtimeVersion",
        "timeZone",
        "urlFetchWhitelist",
    }
    assert manifest["runtimeVersion"] == "V8"
    assert manifest["exceptionLogging"] == "STACKDRIVER"


def test_the_schema_check_sees_a_wrong_manifest() -> None:
    add_ons = apps_script_manifest(TARGET)["addOns"]
    add_ons["calendar"]["conferenceSolution"][0]["id"] = 1

    with pytest.raises(ParseError):
        check_add_ons(add_ons)


def prefixes(manifest: dict[str, Any]) -> list[str]:
    return [
        *manifest["urlFetchWhitelist"],
        *manifest["addOns"]["common"]["openLinkUrlPrefixes"],
    ]


def test_url_prefixes_have_the_published_form() -> None:
    found = prefixes(apps_script_manifest(TARGET))

    for prefix in found:
        parts = urlsplit(prefix)
        assert parts.scheme == "https"
        assert parts.hostname
        assert parts.path
        assert "*" not in prefix
    assert set(found) == {"https://calendar.acme.test/", "https://app.livestorm.co/"}


def test_the_bridge_may_fetch_from_our_server_alone() -> None:
    assert apps_script_manifest(TARGET)["urlFetchWhitelist"] == ["https://calendar.acme.test/"]


def test_the_conference_solution_is_the_one_the_server_answers_with() -> None:
    (solution,) = apps_script_manifest(TARGET)["addOns"]["calendar"]["conferenceSolution"]

    assert solution["id"] == CONFERENCE_SOLUTION_ID == "livestorm"
    # Recommended by the review guide; a Google name is refused.
    assert len(solution["name"]) <= 30
    assert "Google" not in solution["name"]
    # A conference solution's logo has to lie on a Google host.
    host = urlsplit(solution["logoUrl"]).hostname
    assert host is not None
    assert host.endswith((".gstatic.com", ".googleusercontent.com"))


def test_every_function_the_manifest_names_exists_and_is_public() -> None:
    manifest = json.dumps(apps_script_manifest(TARGET)["addOns"])
    named = set(re.findall(r'"(?:runFunction|\w+Function)": "(\w+)"', manifest))
    source = "\n".join(bridge_sources().values())

    assert named == {
        "onHomepage",
        "onEventOpen",
        "onSignOut",
        "createConference",
        "createSettingsUrl",
    }
    public = {name for name in re.findall(r"^function (\w+)\(", source, re.M) if name[-1] != "_"}
    # A trailing underscore hides a function from Google; nothing else is to be callable.
    assert public == named | {"onAction"}


def test_the_source_is_plain_apps_script() -> None:
    project = apps_script_project(TARGET, bridge_sources())

    for name, text in project.items():
        assert name == MANIFEST_FILE or name.endswith(".js")
        assert not re.search(r"^\s*(import|export)\b|\brequire\(|\bmodule\.exports", text, re.M)


def test_no_two_files_declare_the_same_name() -> None:
    source = "\n".join(apps_script_project(TARGET, bridge_sources()).values())

    names = re.findall(r"^(?:function|const) (\w+)", source, re.M)
    assert sorted(names) == sorted(set(names))


# ------------------------------------------------------------------ scopes


def test_the_documented_scopes_are_those_asked_for() -> None:
    table = re.findall(r"^\| `([\w./:]+)` \| (.+?) \|", DOCS.read_text(encoding="utf-8"), re.M)
    reasons = {
        scope if scope == "openid" else f"https://www.googleapis.com/auth/{scope}": reason
        for scope, reason in table
        if scope == "openid" or re.match(r"(calendar|script|userinfo)\.", scope)
    }

    assert reasons.keys() == set(APPS_SCRIPT_SCOPES)
    assert apps_script_manifest(TARGET)["oauthScopes"] == list(APPS_SCRIPT_SCOPES)
    assert http_deployment(TARGET)["oauthScopes"] == list(SCOPES)
    assert all(len(reason) > 20 for reason in reasons.values())


def test_no_scope_lets_anything_be_changed() -> None:
    allowed = {"calendar.addons.execute", "calendar.events.readonly"}

    calendar = {scope.rsplit("/", 1)[-1] for scope in APPS_SCRIPT_SCOPES if "calendar" in scope}
    assert calendar == allowed


def test_access_to_the_open_event_needs_no_scope_that_is_not_asked_for() -> None:
    # READ and WRITE access each need a scope of their own; METADATA needs none.
    for add_ons in (apps_script_manifest(TARGET)["addOns"], http_deployment(TARGET)["addOns"]):
        assert add_ons["calendar"]["currentEventAccess"] == "METADATA"


# ------------------------------------------------------------ HTTP runtime


@pytest.mark.parametrize("with_conference", [False, True])
def test_the_http_deployment_is_in_googles_schema(*, with_conference: bool) -> None:
    deployment = http_deployment(TARGET, with_conference=with_conference)

    assert deployment.keys() == {"oauthScopes", "addOns"}
    check_add_ons(deployment["addOns"])
    options = dict(deployment["addOns"]["httpOptions"])
    # The published messages lag the REST reference, which has this one.
    assert options.pop("granularOauthPermissionSupport") == "OPT_IN"
    ParseDict(options, script_type.HttpOptions.pb()())


def test_the_http_deployment_calls_the_endpoints_of_the_contract() -> None:
    deployment = json.dumps(http_deployment(TARGET, with_conference=True))

    called = set(re.findall(r'"https://calendar\.acme\.test(/[^"]+)"', deployment))
    assert called == {
        "/addon/home",
        "/addon/event",
        "/addon/sign-out",
        "/addon/conference",
        "/addon/settings-url",
    }


def test_conferencing_over_http_is_only_declared_when_asked_for() -> None:
    calendar = http_deployment(TARGET)["addOns"]["calendar"]

    assert "conferenceSolution" not in calendar
    assert "createSettingsUrlFunction" not in calendar


# -------------------------------------------------------------------- URLs


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://calendar.acme.test", "https://calendar.acme.test"),
        ("https://calendar.acme.test/", "https://calendar.acme.test"),
        ("https://Calendar.ACME.test:8443", "https://calendar.acme.test:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
    ],
)
def test_origins_are_taken(given: str, kept: str) -> None:
    assert Target(given).base_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "calendar.acme.test",
        "//calendar.acme.test",
        "http://calendar.acme.test",
        "http://127.0.0.1.evil.example",
        "ftp://calendar.acme.test",
        "https://",
        "https:///addon",
        "https://calendar.acme.test/path",
        "https://calendar.acme.test?x=1",
        "https://calendar.acme.test#x",
        "https://user@calendar.acme.test",
        "https://calendar.acme.test:port",
        "https://calendar.acme.test:99999",
        "https://calendar.acme.test';alert(1);'",
        "https://calendar acme.test",
        "https://calendrier-é.test",
        "https://[::1",
    ],
)
def test_anything_else_is_refused(given: str) -> None:
    with pytest.raises(TargetError, match="base URL"):
        Target(given)


# ----------------------------------------------------------------- command


def test_the_command_writes_a_project_that_can_be_pushed(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"

    result = run("--base-url", "https://calendar.acme.test/", "--out", out)

    assert result.exit_code == 0, result.output
    names = {path.name for path in out.iterdir()}
    assert names == {*bridge_sources(), CONFIG_FILE, MANIFEST_FILE}
    assert "const BASE_URL = 'https://calendar.acme.test';" in (out / CONFIG_FILE).read_text()
    assert json.loads((out / MANIFEST_FILE).read_text()) == apps_script_manifest(TARGET)
    assert str(out / MANIFEST_FILE) in result.stdout


def test_the_command_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / ".clasp.json").write_text('{"scriptId": "1"}')
    (tmp_path / CONFIG_FILE).write_text("old")

    run("--base-url", "https://calendar.acme.test", "--out", tmp_path)

    assert (tmp_path / ".clasp.json").read_text() == '{"scriptId": "1"}'
    assert "old" not in (tmp_path / CONFIG_FILE).read_text()


def test_the_command_takes_logo_name_and_livestorms_address(tmp_path: Path) -> None:
    logo = "https://lh3.googleusercontent.com/abc"

    result = run(
        *("--base-url", "https://calendar.acme.test", "--out", tmp_path),
        *("--logo-url", logo, "--name", "Acme Live", "--livestorm-app", "http://127.0.0.1:8082"),
    )

    assert result.exit_code == 0, result.output
    add_ons = json.loads((tmp_path / MANIFEST_FILE).read_text())["addOns"]
    (solution,) = add_ons["calendar"]["conferenceSolution"]
    assert (add_ons["common"]["logoUrl"], solution["logoUrl"]) == (logo, logo)
    assert (add_ons["common"]["name"], solution["name"]) == ("Acme Live", "Acme Live")
    assert "http://127.0.0.1:8082/" in add_ons["common"]["openLinkUrlPrefixes"]


@pytest.mark.parametrize("conference", [False, True])
def test_the_command_writes_the_http_deployment(tmp_path: Path, *, conference: bool) -> None:
    flag = ["--http-conference"] if conference else []

    result = run(
        *("--base-url", "https://calendar.acme.test", "--out", tmp_path, "--runtime", "http"),
        *flag,
    )

    assert result.exit_code == 0, result.output
    (file,) = tmp_path.iterdir()
    written = json.loads(file.read_text())
    assert written == http_deployment(TARGET, with_conference=conference)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--base-url", "http://calendar.acme.test"], "base URL must start with https://"),
        (["--base-url", "https://x.test", "--logo-url", "logo.png"], "logo URL"),
        (["--base-url", "https://x.test", "--livestorm-app", "http://x.test"], "Livestorm URL"),
        (["--base-url", "https://x.test", "--http-conference"], "--runtime http"),
        ([], "--base-url"),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    out = tmp_path / "out"

    result = run(*arguments, "--out", out)

    assert result.exit_code == 2
    assert complaint in result.output
    assert not out.exists()


def test_the_command_warns_that_google_takes_no_sandbox(tmp_path: Path) -> None:
    sandbox = run("--base-url", "http://127.0.0.1:8080", "--out", tmp_path)
    real = run("--base-url", "https://calendar.acme.test", "--out", tmp_path)

    assert "Google takes https only" in sandbox.stderr
    assert real.stderr == ""
