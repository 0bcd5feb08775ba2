"""Hypothesis strategies for JSON that looks nearly right."""

from typing import Any

from hypothesis import strategies as st

from tests.addon.livestorm.sampled import sample

_NAMES = [
    *("data", "included", "attributes", "relationships", "meta", "webhook", "id", "type"),
    *("title", "owner", "fields", "options", "items", "value", "sessions", "event", "event_id"),
    *("registrant_detail", "errors", "detail", "estimated_started_at", "organization", "email"),
    *("next_page", "current_page", "page_count", "status", "updated_at", "organization_id"),
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**20, max_value=10**40)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["events", "sessions", "people", "organizations", "0", "1606465799", "9" * 30]
    )
    | st.sampled_from(["2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "\x00", "\ud83d"])
)

any_json = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=25,
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    else:
        members = []
    found = [(*here, key) for key, _ in members]
    for key, inner in members:
        found.extend(_paths(inner, (*here, key)))
    return found


@st.composite
def spoiled(draw: st.DrawFn, name: str) -> Any:
    """A sample of which up to three values were replaced by any JSON, or removed."""
    document = sample(name)
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        paths = _paths(document)
        if not paths:
            break
        path = draw(st.sampled_from(paths))
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()):
            del holder[path[-1]]
        else:
            holder[path[-1]] = draw(any_json)
    return document
