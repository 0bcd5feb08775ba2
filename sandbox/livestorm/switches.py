"""Everything about Livestorm that nobody could tell us, as switches.

Section numbers are those of docs/livestorm.md, which collects what Livestorm documents
(developers.livestorm.co) and what public integrations observed. Defaults are the likelier
behaviour or, where nothing is known, the one that asks more of a client.
"""

from dataclasses import dataclass
from typing import Literal

from sandbox.simulation import SwitchBoard, switch


@dataclass
class AccessSwitches(SwitchBoard):
    """Who may call, how often, and how a refusal looks."""

    missing_scope: Literal[403, 401] = switch(
        403, "Status when the token lacks the scope: two documentation pages disagree.", "§1.5"
    )
    bearer_401_body: Literal["empty", "errors"] = switch(
        "empty", "Body of a 401 to a Bearer token (Doorkeeper's default is an empty one).", "§1.2"
    )
    workspaces_validated: bool = switch(
        default=True, says="Off: every workspace's API is blocked, 403.", source="§1.2, §1.5"
    )
    payment_required: Literal["never", "registrations", "everything"] = switch(
        "never", "What the used-up allowance of active contacts refuses with 402.", "§1.5, §3.9"
    )
    events_visible: bool = switch(
        default=True,
        says="Off: nobody sees any event or session, as after a role was taken away: 404, no list.",
        source="§1.5",
    )
    html_500: bool = switch(
        default=False, says="Every API call answers an HTML error page, 500.", source="§1.1"
    )
    limits_enabled: bool = switch(
        default=True, says="Off: no limiter; the headers are still sent.", source="§1.6"
    )
    limit_per_second: int = switch(5, "Calls per second; documented, cannot be raised.", "§1.6")
    limit_per_month: int = switch(10_000, "Calls in 30 days from the first; documented.", "§1.6")
    limit_window: Literal["fixed", "sliding"] = switch(
        "fixed", "Whether a second is a second of the clock or any second.", "§1.6"
    )
    limit_scope: Literal["workspace", "token"] = switch(
        "workspace", "Who shares one allowance.", "§1.6"
    )
    retry_after_always: bool = switch(
        default=False, says="Retry-After on every answer instead of only on 429.", source="§1.6"
    )
    monthly_header_spelling: Literal["Monthly", "Montly"] = switch(
        "Monthly", "The spelling of the monthly headers; in 2021 it was the wrong one.", "§1.6"
    )
    oauth_token_seconds: int = switch(
        7200, "Lifetime of an access token, seconds; Doorkeeper's default.", "§2"
    )
    oauth_code_seconds: int = switch(
        600, "Lifetime of an authorization code, seconds; Doorkeeper's default.", "§2"
    )
    refresh_rotation: Literal["until_new_token_used", "at_once", "none"] = switch(
        "until_new_token_used",
        "When a spent refresh token dies: Doorkeeper's default is the first use of the new access"
        " token. none: the answer carries no new refresh token and the old one stays valid.",
        "§2",
    )
    pkce: Literal["optional", "required"] = switch(
        "optional", "Whether the code flow works without a code challenge.", "§2"
    )
    redirect_uris: Literal["any", "strict"] = switch(
        "any", "any: every https or http://127.0.0.1 URI; strict: only the registered ones.", "§2"
    )


@dataclass
class QuerySwitches(SwitchBoard):
    """How listings behave."""

    page_size_over_cap: Literal["clamp", "honour", "400"] = switch(
        "clamp", "What page[size] above 50 does.", "§1.4"
    )
    unknown_query: Literal["ignore", "400"] = switch(
        "ignore", "What an unknown filter or include does.", "§1.4"
    )
    list_order: Literal["newest_first", "oldest_first"] = switch(
        "newest_first", "Order of every listing, by time of creation.", "§1.4"
    )
    list_meta: Literal["whole", "absent"] = switch(
        "whole", "Whether a listing says how many pages there are.", "§1.4"
    )
    since_inclusive: bool = switch(
        default=True, says="Whether *_since includes that very second.", source="§3.3"
    )
    title_filter: Literal["contains", "exact"] = switch(
        "contains", "How filter[title] compares, ignoring case.", "§3.3"
    )
    event_people_rows: Literal["per_session", "per_person"] = switch(
        "per_session",
        "Whether a person in two sessions is listed twice in GET /events/{id}/people.",
        "§3.3",
    )
    users_email_filter_fails: bool = switch(
        default=False, says="GET /users?filter[email] answers 500, as some saw.", source="§3.7"
    )
    user_ids_equal_people_ids: bool = switch(
        default=False, says="Whether a team member's user id is the people id.", source="§3.3"
    )


