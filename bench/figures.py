"""How measurements are printed: what was measured beside what is required."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        name: What was measured.
        measured: The outcome, with its unit.
        required: The bound, with its unit.
        good: Whether the bound is kept.
    """

    name: str
    measured: str
    required: str
    good: bool


def at_most(name: str, measured: float, bound: float, unit: str = "") -> Figure:
    """Return a figure that may not be above its bound."""
    return Figure(name, f"{measured:g}{unit}", f"at most {bound:g}{unit}", measured <= bound)


def at_least(name: str, measured: float, bound: float, unit: str = "") -> Figure:
    """Return a figure that may not be below its bound."""
    return Figure(name, f"{measured:g}{unit}", f"at least {bound:g}{unit}", measured >= bound)


def report(title: str, figures: Sequence[Figure]) -> int:
    """Print them; return 1 when a bound is not kept, as the exit code of a measurement."""
    print(title)
    for figure in figures:
        verdict = "good" if figure.good else "MISSED"
        print(f"  {figure.name}: {figure.measured}; required: {figure.required}: {verdict}")
    return 0 if all(figure.good for figure in figures) else 1
