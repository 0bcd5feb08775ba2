"""The production web process and its port."""

from pathlib import Path

import pytest

from tests.support.program import Program, command


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_server_does_not_share_the_port_of_the_first(
    gunicorn_program: Program, tmp_path: Path
) -> None:
    log = tmp_path / "second.log"
    with command("serve", environment=gunicorn_program.environment, log=log) as second:
        assert second.wait(timeout=30) == 1
    port = gunicorn_program.environment["PORT"]
    assert f"PORT: another program listens on {port}." in log.read_text()
    assert gunicorn_program.get("/healthz").status_code == 200