@dataclass
class EventSwitches(SwitchBoard):
    """Events and sessions."""

    sessions_included: Literal["always", "asked", "never"] = switch(
        "always",
        "Whether POST /events answers with the sessions it made; never: nor does any other answer"
        " to events, although asked.",
        "§3.3",
    )
    session_names_event: bool = switch(
        default=True, says="Whether an answer with one session names its event.", source="§3.1"
    )
    owner_missing: Literal["422", "default_owner"] = switch(
        "422", "POST /events without owner_id: refuse, or the token's user or first admin.", "§3.3"
    )
    slug_clash: Literal["suffix", "422"] = switch(
        "suffix", "What a slug that exists in the workspace does.", "§3.3"
    )
    estimated_duration_write: Literal["ignore", "accept", "400"] = switch(
        "ignore", "What sending estimated_duration does; it is not a writable attribute.", "§3.3"
    )
    language_write: Literal["ignore", "accept", "400"] = switch(
        "ignore", "What sending language does; it is not a writable attribute.", "§3.3"
    )
    fields_write: Literal["ignore", "accept", "400"] = switch(
        "ignore", "What sending the registration form's fields does.", "§3.3"
    )
    unknown_attribute: Literal["ignore", "400"] = switch(
        "ignore", "What an attribute that does not exist does.", "§3.5, §6"
    )
    copy_unknown_event: Literal["422", "404", "ignore"] = switch(
        "422", "copy_from_event_id of an event that does not exist.", "§3.3"
    )
    copy_description: bool = switch(
        default=True, says="Whether copying takes the description along.", source="§3.3, §7"
    )
    copy_duration: bool = switch(
        default=True, says="Whether copying takes the duration along.", source="§3.3, §7"
    )
    copy_sessions: bool = switch(
        default=False, says="Whether copying takes the coming sessions along.", source="§3.3, §7"
    )
    copy_fields: bool = switch(
        default=True, says="Whether copying takes the registration form along.", source="§3.3, §7"
    )
    description_stored: Literal["as_sent", "wrapped"] = switch(
        "as_sent", "Whether a description without a block element comes back inside <p>.", "§3.3"
    )
    put_omitted: Literal["keep", "reset"] = switch(
        "keep", "What PUT does to attributes that are left out.", "§3.3"
    )
    delete_event: Literal["delete", "refuse_with_registrants", "refuse_live", "refuse"] = switch(
        "delete", "Which events DELETE refuses with 422.", "§3.3"
    )
    delete_session: Literal["refuse", "refuse_host", "cancel", "delete"] = switch(
        "refuse",
        "DELETE of a session that has registrants; refuse_host: its host counts as one.",
        "§3.4",
    )
    delete_session_refusal: Literal[422, 409] = switch(422, "Status of that refusal.", "§3.4")
    delete_live_session: Literal["refuse", "delete"] = switch(
        "refuse", "DELETE of a session that is live.", "§3.4"
    )
    naive_time: Literal["wall", "utc", "422"] = switch(
        "wall", "A start without zone: wall time in `timezone`, or UTC.", "§3.4"
    )
    zulu_time: Literal["instant", "wall", "422"] = switch(
        "instant", "A start ending in Z: that instant, or its digits as wall time.", "§3.4"
    )
    offset_time: Literal["instant", "wall", "422"] = switch(
        "instant", "A start with an offset: that instant, or its digits as wall time.", "§3.4"
    )
    unix_time: Literal["accept", "422"] = switch(
        "accept", "A start as Unix seconds, as one integration sends it.", "§3.4"
    )
    missing_timezone: Literal["workspace", "utc", "422"] = switch(
        "workspace", "The zone of a session created without timezone.", "§3.4"
    )
    past_session: Literal["422", "accept"] = switch(
        "422", "Creating a session in the past; documented to be refused.", "§3.4"
    )
    past_session_of_new_event: Literal["422", "skip"] = switch(
        "422", "The same inside POST /events: refuse all, or create the event alone.", "§3.3"
    )
    past_reschedule: Literal["422", "accept"] = switch(
        "422", "Moving a session into the past.", "§3.4"
    )
    reschedule_started: Literal["422", "accept"] = switch(
        "422", "Moving a session that has started or ended.", "§3.4"
    )
    session_moves_event: bool = switch(
        default=False,
        says="Whether a session's change moves the event's updated_at as well.",
        source="§4",
    )
    registration_moves_session: bool = switch(
        default=False, says="Whether a registration moves the session's updated_at.", source="§4"
    )
    not_started_minutes: int = switch(
        60, "Minutes after its planned end until a session nobody started is past.", "§3.1"
    )
    owner_registered: bool = switch(
        default=True,
        says="Whether the owner counts as a registrant of each session (samples show 1).",
        source="§3.1",
    )
    mails_on_reschedule: bool = switch(
        default=True, says="Whether moving a session writes to its registrants.", source="§3.4"
    )
    mails_on_delete: bool = switch(
        default=True, says="Whether deleting or cancelling writes to registrants.", source="§3.3"
    )


