"""The gate that every call to Livestorm passes: allowance, time, repeats, log."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import stamina

from addon.livestorm.failures import FailureKind, LivestormFailure
from addon.livestorm.limits import Allowance, Urgency, rate_limits
from addon.livestorm.protocol import Call, Page, template
from addon.livestorm.transport import Transport, Wire
from addon.remote import LIVESTORM, calling

T = TypeVar("T")

# 100 pages of 50 are 5,000 objects and 1 % of a month's 10,000 calls: a listing that needs more has
# lost its filter, and stopping it is cheaper than finishing it.
MAX_PAGES = 100

# Somebody who removes people one by one needs longer for each than most lists take to be read.
_READINGS = 3

# One repeat covers a dropped keep-alive connection, the second a restarting server; what lasts
# longer is the business of whoever planned the call.
_ATTEMPTS = 3
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1.0

# Livestorm counts its calls by the second, so a refusal for the rate is over in one or two.
_SHORT_WAIT_SECONDS = 2.0
# Left for the call itself after such a wait; most answers take a few tenths of it.
_CALL_SECONDS = 1.0

_MEDIA_TYPE = "application/vnd.api+json"
# What "Requests" in Livestorm's documentation asks for; its OpenAPI description says the media type
# of JSON:API. Both have been seen to be accepted.
_BODY_TYPE = "application/json"


@dataclass(frozen=True)
class Credential:
    """What opens a workspace.

    Attributes:
        authorization: the whole header value: a bare API token, or "Bearer " and an OAuth token.
            An API token with "Bearer " is refused
            (developers.livestorm.co/docs/api-token-authentication).
        workspace: organization id, whose allowance the calls use; "unknown" before it is known.
    """

    authorization: str = field(repr=False)
    workspace: str


@dataclass(frozen=True)
class Gate:
    """Makes calls with one credential, one urgency and one deadline.

    Attributes:
        api: the API's root, without a slash at its end.
        allowance: what keeps all processes within the workspace's limits.
        transport: what sends.
        timeout_seconds: longest wait for one answer when no deadline is nearer.
        credential: whose calls they are.
        urgency: which calls go first when the workspace's allowance runs short.
        deadline: `time.monotonic()` value by which every call has answered or failed.
        before_write: called right before a write is sent; what it raises keeps it from being sent.
    """

    api: str
    allowance: Allowance
    transport: Transport
    timeout_seconds: float
    credential: Credential
    urgency: Urgency
    deadline: float | None
    before_write: Callable[[], None] | None = None

    def all(
        self,
        call: Callable[[int], Call[Page[T]]],
        *,
        key: Callable[[T], str] | None = None,
        max_pages: int = MAX_PAGES,
    ) -> Iterator[T]:
        """Yield the items of a list, asking for a page when it is needed."""
        seen: set[str] = set()
        for page in self._pages(call, max_pages):
            for item in page.items if page is not None else ():
                if key is not None:
                    if key(item) in seen:
                        continue
                    seen.add(key(item))
                yield item

    def whole(self, call: Callable[[int], Call[Page[T]]], *, key: Callable[[T], str]) -> list[T]:
        """Return the items of a list whose absence means something.

        Whatever leaves a list while it is read moves the others between pages, and one of them
        would be missing; such a list is read anew.

        Raises:
            LivestormFailure: also UNAVAILABLE when it does not come to rest.
        """
        before: frozenset[str] | None = None
        for _ in range(_READINGS):
            pages = list(self._pages(call, MAX_PAGES))
            found = {key(item): item for page in pages if page is not None for item in page.items}
            totals = [page.total for page in pages if page is not None and page.total is not None]
            steady = None not in pages and totals == sorted(totals)
            if steady or before == found.keys():
                return list(found.values())
            before = frozenset(found)
        raise LivestormFailure(FailureKind.UNAVAILABLE, detail="a list that keeps getting shorter")

    def _pages(
        self, call: Callable[[int], Call[Page[T]]], max_pages: int
    ) -> Iterator[Page[T] | None]:
        """Yield the pages of a list; None last where it became shorter by a page meanwhile."""
        page, told = 0, True
        before: tuple[T, ...] = ()
        for _ in range(max_pages):
            try:
                found = self.make(call(page))
            except LivestormFailure as failure:
                # The answer to a page past the end
                # (developers.livestorm.co/docs/pagination): the list became shorter meanwhile, if
                # there was said to be one more.
                if not page or failure.status != 400:  # noqa: PLR2004
                    raise
                if told:
                    yield None
                return
            if not found.tells and found.items == before:
                # Nothing, or the same page whatever page is asked for.
                return
            yield found
            if found.next_page is not None:
                page = found.next_page
            elif found.tells:
                return
            else:
                # To take it for the last would make people beyond it look removed.
                page, before, told = page + 1, found.items, False
        raise LivestormFailure(
            FailureKind.UNREADABLE, detail=f"a list of more than {max_pages} pages"
        )

    def make(self, call: Call[T]) -> T:
        """Make a call; once more when Livestorm asks to come back in a moment.

        A refusal for the rate says that nothing was done, so any call may be made again. It
        happens although calls are counted: other programs use the same workspace.

        Raises:
            LivestormFailure: the last attempt's.
        """
        try:
            return self._repeated(call)
        except LivestormFailure as failure:
            pause = failure.retry_after
            if failure.kind is not FailureKind.RATE_LIMITED or pause is None:
                raise
            if failure.status is None:
                # Our own allowance refused; it has waited already.
                raise
            if pause > _SHORT_WAIT_SECONDS or self._seconds_left() < pause + _CALL_SECONDS:
                raise
        time.sleep(pause)
        return self._repeated(call)

    def _repeated(self, call: Call[T]) -> T:
        """Make a call, again when it may be repeated and the failure may pass."""
        if not call.repeatable:
            return self._once(call, attempt=1)
        for attempt in stamina.retry_context(
            on=self._may_repeat,
            attempts=_ATTEMPTS,
            timeout=None,  # `_may_repeat` looks at the deadline
            wait_initial=_FIRST_PAUSE_SECONDS,
            wait_max=_LONGEST_PAUSE_SECONDS,
            wait_jitter=_FIRST_PAUSE_SECONDS,
        ):
            with attempt:
                return self._once(call, attempt.num)
        raise AssertionError("a retry ends with a result or a failure")

    def _may_repeat(self, error: Exception) -> bool:
        return (
            isinstance(error, LivestormFailure)
            and error.kind is FailureKind.UNAVAILABLE
            # Livestorm's own word on when to come back goes before ours.
            and error.retry_after is None
            and self._seconds_left() > _LONGEST_PAUSE_SECONDS
        )

    def _seconds_left(self) -> float:
        if self.deadline is None:
            return self.timeout_seconds
        return max(self.deadline - time.monotonic(), 0.0)

    def _once(self, call: Call[T], attempt: int) -> T:
        request = call.request
        # Building the body first: what cannot be written costs no call.
        content = request.content()
        headers = {"Accept": _MEDIA_TYPE}
        if content is not None:
            headers["Content-Type"] = _BODY_TYPE
        wire = Wire(
            request.method,
            self.api + request.path,
            headers,
            request.query,
            content,
            writes=request.writes,
        )
        workspace, left = self.credential.workspace, self._seconds_left()
        if left <= 0:
            # Asked before the allowance, from which a call that is not made should not take.
            raise LivestormFailure(FailureKind.UNAVAILABLE, detail="no time left to ask")
        self.allowance.acquire(workspace, self.urgency, wait_seconds=left)
        if request.writes and self.before_write is not None:
            self.before_write()
        with calling(
            LIVESTORM,
            request.method,
            template(request.path),
            workspace=workspace,
            urgency=self.urgency.name,
            attempt=attempt,
        ) as answer:
            response = self.transport.send(
                wire, authorization=self.credential.authorization, deadline=self.deadline
            )
            answer.status = response.status
            limits = rate_limits(response.status, response.headers)
            self.allowance.observe(workspace, limits)
            return call.result(response)
