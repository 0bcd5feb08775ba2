"""Extended properties: limits, merging and search.

Source: developers.google.com/workspace/calendar/api/guides/extended-properties (keys over 44
characters are silently dropped, values over 1024 silently truncated, at most 300 properties and
32 kB per event; PATCH merges per key and null deletes; ``private`` belongs to one copy, ``shared``
to all).
"""

from sandbox.google.api_errors import Json, invalid

KEY_CHARACTERS = 44
VALUE_CHARACTERS = 1024
MOST_PROPERTIES = 300
MOST_BYTES = 32 * 1024

KINDS = ("private", "shared")


def merged(current: Json | None, change: object, *, replace: bool) -> Json:
    """The extended properties after a write.

    Args:
        current: Stored ones.
        change: What the client sent for ``extendedProperties``; None clears all.
        replace: PUT, which drops what is missing.

    Raises:
        ApiError: 400 for other shapes, and beyond the limits per event.
    """
    if change is None:
        return {}
    if not isinstance(change, dict):
        raise invalid("Invalid value for: extendedProperties")
    result: Json = {}
    for kind in KINDS:
        kept = {} if replace else dict((current or {}).get(kind, {}))
        if kind in change and change[kind] is None:
            kept = {}
        for key, value in (change.get(kind) or {}).items():
            if value is None:
                kept.pop(key, None)
            elif len(key) <= KEY_CHARACTERS:
                kept[key] = str(value)[:VALUE_CHARACTERS]
        if kept:
            result[kind] = kept
    pairs = [pair for kind in result.values() for pair in kind.items()]
    size = sum(len(key.encode()) + len(value.encode()) for key, value in pairs)
    if len(pairs) > MOST_PROPERTIES or size > MOST_BYTES:
        raise invalid("Extended properties exceed the limits of an event.")
    return result


def matches(resource: Json, kind: str, constraints: list[str], *, every: bool) -> bool:
    """Whether an event passes ``privateExtendedProperty`` or ``sharedExtendedProperty`` filters.

    Args:
        resource: Stored event.
        kind: ``private`` or ``shared``.
        constraints: ``name=value`` each; none passes everything.
        every: All must match, instead of any.

    Raises:
        ApiError: 400 for a constraint without ``=``.
    """
    held = resource.get("extendedProperties", {}).get(kind, {})
    found = []
    for constraint in constraints:
        name, equals, value = constraint.partition("=")
        if not equals:
            raise invalid("Invalid value", f"{kind}ExtendedProperty")
        found.append(held.get(name) == value)
    return not found or (all(found) if every else any(found))
