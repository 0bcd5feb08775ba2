"""Sending within a given time, and saying whether a write may have happened."""

import gzip
import socket
import threading
import time
from pathlib import Path

import pytest

from addon.livestorm import FailureKind, LivestormFailure
from addon.livestorm.protocol import Response
from addon.livestorm.transport import Transport, Wire
from tests.addon.livestorm.wire import (
    WireServer,
    answer,
    endless,
    hang_up,
    raw,
    silence,
    trickle,
    wire_server,
)


def get(server: WireServer) -> Wire:
    return Wire("GET", server.url + "/v1/ping", {})


def post(server: WireServer) -> Wire:
    return Wire("POST", server.url + "/v1/events", {}, content=b"{}", writes=True)


@pytest.fixture
def transport() -> Transport:
    return Transport(timeout_seconds=5)


def failure_of(
    transport: Transport, wire: Wire, *, deadline: float | None = None
) -> LivestormFailure:
    with pytest.raises(LivestormFailure) as failed:
        transport.send(wire, deadline=deadline)
    # The library's exceptions name the URL, which may hold an address.
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    return failed.value


def test_connection_is_kept(transport: Transport) -> None:
    with wire_server(answer(b"1"), answer(b"", status="204 No Content"), answer(b"3")) as server:
        bodies = [transport.send(get(server)).body for _ in range(3)]

    assert bodies == [b"1", b"", b"3"]
    assert server.connections == 1


def test_each_thread_has_its_own_connection(transport: Transport) -> None:
    together = threading.Barrier(4)
    bodies: list[bytes] = []

    def send() -> None:
        together.wait()
        bodies.append(transport.send(get(server)).body)

    with wire_server(*[answer(b"x")] * 4) as server:
        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert bodies == [b"x"] * 4
    assert server.connections == 4


def test_answers_are_given_back_whatever_their_status(transport: Transport) -> None:
    page = b"<html>"
    head = "RateLimit-Monthly-Limit: 10000\r\n"
    with wire_server(answer(page, status="500 Oops", headers=head)) as server:
        response = transport.send(get(server))

    assert isinstance(response, Response)
    assert response.status == 500
    assert response.body == page
    assert response.headers["RateLimit-Monthly-Limit"] == "10000"


def test_redirects_are_not_followed(transport: Transport) -> None:
    elsewhere = "Location: http://127.0.0.1:1/v1/ping\r\n"
    with wire_server(answer(b"", status="302 Found", headers=elsewhere)) as server:
        assert transport.send(get(server), authorization="secret").status == 302
    assert len(server.requests) == 1


def test_cookies_are_not_kept(transport: Transport) -> None:
    cookie = "Set-Cookie: session=camille; Path=/\r\n"
    with wire_server(answer(headers=cookie), answer()) as server:
        transport.send(get(server))
        transport.send(get(server))

    assert b"cookie" not in server.requests[1].lower()


def test_credential_is_ours_even_beside_a_netrc(
    transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    with wire_server(answer(), answer()) as server:
        transport.send(get(server), authorization="token-1")
        transport.send(get(server))

    first, second = (request.lower() for request in server.requests)
    assert b"authorization: token-1\r\n" in first
    assert b"authorization" not in second


@pytest.mark.parametrize("pasted", ["tokén", "two\nlines", "a\x00b", "\ud83d"])
def test_credential_that_cannot_be_sent(transport: Transport, pasted: str) -> None:
    with wire_server(answer()) as server, pytest.raises(LivestormFailure) as failed:
        transport.send(get(server), authorization=pasted)

    assert failed.value.kind is FailureKind.UNAUTHORIZED
    assert server.connections == 0


def test_half_an_emoji_in_a_query(transport: Transport) -> None:
    with wire_server(answer()) as server:
        query = (("filter[title]", "\ud83d é"),)
        transport.send(Wire("GET", server.url + "/v1/events", {}, query))

    assert b"/v1/events?filter%5Btitle%5D=%3F+%C3%A9 " in server.requests[0]


def test_compressed_answers(transport: Transport) -> None:
    body = gzip.compress(b'{"data": []}')
    with wire_server(answer(body, headers="Content-Encoding: gzip\r\n")) as server:
        assert transport.send(get(server)).body == b'{"data": []}'


def test_nobody_listens(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    wire = Wire("POST", address, {}, query=(("filter[email]", "a@b.test"),), writes=True)

    failure = failure_of(transport, wire)

    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.status is None
    assert not failure.maybe_done
    assert failure.detail == "cannot connect (NewConnectionError)"


def test_connection_lost_after_sending(transport: Transport) -> None:
    with wire_server(hang_up(), hang_up()) as server:
        assert failure_of(transport, post(server)).maybe_done
        failure = failure_of(transport, get(server))

    assert failure.kind is FailureKind.UNAVAILABLE
    assert not failure.maybe_done


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
def test_broken_answers(transport: Transport, content: bytes) -> None:
    with wire_server(raw(content)) as server:
        failure = failure_of(transport, post(server))

    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.maybe_done


def test_no_answer_in_time() -> None:
    stop = threading.Event()
    with wire_server(silence(stop)) as server:
        began = time.monotonic()
        failure = failure_of(Transport(timeout_seconds=0.2), post(server))
        stop.set()

    assert time.monotonic() - began < 2
    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.maybe_done


def test_deadline_is_nearer_than_the_timeout(transport: Transport) -> None:
    stop = threading.Event()
    with wire_server(silence(stop)) as server:
        began = time.monotonic()
        failure = failure_of(transport, post(server), deadline=began + 0.2)
        stop.set()

    assert time.monotonic() - began < 2
    assert failure.maybe_done


def test_deadline_that_has_passed(transport: Transport) -> None:
    with wire_server(answer()) as server:
        failure = failure_of(transport, post(server), deadline=time.monotonic() - 1)

    assert server.connections == 0
    assert failure.kind is FailureKind.UNAVAILABLE
    assert not failure.maybe_done


def test_trickle_ends_with_the_deadline(transport: Transport) -> None:
    stop = threading.Event()
    with wire_server(trickle(b"x" * 1_000, pause=0.05, stop=stop)) as server:
        began = time.monotonic()
        failure = failure_of(transport, post(server), deadline=began + 0.3)
        stop.set()

    assert time.monotonic() - began < 2
    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.maybe_done


def test_endless_answer_is_cut(transport: Transport) -> None:
    stop = threading.Event()
    with wire_server(endless(stop=stop)) as server:
        failure = failure_of(transport, post(server))
        stop.set()

    assert failure.kind is FailureKind.UNREADABLE
    assert failure.status == 200
    assert failure.maybe_done


def test_connection_works_again_after_a_failure(transport: Transport) -> None:
    with wire_server(hang_up(), answer(b"back")) as server:
        failure_of(transport, get(server))
        assert transport.send(get(server)).body == b"back"
