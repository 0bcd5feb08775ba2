"""What docs/operate.md, its alerts and its dashboard name exists, and is named."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa

from addon.store import figures, inspecting, retention
from addon.sync import trouble
from server import metrics
from server.cli import main

DOCS = Path(__file__).parents[2] / "docs"
OPERATE = (DOCS / "operate.md").read_text()
ALERTS = (DOCS / "alerts.yml").read_text()
NAME = re.compile(rf"{metrics.PREFIX}_\w+")

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def exposed(engine: sa.Engine) -> set[str]:
    """The names of all figures of ours, as Prometheus stores them."""
    text = metrics.exposition(metrics.Standing(engine)).decode()
    types = dict(re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE))
    names = {name for name in types if NAME.fullmatch(name)}
    histograms = {name for name in names if types[name] == "histogram"}
    parts = {f"{name}_{part}" for name in histograms for part in ("bucket", "count", "sum")}
    # When a counter began, which the library tells beside it, nobody asks for.
    return {name for name in names - histograms if not name.endswith("_created")} | parts


def panels() -> list[dict[str, Any]]:
    dashboard: dict[str, Any] = json.loads((DOCS / "grafana.json").read_text())
    found: list[dict[str, Any]] = dashboard["panels"]
    return found


@sqlite_only
def test_every_figure_that_is_asked_for_exists(exposed: set[str]) -> None:
    dashboard = [target["expr"] for panel in panels() for target in panel["targets"]]
    for text in (ALERTS, *dashboard):
        asked = set(NAME.findall(text))
        assert asked, text
        assert asked <= exposed, asked - exposed


@sqlite_only
def test_every_figure_is_shown_or_alerted_on(exposed: set[str]) -> None:
    asked = set(NAME.findall(ALERTS + json.dumps(panels())))
    # Of a histogram the buckets are what is asked for.
    assert {name for name in exposed if not re.search(r"_(count|sum)$", name)} <= asked


def test_panels_lie_side_by_side() -> None:
    places = set()
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in places, panel["title"]
                places.add((x, y))
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_every_alert_has_its_number_explained_and_an_answer() -> None:
    rules = ALERTS.split("- alert: ")[1:]
    names = [rule.partition("\n")[0].removeprefix("LivestormCalendar") for rule in rules]
    told = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[A-Z].*?) \|", OPERATE, re.MULTILINE)))
    assert set(names) == set(told) - {"GET"}
    for rule in rules:
        assert re.search(r"severity: (page|ticket)", rule), rule
        assert "summary: " in rule
        assert "        # " in rule or "Down" in rule or "for: 2m" in rule, rule


def test_every_kind_of_trouble_is_explained() -> None:
    section = OPERATE.partition("## What a failure looks like")[2].partition("\n**")[0]
    first = "".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE))
    fixed = {"google_down", trouble.VANISHED}
    kinds = {*trouble._LIVESTORM.values(), *trouble._GOOGLE.values(), *fixed}
    assert kinds == set(re.findall(r"`(\w+)`", first))


def test_commands_and_numbers_are_as_told() -> None:
    links = main.get_command(click.Context(main), "links")
    assert isinstance(links, click.Group)
    for name in links.commands:
        assert f"`links {name}" in OPERATE, name
    assert "`rotate-keys`" in OPERATE
    assert all(f"`{kind}`" in OPERATE for kind in inspecting.KINDS)
    for kept in (retention.HISTORY, retention.FINISHED, retention.PAST):
        assert f"| {kept.days} days" in OPERATE
    assert f"missed for {figures.ALIVE.seconds} s" in ALERTS
