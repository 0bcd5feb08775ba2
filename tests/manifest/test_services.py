"""The stand-ins for Apps Script are no more generous than Google's own services.

Held to `@types/google-apps-script`, the published type declarations: a method or an enum value
that is only in the stand-in would let a bridge pass here that fails at Google.
"""

import re
from typing import Any

import pytest

from tests.manifest.platform import ROOT, Bridge

pytestmark = pytest.mark.browser

TYPES = ROOT / "manifest/node_modules/@types/google-apps-script"

NAMES_OF_STAND_INS = """() => {
    const described = {};
    for (const service of [CardService, ConferenceDataService]) {
        for (const [name, value] of Object.entries(service)) {
            described[name] = typeof value === 'function'
                ? Object.keys(Object.getPrototypeOf(value())).filter(key => key !== 'constructor')
                : Object.keys(value);
        }
    }
    return described;
}"""


def declared(file: str) -> dict[str, set[str]]:
    """Interface or enum name → names in it, read from a declaration file."""
    text = (TYPES / file).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"//.*", "", text)
    blocks = re.findall(r"(?:interface|enum) (\w+)[^{]*\{(.*?)\n        \}", text, re.DOTALL)
    return {name: set(re.findall(r"^\s+(\w+)(?=[(,: ]|$)", body, re.M)) for name, body in blocks}


def declared_everywhere() -> dict[str, set[str]]:
    assert TYPES.is_dir(), f"{TYPES} is missing: run `npm ci --prefix manifest`"
    return declared("google-apps-script.card-service.d.ts") | declared(
        "google-apps-script.conference-data.d.ts"
    )


def test_the_stand_ins_invent_nothing(bridge: Bridge) -> None:
    google = declared_everywhere()

    stand_ins: dict[str, list[str]] = bridge.page.evaluate(NAMES_OF_STAND_INS)

    assert len(stand_ins) > 40
    assert "setUri" in google["EntryPoint"]
    assert "setLabel" not in google["EntryPoint"]
    invented = {
        f"{name}.{member}"
        for name, members in stand_ins.items()
        for member in members
        if member not in google[name.removeprefix("new")]
    }
    assert invented == set()


@pytest.mark.parametrize(
    ("service", "file"),
    [
        ("CardService", "google-apps-script.card-service.d.ts"),
        ("ConferenceDataService", "google-apps-script.conference-data.d.ts"),
        ("ScriptApp", "google-apps-script.script.d.ts"),
        ("Session", "google-apps-script.base.d.ts"),
        ("UrlFetchApp", "google-apps-script.url-fetch.d.ts"),
    ],
)
def test_no_service_has_more_than_google_gives_it(bridge: Bridge, service: str, file: str) -> None:
    has = set(bridge.page.evaluate(f"Object.keys({service})"))

    assert has
    assert has <= declared(file)[service]


