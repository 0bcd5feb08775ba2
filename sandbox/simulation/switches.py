"""Switches: the behaviours of a simulated company that nobody documented."""

import types
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def switch(default: T, says: str, source: str = "") -> T:
    """Declare one switch of a ``SwitchBoard``.

    Args:
        default: The value that is most likely, or most demanding on a client, when nothing is
            known.
        says: What the switch decides and what its values mean.
        source: Where the question comes from.
    """
    value: T = field(default=default, metadata={"says": says, "source": source})
    return value


def _fits(value: object, declared: Any) -> bool:
    origin = get_origin(declared)
    if origin is Literal:
        # 1 == True in Python; a switch between 409 and 422 must not take a boolean.
        return any(type(value) is type(choice) and value == choice for choice in get_args(declared))
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in get_args(declared))
    if declared is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is declared


@dataclass
class SwitchBoard:
    """Base of a simulator's switches: a dataclass whose attributes refuse wrong values.

    Setting an attribute that does not exist raises ``AttributeError``; a value outside the
    declared type or choices raises ``ValueError``.
    """

    # Hidden from type checkers, which would otherwise take any name for a switch.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: object) -> None:
            hints = _hints(type(self))
            if name not in hints:
                raise AttributeError(f"{type(self).__name__} has no switch {name!r}")
            if not _fits(value, hints[name]):
                raise ValueError(f"{name} cannot be {value!r}; it is {_written(hints[name])}")
            object.__setattr__(self, name, value)

    def to_json(self) -> dict[str, Any]:
        """Return every switch with its value."""
        return asdict(self)

    def described(self) -> list[dict[str, Any]]:
        """Return every switch with its value, default, choices, meaning and source."""
        hints = _hints(type(self))
        return [
            {
                "name": entry.name,
                "value": getattr(self, entry.name),
                "default": None if entry.default is MISSING else entry.default,
                "type": _written(hints[entry.name]),
                "choices": list(get_args(hints[entry.name]))
                if get_origin(hints[entry.name]) is Literal
                else None,
                "says": entry.metadata.get("says", ""),
                "source": entry.metadata.get("source", ""),
            }
            for entry in fields(self)
        ]

    def change(self, values: dict[str, Any]) -> None:
        """Set several switches, all of them or none.

        Raises:
            AttributeError: No such switch.
            ValueError: A value that the switch cannot have.
        """
        before = self.to_json()
        try:
            for name, value in values.items():
                setattr(self, name, value)
        except (AttributeError, ValueError):
            for name, value in before.items():
                object.__setattr__(self, name, value)
            raise

    def restore(self) -> None:
        """Set every switch back to its default."""
        for entry in fields(self):
            if entry.default is not MISSING:
                setattr(self, entry.name, entry.default)


_KNOWN: dict[type, dict[str, Any]] = {}


def _hints(board: type) -> dict[str, Any]:
    """Type hints of a board; resolved once, since switches are set often in property tests."""
    if board not in _KNOWN:
        _KNOWN[board] = get_type_hints(board)
    return _KNOWN[board]


def _written(declared: Any) -> str:
    if get_origin(declared) is Literal:
        return " | ".join(repr(choice) for choice in get_args(declared))
    return str(getattr(declared, "__name__", declared))
