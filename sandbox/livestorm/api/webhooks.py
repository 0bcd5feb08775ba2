"""``/webhooks`` (§4)."""

from urllib.parse import urlsplit

from sandbox.livestorm.api import bodies
from sandbox.livestorm.api.documents import webhook_resource
from sandbox.livestorm.api.endpoints import Answer, Call, Endpoints
from sandbox.livestorm.api.queries import Query
from sandbox.livestorm.deliveries import WEBHOOK_EVENTS
from sandbox.livestorm.records import Webhook
from sandbox.livestorm.refusal import Refused

LOCAL = ("127.0.0.1", "localhost")


def install(endpoints: Endpoints) -> None:
    """Register the endpoints."""
    endpoints.route("/webhooks", "GET", "webhooks:read")(list_webhooks)
    endpoints.route("/webhooks", "POST", "webhooks:write")(create_webhook)
    endpoints.route("/webhooks/<webhook_id>", "DELETE", "webhooks:write")(delete_webhook)


def list_webhooks(call: Call) -> Answer:
    """``GET /webhooks``."""
    query = Query(call.world.switches, filters=("event",))
    shown = call.world.switches.webhook_disabled == "listed"
    found = [
        one
        for one in call.caller.workspace.webhooks.values()
        if query.text("event") in (None, one.event) and (shown or not one.disabled)
    ]
    return Answer(200, query.listing(found, webhook_resource, created=lambda one: one.created_at))


def create_webhook(call: Call) -> Answer:
    """``POST /webhooks``: one URL, one event, for the whole workspace."""
    attributes = bodies.attributes_of(bodies.read_data())
    url = bodies.optional_text(attributes, "url") or ""
    event = bodies.optional_text(attributes, "event") or ""
    if not _allowed(call, url):
        raise Refused(422, "Url is invalid")
    if event not in WEBHOOK_EVENTS:
        raise Refused(422, "Event is not included in the list")
    webhooks = call.caller.workspace.webhooks
    known = any(one.url == url and one.event == event for one in webhooks.values())
    if known and call.world.switches.webhook_duplicate == "422":
        raise Refused(422, "Url has already been taken")
    stamp = call.world.stamp()
    workspace = call.caller.workspace
    webhook = Webhook(call.world.new_id(), workspace.id, url, event, stamp, stamp)
    webhooks[webhook.id] = webhook
    return Answer(201, {"data": webhook_resource(webhook)})


def delete_webhook(call: Call, webhook_id: str) -> Answer:
    """``DELETE /webhooks/{id}``."""
    if call.caller.workspace.webhooks.pop(webhook_id, None) is None:
        raise Refused(404, "Not found")
    return Answer(204)


def _allowed(call: Call, url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return True
    local = parts.scheme == "http" and parts.hostname in LOCAL
    return local and call.world.switches.webhook_urls == "https_or_local"
