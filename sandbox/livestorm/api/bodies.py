"""Reading a request's body (§1.3)."""

from typing import Any

from flask import json, request

from sandbox.livestorm.refusal import Refused


def read_data(*, required: bool = True) -> dict[str, Any]:
    """Return the body's ``data``.

    Raises:
        Refused: 400, no JSON object, or one without ``data``.
    """
    raw = request.get_data()
    if not raw and not required:
        return {}
    try:
        document = json.loads(raw)
    except ValueError as broken:
        raise Refused(400, "The body is not valid JSON") from broken
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        raise Refused(400, "data is missing")
    return data


def attributes_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the ``attributes`` of a resource in the body.

    Raises:
        Refused: 400, they are no object.
    """
    attributes = data.get("attributes", {})
    if not isinstance(attributes, dict):
        raise Refused(400, "attributes must be an object")
    return attributes


def related(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a relationship as it is sent: a bare array, without JSON:API's ``data`` (§1.3).

    Raises:
        Refused: 400, anything else.
    """
    relationships = data.get("relationships") or {}
    if not isinstance(relationships, dict):
        raise Refused(400, "relationships must be an object")
    found = relationships.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refused(400, f"relationships.{name} must be an array")
    return found


def optional_text(attributes: dict[str, Any], name: str) -> str | None:
    """Return an attribute that is text or null.

    Raises:
        Refused: 400, anything else.
    """
    value = attributes.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, f"{name} must be a string")
    return value
