"""The rooms of the program, and the doors between them, are as the design says."""

from pathlib import Path

import pytest

from tests.support import architecture

ROOT = Path(__file__).parent.parent

PURE = frozenset(
    {
        "cards",
        "addon.description",
        *("addon.sync.calendar_side", "addon.sync.livestorm_side", "addon.sync.merging"),
        *("addon.sync.actions", "addon.sync.recurrence", "addon.sync.rules", "addon.sync.values"),
    }
)
"""What only computes; all that these import of ours is held to the same."""

EXCUSED_FROM_PURITY = {
    "cards.messages": "reads each catalogue once, a file beside it that is part of the program",
}

LINES = 400
"""A module longer than this has more than one job."""

EXCUSED_FROM_LENGTH: dict[str, str] = {}
"""Path of a longer module → why it is still one thing."""

EMPTY_WORDS = frozenset({"helper", "helpers", "manager", "managers", "misc", "util", "utils"})


def test_packages_import_only_what_the_design_allows() -> None:
    assert architecture.wrong_arrows(ROOT) == []


def test_what_decides_touches_nothing() -> None:
    assert architecture.impurities(ROOT, PURE, EXCUSED_FROM_PURITY) == []


def test_every_pure_module_that_is_named_exists() -> None:
    assert architecture.modules(ROOT).keys() >= PURE | EXCUSED_FROM_PURITY.keys()


def test_modules_are_short() -> None:
    assert architecture.long_modules(ROOT, LINES, EXCUSED_FROM_LENGTH) == []


def test_names_say_something() -> None:
    assert architecture.empty_words(ROOT, EMPTY_WORDS) == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A project in which every rule is kept."""
    for file, text in {
        "addon/__init__.py": "",
        "addon/clock.py": "from datetime import UTC, datetime\n\nprint(datetime.now(UTC))\n",
        "addon/store.py": "import sqlalchemy\nfrom addon import clock\n",
        "addon/sync/__init__.py": "",
        "addon/sync/plan.py": "from urllib.parse import quote\n\nfrom addon.sync import values\n",
        "addon/sync/values.py": "from datetime import datetime\n",
        "cards/__init__.py": "",
        "cards/home.py": "import re\n\nfrom cards import words\n",
        "cards/words.py": "",
        "server/app.py": "import cards.home\nfrom addon.store import anything\n",
        "sandbox/page.py": "import flask\n",
    }.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_project_that_keeps_the_rules_passes(planted: Path) -> None:
    assert architecture.wrong_arrows(planted) == []
    assert architecture.impurities(planted, frozenset({"cards", "addon.sync.plan"}), {}) == []
    assert architecture.long_modules(planted, LINES, {}) == []
    assert architecture.empty_words(planted, EMPTY_WORDS) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("addon/store.py", "import server.app"),
        ("addon/store.py", "from cards import home"),
        ("addon/sync/values.py", "from ... import server"),
        ("addon/store.py", "def later():\n    from cards.home import connect"),
        ("cards/home.py", "import addon"),
        ("cards/home.py", "import importlib\nimportlib.import_module('addon')"),
        ("server/app.py", "from sandbox.page import page"),
        ("server/app.py", "import tests.support"),
        ("sandbox/page.py", "from addon.clock import now"),
    ],
)
def test_a_wrong_arrow_is_found(planted: Path, file: str, line: str) -> None:
    path = planted / file
    path.write_text(f"{path.read_text()}\n{line}\n")
    found = architecture.wrong_arrows(planted)
    assert len(found) == 1
    assert found[0].startswith(f"{file}:")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("addon/sync/plan.py", "import requests"),
        ("addon/sync/plan.py", "from addon import clock"),
        ("addon/sync/plan.py", "from addon.clock import now"),
        ("addon/sync/plan.py", "import urllib.request"),
        ("addon/sync/values.py", "from pathlib import Path"),
        ("addon/sync/values.py", "datetime.now()"),
        ("addon/sync/values.py", "from addon.store import anything"),
        ("cards/words.py", "open('words.txt')"),
        ("cards/home.py", "from socket import create_connection"),
    ],
)
def test_an_impure_decision_is_found(planted: Path, file: str, line: str) -> None:
    path = planted / file
    path.write_text(f"{path.read_text()}\n{line}\n")
    assert architecture.impurities(planted, frozenset({"cards", "addon.sync.plan"}), {}) != []


def test_a_long_module_is_found(planted: Path) -> None:
    (planted / "addon/store.py").write_text("x = 1\n" * (LINES + 1))
    assert architecture.long_modules(planted, LINES, {}) == ["addon/store.py has 401 lines"]
    assert architecture.long_modules(planted, LINES, {"addon/store.py": "a table"}) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("server/utils.py", ""),
        ("cards/card_helpers.py", ""),
        ("addon/store.py", "class ConnectionManager: ..."),
    ],
)
def test_a_name_that_says_nothing_is_found(planted: Path, file: str, line: str) -> None:
    (planted / file).write_text(f"{line}\n")
    assert len(architecture.empty_words(planted, EMPTY_WORDS)) == 1
