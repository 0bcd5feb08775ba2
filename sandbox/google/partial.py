"""Partial responses: the ``fields`` parameter every method takes.

Source: developers.google.com/workspace/calendar/api/guides/performance (``a,b(c,d),e/f,*``).
"""

import re
from typing import Any

from sandbox.google.api_errors import ApiError, Json

_WORDS = re.compile(r"[A-Za-z0-9_*]+|[(),/]")

Mask = dict[str, Any]
"""Field name → mask of what is below it; an empty mask keeps everything below."""


def selected(body: Json, fields: str) -> Json:
    """The parts of an answer that ``fields`` names.

    Raises:
        ApiError: 400 when the expression cannot be read.
    """
    words = _WORDS.findall(fields)
    if "".join(words) != fields.replace(" ", ""):
        raise _unreadable(fields)
    mask, rest = _mask(words, fields)
    if rest:
        raise _unreadable(fields)
    kept = _kept(body, mask)
    return kept if isinstance(kept, dict) else {}


def _unreadable(fields: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid field selection {fields}", location="fields")


def _mask(words: list[str], fields: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while words and words[0] != ")":
        path = [words.pop(0)]
        while words[:1] == ["/"]:
            if len(words) < 2:
                raise _unreadable(fields)
            path.append(words[1])
            words = words[2:]
        below: Mask = {}
        if words[:1] == ["("]:
            below, words = _mask(words[1:], fields)
            if words[:1] != [")"]:
                raise _unreadable(fields)
            words = words[1:]
        at = mask
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at.setdefault(path[-1], {}).update(below)
        if words[:1] == [","]:
            words = words[1:]
    return mask, words


def _kept(value: Any, mask: Mask) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [_kept(entry, mask) for entry in value]
    if isinstance(value, dict):
        return {name: _kept(value[name], below) for name, below in mask.items() if name in value}
    return value
