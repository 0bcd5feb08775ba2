"""Tracebacks for logs: where, and which kind of error, but not every word that an error says.

The message of an exception often quotes the value that was wrong, which may be somebody's title or
address. Where it happened and what kind it was finds the cause just as well.
"""

import re

_BEGIN = "Traceback (most recent call last):"

_LINKS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)

_QUOTED = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|\([^()]*\)=\([^()]*\)")
"""What is quoted, and how PostgreSQL names the key that it refuses."""

_OWN_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
"""A constraint or an attribute: never a word of a person."""

MOST = 200
"""Characters kept of a message: enough for a driver's reason."""


def without_words(text: str) -> str:
    """Return a text whose tracebacks keep of each exception its type and what is not quoted.

    Of a message the first line stays, without what it quotes. A text without a traceback is
    returned as it is.
    """
    if _BEGIN not in text:
        return text
    lines: list[str] = []
    after_message = False
    in_frames = False
    for line in text.splitlines():
        if line == _BEGIN or line in _LINKS:
            in_frames, after_message = line == _BEGIN, False
        elif in_frames and line and not line[0].isspace():
            line, in_frames = _message(line), False  # noqa: PLW2901 - shortened
            lines.append(line)
            after_message = True
        if not after_message:
            lines.append(line)
    return "\n".join(lines)


def _message(line: str) -> str:
    kind, colon, words = line.partition(": ")
    return f"{kind}{colon}{_QUOTED.sub(_unquoted, words)[:MOST]}"


def _unquoted(found: re.Match[str]) -> str:
    return found.group() if _OWN_NAME.fullmatch(found.group()[1:-1]) else "[value]"
