"""Everything Google's documentation leaves open, or reports contradict, as a named switch.

Each default is the behaviour most often reported, or the stricter one where reports disagree: a
client that survives the strict setting survives the other. What is certain is not a switch and
has its public source beside the rule that implements it.
"""

from dataclasses import dataclass
from typing import Literal

from sandbox.simulation import SwitchBoard, switch


@dataclass
class Switches(SwitchBoard):
    """The open questions about Google and the answer the simulator gives today."""

    tombstones: Literal["documented", "id_only", "full"] = switch(
        "documented",
        "What a deleted event looks like in lists. documented: details remain on the "
        "organizer's copy when showDeleted is true, otherwise only the id (discovery "
        "document, Event.status); id_only and full force one form.",
    )
    deleted_event: Literal["details", "id_only", "404", "410"] = switch(
        "details",
        "What events.get answers for a deleted event: all of it, nothing but its id, or that it "
        "is not to be found or gone, as it is once Calendar has forgotten it.",
    )
    etags_told: bool = switch(
        default=True,
        says="Whether events come with their etag.",
    )
    sync_token_lifetime_seconds: float | None = switch(
        None,
        "Age after which a sync token answers 410; None = never.",
    )
    sync_parameter_mismatch: Literal["400", "410", "ignore"] = switch(
        "400",
        "Other parameters with a sync token than in the first request are 'undefined "
        "behavior': refuse with 400, refuse with 410, or ignore the difference.",
    )
    unreadable_sync_token: Literal["400", "410"] = switch(
        "410",
        "Status for a sync token that never was one, or is another calendar's or account's.",
    )
    increments_keep_time_window: bool = switch(
        default=False,
        says="Whether timeMin/timeMax of the full list still limit what later increments bring.",
    )
    page_size_limit: int | None = switch(
        None,
        "Largest number of items on any page, below what was asked; None = as asked.",
    )
    empty_pages: bool = switch(
        default=False,
        says="Whether an empty page with a nextPageToken comes before each full one.",
    )
    original_start_filter: Literal["honoured", "ignored"] = switch(
        "honoured",
        "What originalStart does in events.instances.",
    )
    single_events_horizon_days: int = switch(
        730,
        "How far from now singleEvents=true expands endless series.",
    )
    updated_min_max_age_days: int = switch(
        28,
        "updatedMin older than this answers 410. One project saw about five weeks "
        "refused, so four weeks are still accepted.",
    )
    addon_write: Literal["accept", "reject400"] = switch(
        "reject400",
        "Whether a plain API client may write an add-on's conference data. Both outcomes "
        "are reported (accepted: calls impersonating a Workspace user with the add-on "
        "installed; refused: openclaw/gogcli pull request 590, consumer accounts).",
    )
    guests_dropped: str = switch(
        "",
        "Domain of addresses that Calendar silently leaves out of the guest lists it is sent, "
        "empty for none. What it does with an address it knows under another form is not "
        "documented.",
    )
    create_request: Literal["pending_then_success", "immediate", "failure"] = switch(
        "pending_then_success",
        "How a Meet createRequest goes on.",
    )
    move_keeps_conference: bool = switch(
        default=True,
        says="Whether events.move carries add-on conference data along.",
    )
    copy_keeps_conference: bool = switch(
        default=True,
        says=(
            "Whether duplicating an event in the page, or splitting a series there, copies "
            "add-on conference data (two events then share one conference id)."
        ),
    )
    copy_keeps_private_properties: bool = switch(
        default=False,
        says="Whether such copies, and moved events, keep extendedProperties.private.",
    )
    repeated_property_filters: Literal["or", "and"] = switch(
        "or",
        "Whether repeated privateExtendedProperty filters widen (guide) or narrow "
        "(reference text) the result.",
    )
    client_sequence: Literal["ignore", "reject_lower"] = switch(
        "ignore",
        "What happens with a sequence the client sends: ignored, or 400 when it is below "
        "the stored one.",
    )
    series_time_change: Literal["drop_exceptions", "keep_exceptions"] = switch(
        "drop_exceptions",
        "What becomes of exceptions when the series' own time changes.",
    )
    organizer_self: bool = switch(
        default=True,
        says="Whether creator and organizer are marked `self` on the calendar that is theirs.",
    )
    answers_on_rewrite: Literal["reset", "keep"] = switch(
        "reset",
        "What happens to the answer of an attendee who is sent again without responseStatus: "
        "reset to needsAction ('arrays are replaced whole'), or keep.",
    )
    preset_answers: Literal["keep", "reset"] = switch(
        "keep",
        "Whether answers pre-set by the organizer for others are kept, or reset as for "
        "users with restrictive 'add invitations' settings.",
    )
    attendee_limit: int = switch(
        500,
        "More attendees than this answer 400; the true maximum is not documented.",
    )
    delete_deleted_status: Literal["410", "403"] = switch(
        "410",
        "Status for deleting what is already deleted: 410 (documented) or 403 (reported).",
    )
    default_channel_ttl_seconds: int = switch(
        604_800,
        "Life of a watch channel that asked for none; seven days are documented on the "
        "settings.watch page.",
    )
    max_channel_ttl_seconds: int = switch(
        604_800,
        "Ceiling for the life of a channel; projects observe seven days.",
    )
    channel_expiration_told: bool = switch(
        default=True,
        says="Whether a watch answers when the channel dies; the field is called optional.",
    )
    https_webhooks_only: bool = switch(
        default=False,
        says="Refuse plain http addresses even on the loopback interface.",
    )
    sync_message_before_response: bool = switch(
        default=True,
        says="Whether the sync message is delivered before the watch call is answered.",
    )
    webhook_delivery: Literal["thread", "manual"] = switch(
        "thread",
        "thread delivers by itself; manual waits for simulator.deliver_notifications(), "
        "for tests that own the clock.",
    )
    push_drop_percent: float = switch(
        0.0,
        "Share of change messages that are silently lost (0-100).",
    )
    push_delay_seconds: float = switch(
        0.0,
        "How long each change message waits, on the simulator's clock.",
    )
    push_duplicates: int = switch(
        0,
        "Additional identical deliveries of each change message.",
    )
    push_attempts: int = switch(
        5,
        "Deliveries tried in all while the receiver answers 500/502/503/504.",
    )
    push_retry_base_seconds: float = switch(
        0.2,
        "Wait before the second attempt; doubles for each later one.",
    )
    access_token_seconds: int = switch(
        3599,
        "Life of an access token. Google's are 'about an hour'.",
    )
    refresh_token_lifetime_seconds: float | None = switch(
        None,
        "Life of a refresh token; 604800 (seven days) is what an External+Testing consent "
        "screen gives; None = unlimited.",
    )
    refresh_tokens_per_client: int = switch(
        100,
        "Live refresh tokens one account may have for one client; the oldest dies "
        "silently when one more is issued.",
    )
    rotate_refresh_tokens: bool = switch(
        default=False,
        says="Whether a refresh answers with a new refresh token (not observed at Google).",
    )
    admin_policy_enforced: bool = switch(
        default=False,
        says="Whether the administrator blocks every client.",
    )
    consent_boxes_ticked: bool = switch(
        default=True,
        says="Whether the per-scope boxes of the consent page start ticked.",
    )
    token_answers_name_scopes: bool = switch(
        default=True,
        says="Whether token answers have `scope`; they may leave it out when everything that was "
        "asked for is granted (RFC 6749 §5.1).",
    )
    whole_calendar_granted: bool = switch(
        default=False,
        says="Whether `calendar.events` is granted as the wider `calendar`, as where a client asks "
        "for more than one of them.",
    )
    testing_consent_screen: bool = switch(
        default=False,
        says="Whether refresh_token_expires_in is announced.",
    )
    noop_write_changes_etag: bool = switch(
        default=True,
        says="Whether a write that changes nothing still makes a new etag and rings the channels.",
    )
    requests_per_minute: int | None = switch(
        None,
        "Calendar API requests per minute, account and client, in a sliding window; beyond, 403 "
        "rateLimitExceeded. 600 is documented since May 2026; None leaves tests alone.",
    )
