"""What log lines keep of what libraries and exceptions say, and whose work they belong to."""

import json
import subprocess
import sys
import traceback

import pytest

from server.logs import hide_secrets
from server.tracebacks import without_words


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("asked with Bearer abcdefgh12345", "asked with [secret]"),
        ("/livestorm/connect?ticket=abcdefghijkl was used", "/livestorm/connect?[secret] was used"),
        ("POST /hooks/livestorm/0123456789abcdef", "POST [secret]"),
        ("refreshed 1//0gAbCdEfGhIjKlMnOpQrStUv", "refreshed [secret]"),
        ("camille@acme.test and camille%40acme.test", "[address] and [address]"),
        ("links_swept", "links_swept"),
    ],
)
def test_secrets_and_addresses_are_cut_out_however_deep(text: str, kept: str) -> None:
    line = {"event": text, "more": {"list": [text, 7]}, "pair": (text,)}
    hidden = hide_secrets(None, "info", line)
    assert hidden == {"event": kept, "more": {"list": [kept, 7]}, "pair": [kept]}


def failure() -> str:
    try:
        try:
            titles: dict[str, str] = {}
            titles["Canary meeting"]
        except KeyError as error:
            words = (
                'no key "uq_users_email" for "Canary"\nDETAIL: Key (email)=(gale)\n\nmore Canary'
            )
            raise ValueError(words) from error
    except ValueError:
        return traceback.format_exc()
    raise AssertionError("it raised")


def test_tracebacks_say_where_and_what_but_not_whose() -> None:
    kept = without_words(f"it failed:\n{failure()}")
    lines = kept.splitlines()
    assert lines[0] == "it failed:"
    assert "KeyError: [value]" in lines
    assert 'ValueError: no key "uq_users_email" for [value]' in lines
    assert sum("test_logs.py" in line for line in lines) == 2
    # The lines of this file are quoted, as are those of the program; what was said is not.
    said = [line for line in lines if not line.startswith("    ")]
    assert "Canary" not in "".join(said)
    assert "gale" not in "".join(said)


def test_text_that_is_no_traceback_stays() -> None:
    assert without_words("ValueError: 'as it is'") == "ValueError: 'as it is'"


PROGRAM = """
import logging, threading, warnings
from server import logs
from addon import correlation
import structlog

logs.configure()
with correlation.working_for("sweep-links:0123", link="1"):
    structlog.get_logger("ours").info("worked", count=2)
    logging.getLogger("a.library").warning("of %s", "camille@acme.test")
warnings.warn("something is old")
thread = threading.Thread(target=lambda: {}["Canary"])
thread.start()
thread.join()
[][7]
"""


def test_every_line_of_a_process_is_json_whatever_ends_it() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 1
    assert answer.stderr == ""
    worked, foreign, warned, thread, ended = map(json.loads, answer.stdout.splitlines())
    assert (worked["event"], worked["count"], worked["level"]) == ("worked", 2, "info")
    assert worked["request_id"] == foreign["request_id"] == "sweep-links:0123"
    assert foreign["event"] == "of [address]"
    assert "request_id" not in warned
    assert "something is old" in warned["event"]
    assert "KeyError: [value]" in thread["exception"]
    assert "IndexError: list index out of range" in ended["exception"]
