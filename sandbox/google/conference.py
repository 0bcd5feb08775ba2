"""Conference data: what an API client may write, and what Calendar itself writes for an add-on.

Sources: discovery document calendar v3 (ConferenceData, conferenceDataVersion),
developers.google.com/workspace/calendar/api/guides/create-events (copying, clearing,
createRequest), developers.google.com/workspace/add-ons/reference/rpc/apps.extensions.markup
(ConferenceDataMarkup and its limits).
"""

import base64
import random
from copy import deepcopy

from sandbox.google.api_errors import ApiError, Json, invalid
from sandbox.google.merge import merge_patch
from sandbox.google.switches import Switches

MEET_HOST = "https://meet.google.com/"
MEET_ICON = (
    "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo_meet_2020q4_color_2x"
    "_web_512dp.png"
)
CREATABLE = ("hangoutsMeet",)
"""What a ``createRequest`` may ask for; the Hangouts kinds are deprecated, add-ons excluded."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SECRET_FIELDS = ("meetingCode", "accessCode", "passcode", "password", "pin")

_source = random.Random(20261122)


def applied(
    current: Json | None,
    body: Json,
    *,
    version: int,
    replace: bool,
    switches: Switches,
    trusted: bool = False,
) -> Json | None:
    """The event's conference data after a write.

    Args:
        current: Stored conference data.
        body: The whole body of the write.
        version: ``conferenceDataVersion``; 0 ignores what the body says.
        replace: PUT: leaving the key out under version 1 removes the conference.
        switches: Whether add-on data may be written.
        trusted: Calendar itself writes, after asking the add-on.

    Raises:
        ApiError: 400 for what Google refuses.
    """
    if version == 0 and not trusted:
        return current
    if "conferenceData" not in body:
        return None if replace and not trusted else current
    wanted = body["conferenceData"]
    if wanted is None:
        return None
    if not isinstance(wanted, dict):
        raise invalid("Invalid value for: conferenceData")
    if "createRequest" in wanted and "conferenceSolution" not in wanted:
        return _requested(current, wanted["createRequest"], switches)
    # Calendar itself sets a conference whole; a client's PATCH merges into what is there.
    merged = merge_patch({} if replace or trusted else current or {}, wanted)
    return _copied(merged, switches, trusted=trusted)


def _requested(current: Json | None, asked: object, switches: Switches) -> Json | None:
    if not isinstance(asked, dict) or not asked.get("requestId"):
        raise invalid("Invalid conference creation request.")
    if current and current.get("createRequest", {}).get("requestId") == asked["requestId"]:
        return current  # the request id is an idempotency key
    if asked.get("conferenceSolutionKey", {}).get("type", "hangoutsMeet") not in CREATABLE:
        raise invalid("Invalid conference type value.")
    request: Json = {
        "requestId": asked["requestId"],
        "conferenceSolutionKey": {"type": "hangoutsMeet"},
        "status": {"statusCode": "pending"},
    }
    if switches.create_request == "immediate":
        return meet(request)
    return {"createRequest": request}


def pending(resource: Json) -> bool:
    """Whether an event waits for its conference."""
    request = (resource.get("conferenceData") or {}).get("createRequest", {})
    return bool(request.get("status", {}).get("statusCode") == "pending")


def settled(current: Json, switches: Switches) -> Json | None:
    """What a pending request became, or None when nothing is pending."""
    request = current.get("createRequest")
    if request is None or request["status"]["statusCode"] != "pending":
        return None
    if switches.create_request == "failure":
        return {"createRequest": {**request, "status": {"statusCode": "failure"}}}
    return meet(request)


def meet(request: Json | None = None) -> Json:
    """A Google Meet conference, as Calendar makes it."""
    code = "-".join("".join(_source.choices(_LETTERS, k=size)) for size in (3, 4, 3))
    data: Json = {
        "conferenceId": code,
        "conferenceSolution": {
            "key": {"type": "hangoutsMeet"},
            "name": "Google Meet",
            "iconUri": MEET_ICON,
        },
        "entryPoints": [
            {
                "entryPointType": "video",
                "uri": MEET_HOST + code,
                "label": f"meet.google.com/{code}",
            }
        ],
        "signature": _signature(),
    }
    if request is not None:
        success = {"statusCode": "success"}
        data["createRequest"] = {**request, "status": success}
    return data


def solution_type(data: Json | None) -> str | None:
    """``addOn``, ``hangoutsMeet``, … or None."""
    value = (data or {}).get("conferenceSolution", {}).get("key", {}).get("type")
    return None if value is None else str(value)


def _copied(data: Json, switches: Switches, *, trusted: bool) -> Json:
    entry_points = data.get("entryPoints")
    if solution_type(data) is None or not isinstance(entry_points, list) or not entry_points:
        raise invalid("Missing conference solution or entry points.")
    if solution_type(data) == "addOn":
        if switches.addon_write == "reject400" and not trusted:
            raise ApiError(400, "invalid", "Invalid Value")
    elif any(
        point.get("entryPointType") == "video"
        and not str(point.get("uri", "")).startswith(MEET_HOST)
        for point in entry_points
    ):
        raise ApiError(400, "invalid", "Invalid Value")
    copy = deepcopy(data)
    copy["signature"] = _signature()
    return copy


def _signature() -> str:
    return base64.b64encode(_source.randbytes(20)).decode("ascii")


def from_markup(markup: Json, *, name: str = "Livestorm", icon_uri: str = "") -> Json:
    """Conference data as the API shows it, from an add-on's ConferenceDataMarkup.

    Args:
        markup: ``conferenceId``, ``conferenceSolutionId``, ``entryPoints`` with upper-case
            ``type``, ``parameters`` as a list, ``note``.
        name: Name of the conference solution in the manifest.
        icon_uri: Its logo.

    Raises:
        ValueError: Beyond a limit, or an error instead of a conference.
    """
    _check_markup(markup)
    points = []
    for point in markup["entryPoints"]:
        made = {"entryPointType": point["type"].lower(), "uri": point["uri"]}
        for field in ("label", "regionCode", *_SECRET_FIELDS):
            if point.get(field):
                made[field] = point[field]
        if point.get("features"):
            made["entryPointFeatures"] = [feature.lower() for feature in point["features"]]
        points.append(made)
    data: Json = {
        "conferenceId": markup["conferenceId"],
        "conferenceSolution": {"key": {"type": "addOn"}, "name": name, "iconUri": icon_uri},
        "entryPoints": points,
        "signature": _signature(),
    }
    if markup.get("note"):
        data["notes"] = markup["note"]
    if markup.get("parameters"):
        pairs = {entry["key"]: entry["value"] for entry in markup["parameters"]}
        data["parameters"] = {"addOnParameters": {"parameters": pairs}}
    return data


def _check_markup(markup: Json) -> None:
    if "error" in markup:
        raise ValueError(f"the add-on answered with the error {markup['error'].get('type')}")
    # Lengths and counts: ConferenceDataMarkup in the RPC reference named above.
    limits = [("conferenceId", markup.get("conferenceId"), 512), ("note", markup.get("note"), 2048)]
    for parameter in markup.get("parameters", []):
        limits += [("parameter key", parameter["key"], 50)]
        limits += [("parameter value", parameter["value"], 1024)]
    points = markup.get("entryPoints") or []
    kinds = [point.get("type") for point in points]
    for point in points:
        limits += [("uri", point.get("uri"), 1300), ("label", point.get("label"), 512)]
        limits += [(field, point.get(field), 128) for field in _SECRET_FIELDS]
    for field, value, most in limits:
        if value is not None and (not isinstance(value, str) or len(value) > most):
            raise ValueError(f"{field} is longer than {most} characters, or no text")
    if not markup.get("conferenceId") or not markup.get("conferenceSolutionId"):
        raise ValueError("conferenceId and conferenceSolutionId are required")
    if not points or not all(point.get("uri") for point in points):
        raise ValueError("at least one entry point with a uri is required")
    if set(kinds) - {"VIDEO", "PHONE", "MORE", "SIP"} or set(kinds) == {"MORE"}:
        raise ValueError(f"entry points cannot be {kinds}")
    if any(kinds.count(kind) > 1 for kind in ("VIDEO", "MORE", "SIP")):
        raise ValueError("at most one entry point each of VIDEO, MORE and SIP")
    if len(points) > 300 or len(markup.get("parameters", [])) > 300:
        raise ValueError("more than 300 entry points or parameters")