WRONG: dict[str, str] = {
    "an unknown method": "CardService.newTextButton().setLabel('x')",
    "a label on an entry point": "ConferenceDataService.newEntryPoint().setLabel('x')",
    "a number for a text": "CardService.newTextParagraph().setText(5)",
    "no argument": "CardService.newTextParagraph().setText()",
    "an enum value that is none": (
        "CardService.newTextButton().setTextButtonStyle(CardService.TextButtonStyle.LOUD)"
    ),
    "an enum value of another enum": (
        "CardService.newTextButton().setTextButtonStyle(CardService.OpenAs.OVERLAY)"
    ),
    "parameters that are no texts": "CardService.newAction().setParameters({a: 1})",
    "a header where a section goes": (
        "CardService.newCardBuilder().addSection(CardService.newCardHeader().setTitle('x'))"
    ),
    "an empty card": "CardService.newCardBuilder().build()",
    "an empty section": "CardService.newCardBuilder().addSection(CardService.newCardSection())",
    "an input without a name": (
        "CardService.newCardSection().addWidget(CardService.newTextInput().setTitle('x'))"
    ),
    "a button without a click": (
        "CardService.newCardSection().addWidget(CardService.newTextButton().setText('x'))"
    ),
    "two clicks on a button": (
        "CardService.newTextButton().setOpenLink(link('https://x.test/'))"
        ".setOpenLink(link('https://x.test/'))"
    ),
    "plain http": "CardService.newTextButton().setOpenLink(link('http://x.test/'))",
    "an outlined primary button": (
        "CardService.newCardBuilder().setFixedFooter(CardService.newFixedFooter().setPrimaryButton("
        "CardService.newTextButton().setText('x').setOpenLink(link('https://x.test/'))))"
    ),
    "widget 101": (
        "((s) => { for (let i = 0; i < 101; i++) s.addWidget(CardService.newDivider()); })"
        "(CardService.newCardSection())"
    ),
    "a conference without entry points": (
        "ConferenceDataService.newConferenceDataBuilder().setConferenceId('1').build()"
    ),
    "a conference id that is too long": (
        "ConferenceDataService.newConferenceDataBuilder().setConferenceId('x'.repeat(513))"
    ),
    "a sign-in without a page": (
        "ConferenceDataService.newConferenceDataBuilder().setError("
        "ConferenceDataService.newConferenceError().setConferenceErrorType("
        "ConferenceDataService.ConferenceErrorType.AUTHENTICATION))"
    ),
    "a fetch of a relative URL": "UrlFetchApp.fetch('/addon/home')",
    "a fetch with an unknown method": "UrlFetchApp.fetch('http://127.0.0.1/', {method: 'steal'})",
}


@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG)
def test_what_google_refuses_is_refused(bridge: Bridge, code: str) -> None:
    complaint = bridge.page.evaluate(
        f"""() => {{
            const link = (url) => CardService.newOpenLink().setUrl(url);
            try {{ {code}; return null; }} catch (error) {{ return error.message; }}
        }}"""
    )

    assert complaint


def test_a_link_outside_the_allowlist_is_refused_once_there_is_one(bridge: Bridge) -> None:
    def opens(url: str) -> Any:
        return bridge.page.evaluate(
            """url => {
                try {
                    const link = CardService.newOpenLink().setUrl(url);
                    CardService.newTextButton().setOpenLink(link);
                    return true;
                } catch (error) { return false; }
            }""",
            url,
        )

    assert opens("https://app.livestorm.co.evil.example/")
    bridge.page.evaluate(
        "AppsScriptSandbox.configure({openLinkUrlPrefixes: ['https://app.livestorm.co/',"
        " 'https://x.test/foo']})"
    )

    assert opens("https://app.livestorm.co/p/1")
    assert opens("https://x.test/foo?bar")
    assert opens("mailto:sam@acme.test")
    assert not opens("https://x.test/foobar")
    assert not opens("https://app.livestorm.co.evil.example/")


def test_http_errors_throw_unless_they_are_muted(bridge: Bridge) -> None:
    fetch = """([url, options]) => {
        try { return UrlFetchApp.fetch(url, {payload: '', ...options}).getResponseCode(); }
        catch (error) { return error.message; }
    }"""
    url = f"{bridge.server.url}/none"

    assert bridge.page.evaluate(fetch, [url, {"muteHttpExceptions": True}]) == 404
    assert bridge.page.evaluate(fetch, [url, {}]) == f"Request failed for {url} returned code 404."
    assert "unavailable" in bridge.page.evaluate(fetch, ["http://127.0.0.1:9/", {}])


def test_the_stand_ins_run_in_a_worker_too(bridge: Bridge) -> None:
    bridge.server.answer(
        "/addon/home", {"action": {"navigations": [{"pushCard": {"header": {"title": "W"}}}]}}
    )

    shown = bridge.page.evaluate(
        """() => new Promise((resolve, reject) => {
            const worker = new Worker('/worker.js');
            worker.onmessage = (event) => resolve(event.data);
            worker.onerror = (event) => reject(event.message);
            worker.postMessage('onHomepage');
        })"""
    )

    assert shown == [{"kind": "Card", "header": {"title": "W"}}]
