"""Fixtures for every test: databases, simulators, the running program and a browser."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import sqlalchemy as sa
import structlog
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from addon.store.engine import create_engine
from tests.support import chromium
from tests.support.compiled import compile_once
from tests.support.databases import KINDS, close, fresh_database
from tests.support.postgresql import OWNER, stop_cluster

if TYPE_CHECKING:
    from sandbox.google import GoogleSimulator
    from sandbox.livestorm import LivestormSimulator
    from tests.support.program import Program

# The simulators and the server are imported by the fixtures that need them: tests of what only
# computes start sooner without them.

# The same examples in every run: a red test must be somebody's change, never the dice.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
# To look further by hand: HYPOTHESIS_PROFILE=explore .venv/bin/pytest …
hypothesis.settings.register_profile("explore", max_examples=2_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

compile_once()

# As production logs, but for the colours of structlog's own default, which takes seconds to draw a
# traceback where `rich` happens to be installed.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)

_LONG = ("journeys", "addon/jobs", "server", "sandbox/calendar", "sandbox")
"""Folders whose tests drive browsers and processes. They start before all others, so that at the
end no worker is left alone with a long file."""

SHARED = "LIVESTORM_CALENDAR_TEST_RUN"
"""Environment variable by which pytest-xdist's workers learn the folder of the whole run."""

_ROOT = Path(__file__).parent.parent

BROWSER_TIMEOUT_MILLISECONDS = 15_000
"""Any one step of a browser test; the slowest, a conference with its eight-second budget, fits."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the worker processes of this run share."""
    if not hasattr(config, "workerinput"):
        shared = Path(tempfile.mkdtemp(prefix="livestorm-calendar-tests-"))
        (shared / OWNER).write_text(str(os.getpid()))
        os.environ[SHARED] = str(shared)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run shared, once every worker is done."""
    if not hasattr(config, "workerinput"):
        shared = Path(os.environ.pop(SHARED))
        stop_cluster(shared)
        shutil.rmtree(shared)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and mix what computes with what waits.

    Browsers compute, processes and background work are mostly waited for: the files of each
    folder are spread evenly, so that the workers do not all do the same at a time.
    """
    folders: dict[str, dict[Path, int]] = {name: {} for name in (*_LONG, "")}
    for item in items:
        path = item.path.relative_to(_ROOT / "tests")
        folder = next(name for name in folders if path.as_posix().startswith(name))
        files = folders[folder]
        files.setdefault(item.path, len(files))
    places = {
        path: (not folder, number / len(files))
        for folder, files in folders.items()
        for path, number in files.items()
    }
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy URL of a fresh, migrated database; the test runs once on each kind.

    A test for which the kind cannot matter may say
    ``@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)``.
    """
    with fresh_database(request.param, shared=Path(os.environ[SHARED]), folder=tmp_path) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """The engine of a fresh, migrated database."""
    engine = create_engine(database_url)
    yield engine
    close(engine)


@pytest.fixture
def livestorm() -> Iterator["LivestormSimulator"]:
    """A Livestorm simulator, being served."""
    from sandbox.livestorm import LivestormSimulator  # noqa: PLC0415

    simulator = LivestormSimulator()
    with simulator.serve():
        yield simulator


@pytest.fixture
def google() -> Iterator["GoogleSimulator"]:
    """A Google simulator, being served."""
    from sandbox.google import GoogleSimulator  # noqa: PLC0415

    simulator = GoogleSimulator()
    with simulator.serve():
        yield simulator


@pytest.fixture
def settings_environment(
    database_url: str, google: "GoogleSimulator", livestorm: "LivestormSimulator"
) -> dict[str, str]:
    """Every setting of the program, pointing at the simulators and at a free port."""
    from tests.support.running import environment  # noqa: PLC0415

    return environment(database_url, google, livestorm)


@pytest.fixture
def program(
    settings_environment: dict[str, str], google: "GoogleSimulator", livestorm: "LivestormSimulator"
) -> Iterator["Program"]:
    """The Flask application on the fresh database, served over HTTP/1.1 in this process."""
    from tests.support.running import running  # noqa: PLC0415

    with running(settings_environment, google, livestorm) as program:
        yield program


@pytest.fixture
def gunicorn_program(
    settings_environment: dict[str, str],
    google: "GoogleSimulator",
    livestorm: "LivestormSimulator",
    tmp_path: Path,
) -> Iterator["Program"]:
    """The program as production runs it: `livestorm-calendar serve`, a process of its own."""
    from tests.support.program import Program, command, wait_until_ready  # noqa: PLC0415

    log = tmp_path / "serve.log"
    with command("serve", environment=settings_environment, log=log) as process:
        url = settings_environment["BASE_URL"]
        wait_until_ready(url, process, log)
        with Program(url, google, livestorm, settings_environment) as program:
            yield program


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one for all tests of a module.

    Not one for all modules: while it is open, Playwright's event loop runs in this thread, where
    tests of other modules may want to run their own.
    """
    program = chromium.executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(chromium.FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def new_context(
    browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """Open browser profiles: ``new_context(locale="fr-FR", java_script_enabled=False)``.

    Arguments are those of Playwright's ``Browser.new_context``. A test fails when a page of its
    profiles threw an error that nothing caught.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_context(**options: object) -> BrowserContext:
        context = browser.new_context(
            **{  # type: ignore[arg-type]
                "locale": "en-US",
                "timezone_id": "Europe/Paris",
                "viewport": {"width": 1280, "height": 800},
                **options,
            }
        )
        context.set_default_timeout(BROWSER_TIMEOUT_MILLISECONDS)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        contexts.append(context)
        return context

    yield open_context
    if getattr(request.node, "failed", False):
        _picture_failure(request.node.name, contexts)
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """An empty page of a fresh English profile."""
    return new_context().new_page()


@pytest.fixture
def screenshot() -> Callable[[Page | Locator, str, str], None]:
    """Take a picture for the documentation: ``screenshot(page, "en", "join-link")``.

    Of a page, or of a part of it.

    It goes to ``$SCREENSHOTS/<language>/<name>.png``. Without that variable, which
    ``make screenshots`` sets, none is taken: drawing them is a good part of a journey's time.
    """
    folder = os.environ.get("SCREENSHOTS")

    def take(shown: Page | Locator, language: str, name: str) -> None:
        if folder:
            path = _ROOT / folder / language / f"{name}.png"
            shown.screenshot(path=path, animations="disabled")

    return take


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Let fixtures know at their end that the test failed."""
    report = yield
    if call.when == "call" and call.excinfo is not None:
        item.failed = True  # type: ignore[attr-defined]
    return report


def _picture_failure(name: str, contexts: list[BrowserContext]) -> None:
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=_ROOT / f"var/screenshots/failed/{name}-{number}.png")
