"""`livestorm-calendar sandbox` as a newcomer runs it: one URL, a program behind it, a clean end."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
import requests

from sandbox.run import fresh_folder

WAIT_SECONDS = 120
"""Starting takes about 4 s on an idle machine, and ten times that on a crowded one."""


class Sandbox:
    """A running sandbox and what it prints."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.lines: list[str] = []

    def read_until(self, pattern: str) -> str:
        """Read what it prints until a line matches, and return the first group."""
        output: IO[str] | None = self.process.stdout
        assert output is not None
        for line in output:
            self.lines.append(line.rstrip())
            found = re.search(pattern, line)
            if found:
                return found.group(1)
        raise AssertionError("ended without it:\n" + "\n".join(self.lines))

    def processes(self) -> list[int]:
        """Return the process ids of everything that works on this sandbox's database."""
        mark = f"{self.folder}/var/sandbox/".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in entry.read_bytes():
                    found.append(int(entry.parent.name))
            except OSError:
                continue  # it ended meanwhile, or is another user's
        return found


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox started in an empty folder."""
    with subprocess.Popen(
        [Path(sys.executable).with_name("livestorm-calendar"), "sandbox"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        running = Sandbox(process, tmp_path)
        yield running
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0


def test_one_url_opens_and_ctrl_c_ends_everything(sandbox: Sandbox) -> None:
    url = sandbox.read_until(r"Open\s+(http://127\.0\.0\.1:\d+/)")
    page = requests.get(url, timeout=WAIT_SECONDS)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert len(sandbox.processes()) > 2

    sandbox.process.send_signal(signal.SIGINT)

    assert sandbox.process.wait(WAIT_SECONDS) == 0
    assert sandbox.processes() == []
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=WAIT_SECONDS)


def test_a_program_that_dies_is_started_again_and_said(sandbox: Sandbox) -> None:
    sandbox.read_until(r"(Open) ")
    before = sandbox.processes()
    for process in before:
        os.kill(process, signal.SIGKILL)

    assert sandbox.read_until(r"The program ended by itself with code (\S+)\.") == "-9"
    sandbox.read_until(r"(Starting it again)")
    sandbox.read_until(r"(Open) ")
    assert not set(before) & set(sandbox.processes())


def test_every_start_begins_with_an_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (fresh_folder(8080) / "program.sqlite").touch()
    other = fresh_folder(8083) / "program.sqlite"
    other.touch()
    assert list(fresh_folder(8080).iterdir()) == []
    assert other.exists()
