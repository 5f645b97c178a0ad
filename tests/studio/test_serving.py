from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from hyperpoint.errors import InputError
from hyperpoint.studio.serving import DEFAULT_PORT, Door, free_port, is_loopback, origins, url_of


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("workstation", False),
    ],
)
def test_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_an_open_address_needs_a_secret() -> None:
    with pytest.raises(InputError, match="--password or --token"):
        Door("0.0.0.0")
    Door("0.0.0.0", password="correct horse")
    Door("0.0.0.0", token="abc")
    Door("0.0.0.0", password=400 * "x")  # longer than any file's name
    Door()


@pytest.mark.parametrize("secrets", [{"password": ""}, {"token": " "}, {"password": "a", "token": "b"}])
def test_secrets_that_protect_nothing(secrets: dict[str, str]) -> None:
    with pytest.raises(InputError):
        Door("0.0.0.0", **secrets)  # type: ignore[arg-type]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_is_taken(taken: int) -> None:
    with pytest.raises(InputError, match=f"port {taken}"):
        free_port("127.0.0.1", taken)


def test_any_free_port_will_do(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperpoint.studio.serving.DEFAULT_PORT", taken)
    assert free_port("127.0.0.1", None) not in (taken, 0)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(InputError, match=r"192\.0\.2\.1"):  # of those kept for documentation
        free_port("192.0.2.1", None)


def test_only_our_own_pages_may_talk_to_us() -> None:
    assert origins("127.0.0.1", 5006) == ["127.0.0.1:5006", "localhost:5006"]
    assert origins("192.168.1.4", 80) == ["192.168.1.4:80"]
    assert "[::1]:80" in origins("::1", 80)
    assert "*" not in "".join(origins("0.0.0.0", DEFAULT_PORT))


def test_addresses_to_open() -> None:
    assert url_of(Door(), 5006) == "http://127.0.0.1:5006/"
    assert url_of(Door("0.0.0.0", token="a b"), 80) == "http://127.0.0.1:80/?token=a%20b"
    assert url_of(Door("::1"), 80) == "http://[::1]:80/"


def _get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, dict(response.getheaders())


_HANDSHAKE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "bokeh, token",
}  # fmt: skip


@pytest.fixture
def server(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The studio with a token, in a process of its own, and its port."""
    pytest.importorskip("panel")
    port = free_port("127.0.0.1", None)
    arguments = ["studio", str(folder), "--token", "sesame", "--port", str(port), "--no-browser"]
    process = subprocess.Popen(
        [sys.executable, "-m", "hyperpoint", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert f"http://127.0.0.1:{port}/?token=sesame" in first
        yield port, process
        process.kill()


@pytest.mark.slow
def test_the_door_holds(server: tuple[int, subprocess.Popen[str]]) -> None:
    port, process = server
    status, headers = _get(port, "/")
    assert status == 302
    assert headers["Location"].startswith("./denied")
    assert _get(port, "/denied")[0] == 403
    assert _get(port, "/?token=wrong")[0] == 302

    status, headers = _get(port, "/?token=sesame")
    assert status == 200
    assert "HttpOnly" in headers["Set-Cookie"]
    known = {"Cookie": headers["Set-Cookie"].partition(";")[0]}
    assert _get(port, "/", known)[0] == 200

    foreign = {**_HANDSHAKE, **known, "Origin": "http://elsewhere.example"}
    assert _get(port, "/ws", foreign)[0] == 403

    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
