"""The folder of what is counted: a new one that goes, or the one that the environment names."""

import os
from pathlib import Path

import pytest

from server.metrics_folder import VARIABLE, metrics_folder


def test_a_folder_of_this_run_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with metrics_folder() as name:
        folder = Path(name)
        assert os.environ[VARIABLE] == name
        assert folder.stat().st_mode & 0o077 == 0, "nobody else's business"
        (folder / "counter_1.db").touch()
    assert not folder.exists()
    assert VARIABLE not in os.environ


def test_a_folder_that_was_named_is_shared_and_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = tmp_path / "shared"
    monkeypatch.setenv(VARIABLE, str(named))
    # The web process and the worker, started apart.
    with metrics_folder() as web, metrics_folder() as worker:
        assert web == worker == str(named)
        (named / "counter_1.db").touch()
    assert (named / "counter_1.db").exists()
    assert os.environ[VARIABLE] == str(named)
