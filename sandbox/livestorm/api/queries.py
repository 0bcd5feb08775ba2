"""Reading a listing's query: pages, filters, includes (§1.4)."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from flask import request

from sandbox.livestorm.api.documents import Resource
from sandbox.livestorm.refusal import Refused
from sandbox.livestorm.switches import Switches
from sandbox.livestorm.times import read_moment

DEFAULT_PAGE_SIZE = 20
PAGE_SIZE_CAP = 50

T = TypeVar("T")


class Query:
    """The query of the request that is being answered.

    Args:
        switches: The unknowns.
        filters: Names of the filters that the endpoint knows.
        includes: Names of the relations that it can include.
    """

    def __init__(
        self, switches: Switches, *, filters: Iterable[str] = (), includes: Iterable[str] = ()
    ) -> None:
        self._switches = switches
        self._filters = {
            found.group(1): value
            for name, value in request.args.items()
            if (found := re.fullmatch(r"filter\[(\w+)\]", name))
        }
        self.include = [one for one in request.args.get("include", "").split(",") if one]
        if switches.unknown_query == "400":
            unknown = set(self._filters) - set(filters) | set(self.include) - set(includes)
            if unknown:
                raise Refused(400, *(f"{one} is not allowed" for one in sorted(unknown)))

    def text(self, name: str) -> str | None:
        """Return a filter's text, or ``None`` when it is not set."""
        return self._filters.get(name)

    def flag(self, name: str) -> bool | None:
        """Return a filter that is true or false."""
        value = self._filters.get(name)
        return None if value is None else value.lower() in ("true", "1")

    def several(self, name: str) -> set[str] | None:
        """Return a filter that lists values, in lower case."""
        value = self._filters.get(name)
        return None if value is None else {one.strip().lower() for one in value.split(",")}

    def within(self, name: str, since: str, until: str) -> Callable[[int], bool]:
        """Return whether an instant lies in the range of two filters.

        Args:
            name: Beginning of the filters' names, such as ``created``.
            since: Ending of the one that is the lower bound.
            until: Ending of the one that is the upper bound.
        """
        low = self._moment(f"{name}_{since}")
        high = self._moment(f"{name}_{until}")
        inclusive = self._switches.since_inclusive

        def matches(instant: int) -> bool:
            if low is not None and (instant < low or (instant == low and not inclusive)):
                return False
            return high is None or instant <= high

        return matches

    def _moment(self, name: str) -> float | None:
        value = self._filters.get(name)
        return None if value is None else read_moment(value, name)

    def listing(
        self,
        records: Sequence[T],
        present: Callable[[T], Resource],
        include: Callable[[list[T]], list[Resource]] = lambda _page: [],
        created: Callable[[T], int] | None = None,
    ) -> dict[str, Any]:
        """Return the asked page of a listing as a document.

        Raises:
            Refused: 400, a page that does not exist.
        """
        size = self._page_size()
        number = _whole(request.args.get("page[number]", "0"), "page[number]", least=0)
        pages = max(1, -(-len(records) // size))
        if number >= pages:
            raise Refused(400, f"Page {number} does not exist")
        ordered = list(records)
        if created is not None:
            newest = self._switches.list_order == "newest_first"
            # Records of one second keep their order of creation, seen from the same end.
            ordered = sorted(reversed(ordered) if newest else ordered, key=created, reverse=newest)
        page = ordered[number * size : (number + 1) * size]
        document: dict[str, Any] = {"data": [present(one) for one in page]}
        if self._switches.list_meta == "whole":
            document["meta"] = {
                "current_page": number,
                "previous_page": number - 1 if number else None,
                "next_page": number + 1 if number + 1 < pages else None,
                "record_count": len(records),
                "page_count": pages,
                "items_per_page": size,
            }
        return with_included(document, include(page))

    def _page_size(self) -> int:
        size = _whole(request.args.get("page[size]", str(DEFAULT_PAGE_SIZE)), "page[size]", least=1)
        if size > PAGE_SIZE_CAP and self._switches.page_size_over_cap == "400":
            raise Refused(400, f"page[size] must be at most {PAGE_SIZE_CAP}")
        return min(size, PAGE_SIZE_CAP) if self._switches.page_size_over_cap == "clamp" else size


def with_included(document: dict[str, Any], included: Iterable[Resource]) -> dict[str, Any]:
    """Add the included resources to a document, each of them once."""
    once = {(one["type"], one["id"]): one for one in included}
    if once:
        document["included"] = list(once.values())
    return document


def _whole(value: str, name: str, *, least: int) -> int:
    if not value.isdigit() or int(value) < least:
        raise Refused(400, f"{name} is invalid")
    return int(value)