@dataclass
class PeopleSwitches(SwitchBoard):
    """Registrants and bulk jobs."""

    duplicate_registration: Literal[409, 422] = switch(
        409, "Status when the address is registered already: documented, observed.", "§1.5"
    )
    register_after_end: Literal["422", "accept"] = switch(
        "422", "Registering to a session that is over.", "§3.5"
    )
    email_on_anonymous_form: Literal["422", "accept"] = switch(
        "422", "Sending email when the event's form has no such field.", "§3.3"
    )
    email_case: Literal["lower", "keep"] = switch(
        "lower", "Whether addresses are stored in lower case; they compare so anyway.", "§3.5"
    )
    remove_person_scope: Literal["session", "event"] = switch(
        "session", "Whether removing a person also removes them from the other sessions.", "§3.5"
    )
    remove_unknown_person: Literal[404, 204] = switch(
        404, "Removing somebody who is not registered.", "§3.5"
    )
    bulk_over_limit: Literal[422, 400] = switch(
        422, "Status of a bulk registration of more than 50.", "§3.5"
    )
    bulk: Literal["accept", "404", "403", "422", "422_for_one"] = switch(
        "accept",
        "What a bulk registration is answered with: every one, or where one address is wrong.",
        "§3.5",
    )
    job_status: Literal["answer", "404", "500"] = switch(
        "answer", "What GET /jobs and below answer.", "§3.6"
    )
    event_fields: Literal["listed", "left_out"] = switch(
        "listed", "Whether an event names the fields of its registration form.", "§3.1"
    )
    bulk_nested_tasks: Literal["refuse", "accept"] = switch(
        "refuse", "The documentation page's form tasks:[{attributes:{…}}].", "§3.5"
    )
    job_document: Literal["data", "top_level"] = switch(
        "data", "Whether a created job is wrapped in data.", "§3.6"
    )
    job_counters: Literal["success_fail", "succeeded_failed"] = switch(
        "success_fail", "Names of the counters: total_success or total_succeeded.", "§3.6"
    )
    job_seconds: float = switch(
        0.2, "How long a job is processing, real seconds; 0: done before the answer.", "§3.6"
    )
    tasks_page_fails: bool = switch(
        default=True, says="GET /jobs/{id}/tasks with page[…] answers 500.", source="§1.4"
    )


@dataclass
class WebhookSwitches(SwitchBoard):
    """Deliveries."""

    webhook_urls: Literal["https_or_local", "https"] = switch(
        "https_or_local", "Which URLs may subscribe; local: http://127.0.0.1 for tests.", "§4"
    )
    webhook_duplicate: Literal["accept", "422"] = switch(
        "accept", "A second subscription of the same URL to the same event.", "§4"
    )
    webhook_retry_scale: float = switch(
        1.0, "Factor on the documented pauses between retries (30 s to 12 min).", "§4"
    )
    webhook_delay_seconds: float = switch(0.0, "Pause before each first delivery.", "§4")
    webhook_delivery: Literal["once", "twice", "dropped"] = switch(
        "once", "Whether deliveries arrive once, twice, or get lost.", "§4"
    )
    webhook_timeout_seconds: float = switch(10.0, "Patience with the receiver.", "§4")
    webhook_disabled: Literal["listed", "removed"] = switch(
        "listed", "Whether a subscription that was disabled can still be listed.", "§4"
    )


@dataclass
class Switches(WebhookSwitches, PeopleSwitches, EventSwitches, QuerySwitches, AccessSwitches):
    """All of them, as ``LivestormSimulator.switches``."""
