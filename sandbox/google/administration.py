"""What administrators and owners do: accounts, calendars, groups, access."""

from sandbox.google.api_errors import Json, not_found
from sandbox.google.model import Account, CalendarRecord, Role, State


class Administration:
    """Accounts and calendars, and who may use them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add_account(self, email: str, name: str, **details: str) -> Account:
        """Add a person with a primary calendar; ``details``: sub, locale, hosted_domain, zone."""
        state, zone = self._state, details.pop("time_zone", "Europe/Paris")
        with state.lock:
            details.setdefault("sub", str(100_000_000_000_000_000_001 + len(state.accounts)))
            account = Account(email=email.lower(), name=name, **details)
            state.accounts[account.email] = account
            state.calendars[account.email] = CalendarRecord(
                account.email, account.email, account.email, zone, {account.email: "owner"}
            )
            return account

    def add_calendar(
        self,
        owner: str,
        summary: str,
        *,
        calendar_id: str | None = None,
        time_zone: str = "Europe/Paris",
    ) -> str:
        """Add a secondary calendar and return its id."""
        with self._state.lock:
            made = calendar_id or f"c_{self._state.new_event_id()}@group.calendar.google.com"
            self._state.calendars[made] = CalendarRecord(
                made, summary, owner, time_zone, {owner: "owner"}
            )
            return made

    def add_group(self, email: str, members: list[str]) -> None:
        """Add a Google group, whose members get copies of events the group is invited to."""
        with self._state.lock:
            self._state.groups[email.lower()] = list(members)

    def share(self, calendar_id: str, email: str, role: Role | None) -> None:
        """Give an account access to a calendar, or take it (None). Sync tokens become invalid."""
        with self._state.lock:
            calendar = self._calendar(calendar_id)
            if role is None:
                calendar.roles.pop(email, None)
            else:
                calendar.roles[email] = role
            calendar.sync_generation += 1

    def delete_calendar(self, calendar_id: str) -> None:
        """Delete a calendar: everything about it answers 404."""
        with self._state.lock:
            self._calendar(calendar_id).deleted = True

    def expire_sync_tokens(self, calendar_id: str) -> None:
        """Make every sync token of a calendar answer 410 ``fullSyncRequired`` from now on."""
        with self._state.lock:
            self._calendar(calendar_id).sync_generation += 1

    def forget_deleted(self, calendar_id: str) -> None:
        """Let deleted events disappear for good, as they do some time after the deletion."""
        with self._state.lock:
            calendar = self._calendar(calendar_id)
            calendar.events = {
                event_id: record
                for event_id, record in calendar.events.items()
                if not record.cancelled
                or (not record.stub and self._exception(calendar, record.resource))
            }

    def _calendar(self, calendar_id: str) -> CalendarRecord:
        found = self._state.calendars.get(calendar_id)
        if found is None or found.deleted:
            raise not_found()
        return found

    @staticmethod
    def _exception(calendar: CalendarRecord, resource: Json) -> bool:
        master = calendar.events.get(resource.get("recurringEventId", ""))
        return master is not None and not master.cancelled
