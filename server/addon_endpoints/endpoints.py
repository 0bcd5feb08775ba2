"""The seven add-on endpoints: one call into the product each, answered with a card."""

import time
from typing import Any

import sqlalchemy as sa
import structlog
from flask import g, request

import cards
from addon import clock
from addon.conference import ConferenceRequest, Refusal, Refused, Room
from addon.google.identity import Identity
from addon.opened import Opened, OpenedEvents, Which
from addon.product import Product
from addon.store import users
from addon.store.users import Account
from addon.template import DEADLINE_SECONDS, Saved, TemplateProblem
from server.addon_endpoints import views
from server.addon_endpoints.authentication import caller, person
from server.addon_endpoints.event_object import EventObject
from server.browser.arrival import Arrivals
from server.settings import Settings

_CLICKS = frozenset({"addon.template", "addon.sync", "addon.sign_out"})
"""The endpoints that buttons call. Their answers replace the card, and may need an envelope."""

RECHECK_SECONDS = 2.0
"""A conference that was refused is answered within its budget all the same, or little later."""

_log = structlog.get_logger(__name__)


class AddonEndpoints:
    """The views. Each gets the parsed event object of a verified person, `g.account`."""

    def __init__(self, product: Product, settings: Settings) -> None:
        self._product = product
        self._settings = settings
        self._logo_url = f"{settings.base_url}/static/icon.png"
        self._arrivals = Arrivals(product.engine, settings.secret_key)
        self._opened_events = OpenedEvents(engine=product.engine, calendar=product.calendar)

    def require_caller(self, token: str) -> None:
        """Verify the bearer, before anything of the body is looked at.

        Raises:
            InvalidToken: nobody is proven.
        """
        g.caller = caller(
            self._product.verifier,
            token=token,
            service_account=self._settings.addon_service_account,
        )

    def require_person(self, event: EventObject) -> None:
        """Find out whom the call is for and keep it for the view.

        Raises:
            InvalidToken: nobody is proven.
        """
        identity: Identity = person(
            self._product.verifier,
            g.caller,
            user_id_token=event.user_id_token,
            service_account=self._settings.addon_service_account,
        )
        g.event = event
        g.account = users.account_of(
            self._product.engine, identity.sub, identity.email, clock.now()
        )

    def home(self, event: EventObject) -> dict[str, Any]:
        """The template panel, or the card that asks to connect Livestorm."""
        account: Account = g.account
        if account.connection is None or not account.connection.usable:
            return cards.pushed(self._connect_card(account, event))
        return cards.pushed(self._panel(account, event))

    def event(self, event: EventObject) -> dict[str, Any]:
        """The card of the event that was opened; opening it has it compared soon."""
        opened = self._opened(g.account, event)
        card = self._event_card(g.account, event, opened)[1]
        if opened.link is not None and _is_kept(g.account):
            try:
                self._product.syncing.look(opened.link)
            except sa.exc.SQLAlchemyError as error:
                # The card is right as it is; a sweep compares the event all the same.
                _log.error("look_not_stored", link=opened.link.id, error=type(error).__name__)
        return cards.pushed(card)

    def template(self, event: EventObject) -> dict[str, Any]:
        """Save, replace or clear the template."""
        account: Account = g.account
        if account.connection is None or not account.connection.usable:
            return self._updated(self._connect_card(account, event))
        typed = (event.inputs or {}).get(cards.TEMPLATE_INPUT, "")
        if event.inputs is None or typed is None:
            # Not an emptied field but a damaged form: it must not clear the template.
            return self._template_kept(
                account, event, cards.TemplateProblem(cards.TemplateProblemKind.UNEXPECTED), None
            )
        outcome = self._product.templates.save(
            account, typed, deadline=time.monotonic() + DEADLINE_SECONDS
        )
        # Anew: what was saved is in it, and whether Livestorm still accepts the connection.
        account = users.account(self._product.engine, account.user_id) or account
        if isinstance(outcome, Saved):
            notice = cards.template_notice(event.locale, views.template_view(outcome.template))
            return self._updated(self._panel(account, event), notice)
        if outcome.problem is TemplateProblem.NOT_CONNECTED:
            return self._updated(self._connect_card(account, event))
        return self._template_kept(account, event, views.template_problem(outcome), typed)

    def _template_kept(
        self,
        account: Account,
        event: EventObject,
        problem: cards.TemplateProblem,
        typed: str | None,
    ) -> dict[str, Any]:
        card = self._panel(account, event, problem=problem, typed=typed)
        return self._updated(card, cards.template_problem_notice(event.locale))

    def sync(self, event: EventObject) -> dict[str, Any]:
        """Compare the event at once and show how it stands."""
        link = self._opened_events.link(g.account.user_id, _which(event))
        if link is not None and _is_kept(g.account):
            self._product.syncing.look_now(link)
        # Anew: the comparison may have found out that an access is lost.
        account = users.account(self._product.engine, g.account.user_id) or g.account
        opened = self._opened(account, event)
        view, card = self._event_card(account, event, opened, compared=True)
        sync = view.state.sync if isinstance(view.state, cards.Linked) else None
        return self._updated(card, cards.synced_notice(event.locale, sync))

    def conference(self, event: EventObject) -> dict[str, Any]:
        """Give the Calendar event its Livestorm room."""
        account: Account = g.account
        if event.calendar_id is None or event.event_id is None:
            return cards.conference_error(cards.ErrorType.PERMANENT)
        outcome = self._product.conferences.create(
            ConferenceRequest(
                account=account,
                calendar_id=event.calendar_id,
                event_id=event.event_id,
                google_token=event.google_token,
                timezone=event.timezone,
                placeholder_title=cards.placeholder_title(event.locale),
            )
        )
        if isinstance(outcome, Room):
            link = outcome.link
            if link.synced_at is None:
                self._product.syncing.linked(link)
            return cards.conference(
                cards.Conference(
                    livestorm_event_id=link.livestorm_event_id,
                    livestorm_session_id=link.livestorm_session_id,
                    join_url=link.room_link,
                )
            )
        return self._refused(account, outcome)

    def settings_url(self, event: EventObject) -> dict[str, Any]:
        """Where the integration page is."""
        del event
        return cards.settings_url(self._url("/integration"))

    def sign_out(self, event: EventObject) -> dict[str, Any]:
        """Disconnect Livestorm: tokens revoked and erased."""
        account: Account = g.account
        self._product.connections.sign_out(account)
        fresh = users.account(self._product.engine, account.user_id) or account
        return self._updated(
            self._connect_card(fresh, event), cards.signed_out_notice(event.locale)
        )

    def apology(self, event: EventObject) -> dict[str, Any]:
        """What a person who is known gets when something went wrong that nobody foresaw."""
        if request.endpoint == "addon.conference":
            return cards.conference_error(cards.ErrorType.UNKNOWN)
        card = cards.error_card(
            event.locale, reference=g.get("request_id"), logo_url=self._logo_url
        )
        if request.endpoint in _CLICKS:
            return self._updated(card)
        return cards.pushed(card)

    def _refused(self, account: Account, outcome: Refused) -> dict[str, Any]:
        _log.info("conference_refused", refusal=outcome.refusal.value, reason=outcome.detail)
        if outcome.refusal is Refusal.PERMANENT:
            # Calendar has no room for words of ours: the cards say it when the template is why.
            self._product.templates.recheck(account, deadline=time.monotonic() + RECHECK_SECONDS)
        error = views.CONFERENCE_ERRORS[outcome.refusal]
        if error is cards.ErrorType.AUTHENTICATION:
            return cards.conference_error(error, self._connect_url(account))
        return cards.conference_error(error)

    def _panel(
        self,
        account: Account,
        event: EventObject,
        *,
        problem: cards.TemplateProblem | None = None,
        typed: str | None = None,
    ) -> cards.Card:
        return cards.template_panel(
            event.locale,
            save_url=self._url("/addon/template"),
            sign_out_url=self._url("/addon/sign-out"),
            integration_url=self._arrival_url(account, event),
            template=views.template_view(account.template),
            problem=problem,
            workspace_name=account.connection.workspace_name if account.connection else None,
            typed=typed,
            sync_off=views.sync_off(account),
            zone=event.timezone,
            logo_url=self._logo_url,
        )

    def _opened(self, account: Account, event: EventObject) -> Opened:
        """What is known of the event that the person has open."""
        which = _which(event)
        link = self._opened_events.link(account.user_id, which)
        if link is None:
            return self._opened_events.unlinked(account.user_id, which)
        if link.placeholder and not account.activated and event.google_token is not None:
            link = self._product.placeholders.settle(
                account, link, event.google_token, event.timezone
            )
        return self._opened_events.linked(link, which)

    def _event_card(
        self, account: Account, event: EventObject, opened: Opened, *, compared: bool = False
    ) -> tuple[cards.EventView, cards.Card]:
        other = views.organized_by_other(account, event.calendar_id, event.organizer)
        view = views.event_view(
            account,
            opened,
            event.timezone,
            event_page=self._settings.livestorm_event_page,
            occurrence_sessions=self._settings.occurrence_sessions,
            other_organizer=event.organizer if other else None,
            compared=compared,
        )
        asks = views.asks_for(view)
        urls = cards.EventUrls(
            sync=self._url("/addon/sync"),
            integration=self._arrival_url(account, event),
            connect=self._connect_url(account) if asks is cards.MissingStep.CONNECT else None,
            activate=self._activate_url(account) if asks is cards.MissingStep.ACTIVATE else None,
            history=self._arrival_url(account, event, opened.link.id) if opened.link else None,
        )
        return view, cards.event_card(event.locale, view, urls=urls, logo_url=self._logo_url)

    def _connect_card(self, account: Account, event: EventObject) -> cards.Card:
        return cards.connect_card(
            event.locale,
            connect_url=self._connect_url(account),
            lost=account.connection is not None and not account.connection.usable,
            logo_url=self._logo_url,
        )

    def _connect_url(self, account: Account) -> str:
        ticket = self._product.connecting.ticket(account.user_id)
        return self._url(f"/livestorm/connect?ticket={ticket}")

    def _activate_url(self, account: Account) -> str:
        ticket = self._product.activation.ticket(account.user_id)
        return self._url(f"/google/activate?ticket={ticket}")

    def _arrival_url(self, account: Account, event: EventObject, link_id: str = "") -> str:
        """The integration page, or an event's page there; signs the person in, once."""
        # Of letters, digits and dots each: there is nothing to quote.
        ticket, language = self._arrivals.ticket(account.user_id), cards.language_for(event.locale)
        shown = f"&event={link_id}" if link_id else ""
        return self._url(f"/integration/from-addon?ticket={ticket}&lang={language}{shown}")

    def _updated(self, card: cards.Card, notice: str | None = None) -> dict[str, Any]:
        return cards.updated(card, notice, envelope=self._settings.action_envelope)

    def _url(self, path: str) -> str:
        return self._settings.base_url + path


def _is_kept(account: Account) -> bool:
    connection = account.connection
    return account.activated and connection is not None and connection.usable


def _which(event: EventObject) -> Which:
    return Which(
        calendar_id=event.calendar_id,
        event_id=event.event_id,
        series_id=event.series_id,
        google_token=event.google_token,
        timezone=event.timezone,
    )
