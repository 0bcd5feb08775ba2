"""The program and both simulators, running together: `livestorm-calendar sandbox`."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
from cryptography.fernet import Fernet

from sandbox.calendar import blueprint_for
from sandbox.google import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    SCRIPT_CLIENT_ID,
    GoogleSimulator,
)
from sandbox.livestorm import LivestormSimulator

PROGRAM_PORT = 8080
GOOGLE_PORT = 8081
LIVESTORM_PORT = 8082

PORTS_TRIED = 50
"""How far the program's port may move: enough for a machine where every neighbour is taken."""

START_SECONDS = 120.0
"""How long the program may take to answer for the first time: about 4 s on an idle machine, ten
times that on a crowded one."""

STOP_SECONDS = 35.0
"""The program's own supervisor gives its processes 30 s to finish what they are doing."""

PAUSE_SECONDS = 0.1
"""How often the program is looked after. A person does not notice a tenth of a second."""

LOG_LINES_SHOWN = 15
"""Of a program that ended: a traceback's last part, which holds its reason, fits."""


CALLS_A_MONTH = 1_000_000
"""Of the simulated workspace, as one that has bought more: enough to be looked at every few seconds
for as long as somebody plays, at the pace the program itself reckons."""


@dataclass(frozen=True)
class Sandbox:
    """Where everything is. URLs are origins, without a slash at the end."""

    program_url: str
    google_url: str
    livestorm_url: str
    folder: Path

    @property
    def log(self) -> Path:
        """The file that takes what the program prints."""
        return self.folder / "program.log"


def main() -> int:
    """Run until Ctrl-C, SIGTERM or a closed terminal; return the exit code."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    with _program_port() as port, contextlib.ExitStack() as stack:
        program_url = f"http://127.0.0.1:{port.number}"
        google, livestorm = GoogleSimulator(), LivestormSimulator()
        livestorm.switches.limit_per_month = CALLS_A_MONTH
        livestorm_url = stack.enter_context(livestorm.serve(LIVESTORM_PORT)).url
        google.app.register_blueprint(
            blueprint_for(google, program_url=program_url, livestorm_control_url=livestorm_url)
        )
        google_url = stack.enter_context(google.serve(GOOGLE_PORT)).url
        sandbox = Sandbox(program_url, google_url, livestorm_url, fresh_folder(port.number))
        port.release()
        return _keep_running(sandbox, stopping)


def environment(sandbox: Sandbox) -> dict[str, str]:
    """Return every setting of the program, pointing at the simulators.

    The keys are new at each start, as the database is.
    """
    google, livestorm = sandbox.google_url, sandbox.livestorm_url
    return {
        "BASE_URL": sandbox.program_url,
        "PORT": sandbox.program_url.rpartition(":")[2],
        "DATABASE_URL": f"sqlite:///{sandbox.folder.resolve()}/program.sqlite",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "TOKEN_KEYS": Fernet.generate_key().decode(),
        "GOOGLE_CLIENT_ID": DEFAULT_CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": DEFAULT_CLIENT_SECRET,
        "ADDON_AUDIENCES": SCRIPT_CLIENT_ID,
        "ADDON_SERVICE_ACCOUNT": "",
        "LIVESTORM_CLIENT_ID": "sandbox-client",
        "LIVESTORM_CLIENT_SECRET": "sandbox-secret",
        "GOOGLE_CALENDAR_API": f"{google}/calendar/v3/",
        "GOOGLE_OAUTH_AUTHORIZE": f"{google}/o/oauth2/v2/auth",
        "GOOGLE_OAUTH_TOKEN": f"{google}/token",
        "GOOGLE_OAUTH_REVOKE": f"{google}/revoke",
        "GOOGLE_CERTS": f"{google}/certs",
        "LIVESTORM_API": f"{livestorm}/v1",
        "LIVESTORM_APP": livestorm,
        "LIVESTORM_EVENT_PAGE": f"{livestorm}/dashboard/events/{{event}}",
        "CALENDAR_EVENT_PAGE": f"{google}/?eid={{event}}",
        # Shorter than in production, for somebody is watching and no allowance is spent.
        "SWEEP_SECONDS": "60",
        "DELETE_GRACE_SECONDS": "10",
        "OCCURRENCE_SESSIONS": "10",
        "LIVESTORM_POLL_SECONDS": "5",
    }


class _Port:
    """A port of this machine, kept from others until the program is about to take it."""

    def __init__(self, listener: socket.socket) -> None:
        self.number: int = listener.getsockname()[1]
        self.release = listener.close


@contextlib.contextmanager
def _program_port() -> Iterator[_Port]:
    """Reserve the program's port, or the next free one that neither simulator will want.

    Raises:
        OSError: None of the ports tried is free.
    """
    for number in range(PROGRAM_PORT, PROGRAM_PORT + PORTS_TRIED):
        if number in (GOOGLE_PORT, LIVESTORM_PORT):
            continue
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                # On every address, as the program listens.
                listener.bind(("", number))
            except OSError:
                continue
            listener.listen()
            yield _Port(listener)
            return
    raise OSError(f"no free port from {PROGRAM_PORT} to {PROGRAM_PORT + PORTS_TRIED - 1}")


def fresh_folder(port: int) -> Path:
    """Return the empty folder of the sandbox whose program has this port.

    The simulators remember nothing from one start to the next. A database that did would speak
    of calendars, people and Livestorm events that no longer exist, so it begins anew as well.
    A second sandbox has another port, thus another folder.
    """
    folder = Path("var", "sandbox", str(port))
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _keep_running(sandbox: Sandbox, stopping: threading.Event) -> int:
    """Run the program, again when it ends, until `stopping`; return the exit code."""
    settings = environment(sandbox)
    answered = False
    _say("Starting the program and the two simulators …")
    while not stopping.is_set():
        with _program(settings, sandbox.log) as process:
            if _wait_for_answer(sandbox, process, stopping):
                answered = True
                _announce(sandbox)
                _wait_for_end(process, stopping)
            ended = process.poll() is not None
        if stopping.is_set():
            break
        if not ended:
            _say(f"The program did not answer within {START_SECONDS:.0f} s; see {sandbox.log}")
            return 1
        _say(f"The program ended by itself with code {process.returncode}. Its last lines:", "")
        _say(*sandbox.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
        if not answered:
            # It would end again, for the same reason.
            return 1
        _say("", "Starting it again …")
    _say("Stopped.")
    return 0


@contextlib.contextmanager
def _program(settings: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program in a session of its own, so that Ctrl-C reaches it only through us."""
    command = [str(Path(sys.executable).with_name("livestorm-calendar")), "up"]
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for_answer(
    sandbox: Sandbox, process: subprocess.Popen[bytes], stopping: threading.Event
) -> bool:
    """Wait until the program says that it is ready, and return whether it did."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            if requests.get(f"{sandbox.program_url}/readyz", timeout=PAUSE_SECONDS * 20).ok:
                return True
        if stopping.wait(PAUSE_SECONDS):
            break
    return False


def _wait_for_end(process: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    while process.poll() is None and not stopping.wait(PAUSE_SECONDS):
        pass


def _announce(sandbox: Sandbox) -> None:
    _say(
        "",
        f"    Open  {sandbox.google_url}/",
        "",
        "It is a calendar that works, with simulated accounts at Google and at Livestorm.",
        "Everything starts from the beginning at the next start. Ctrl-C stops everything.",
        f"What the program says is in {sandbox.log}",
        "",
    )


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
