"""The words of a refusal, and what of them may reach a log."""

import json
import re
from collections.abc import Iterator

# Longest body whose text is looked at: an error is a few hundred bytes, anything longer is a page.
_READ_BYTES = 20_000
# Enough for Livestorm's longest known error text, short enough for a log line.
_DETAIL_CHARACTERS = 300
# Error objects nest one or two levels; deeper is not an error text.
_DEPTH = 4


def error_text(body: bytes) -> str:
    """Return the words of an error answer, whatever its form; "" when there are none."""
    start = body[:_READ_BYTES].decode("utf-8", "replace").strip()
    if start.startswith("<"):
        return "an HTML page instead of JSON"
    try:
        document: object = json.loads(body[:_READ_BYTES])
    except (ValueError, RecursionError):
        return "a body that is not JSON" if start else ""
    return "; ".join(dict.fromkeys(_texts(document, _DEPTH)))


def has_errors(body: bytes) -> bool:
    """Whether an error answer is the API's own: JSON with a list of errors, and one in it.

    Source: developers.livestorm.co/docs/requests-and-responses.
    """
    try:
        document: object = json.loads(body[:_READ_BYTES])
    except (ValueError, RecursionError):
        return False
    errors = document.get("errors") if isinstance(document, dict) else None
    return isinstance(errors, list) and bool(errors)


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif depth and isinstance(value, list):
        for item in value:
            yield from _texts(item, depth - 1)
    elif depth and isinstance(value, dict):
        yield from _object_texts(value, depth)


def _object_texts(value: dict[str, object], depth: int) -> Iterator[str]:
    if "errors" in value:
        yield from _texts(value["errors"], depth - 1)
        return
    for name in ("detail", "error_description", "message", "title", "error"):
        # A list under one of these names is Rails' own form of errors, {"title": ["is blank"]}.
        if isinstance(value.get(name), str | dict):
            yield from _texts(value[name], depth - 1)
            return
    if not {"code", "status"} & value.keys():
        for name, item in value.items():
            for text in _texts(item, depth - 1):
                yield f"{name} {text}"


_WORD = re.compile(r"""[^\s<>()"',;]+""")
_NAMED_SECRET = re.compile(
    r"\b(bearer\s+|(?:key|token|secret|password|code|email)=)[^\s&]+", re.IGNORECASE
)
_JWT = re.compile(r"\beyJ[\w.\-]+")
_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=\-]{20,}")
# Livestorm quotes the value that it refuses, which may be somebody's title or name.
_QUOTED = re.compile(r"\"[^\"]+\"|“[^”]+”|«[^»]+»|(?<!\w)'[^']+'(?!\w)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ATTRIBUTE_NAME = re.compile(r"[a-z_\-/]+")


def safe_detail(text: str) -> str:
    """Bound a text and take out what must not reach a log.

    Removed are what is quoted, e-mail addresses, the query part of URLs, named secrets and every
    long run of characters that could be a token or a personal key. Identifiers (UUIDs) and
    attribute names stay, because they are what a person needs to find the cause.
    """
    cut = text[:_READ_BYTES]
    if len(text) > _READ_BYTES:
        # Half a word could be half an address, which no pattern would know any more.
        cut = cut.rpartition(" ")[0]
    printable = " ".join("".join(c if c.isprintable() else " " for c in cut).split())
    unquoted = _QUOTED.sub(_hide_quoted, printable)
    named = _JWT.sub("[hidden]", _NAMED_SECRET.sub(r"\1[hidden]", unquoted))
    hidden = _WORD.sub(_hide_word, named)
    if len(hidden) <= _DETAIL_CHARACTERS:
        return hidden
    return hidden[: _DETAIL_CHARACTERS - 1] + "…"


def _hide_quoted(found: re.Match[str]) -> str:
    return found.group() if _ATTRIBUTE_NAME.fullmatch(found.group()[1:-1]) else "[value]"


def _hide_word(found: re.Match[str]) -> str:
    word = found.group()
    if "://" in word:
        word = word.partition("?")[0]
    if "@" in word or "%40" in word:
        return "[address]"
    return _LONG_RUN.sub(_hide_run, word)


def _hide_run(found: re.Match[str]) -> str:
    run = found.group()
    if _ATTRIBUTE_NAME.fullmatch(run):
        return run
    # A path of several identifiers is one run, because "/" is also a base64 character.
    parts = run.split("/")
    if all(_UUID.fullmatch(part) or len(part) < 20 for part in parts):  # noqa: PLR2004
        return run
    return "[hidden]"
