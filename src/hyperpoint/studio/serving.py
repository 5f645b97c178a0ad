"""The studio's server: where it listens, who may come in, how it starts and stops."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import signal
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hyperpoint.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from hyperpoint.studio.workspace import Workspace

logger = logging.getLogger(__name__)

LOCAL = "127.0.0.1"
DEFAULT_PORT = 5006
# A tab that is gone gives its scene back after this long, if its browser has not said goodbye.
_UNUSED_MS = 15_000
_CHECK_MS = 5_000


@dataclass(frozen=True)
class Door:
    """Where the studio listens, and for whom.

    Attributes
    ----------
    address, port
        Of the machine; port None takes the usual one or, if that is taken, any that is free.
    password, token
        What a visitor must know; anybody on this machine may come in if both are None.

    Raises
    ------
    InputError
        If the address can be reached from elsewhere and neither password nor token is given, both are, or one is empty.
    """

    address: str = LOCAL
    port: int | None = None
    password: str | None = None
    token: str | None = None

    def __post_init__(self) -> None:
        if self.password is not None and self.token is not None:
            raise InputError("a password and a token are both given; one of them is enough")
        for name in ("password", "token"):
            if getattr(self, name) is not None and not getattr(self, name).strip():
                raise InputError(f"the {name} is empty; give one that cannot be guessed")
        if self.password is not None and _is_file(self.password):  # Panel would look for passwords in it
            raise InputError("the password is the name of a file; give another")
        if not is_loopback(self.address) and self.password is None and self.token is None:
            raise InputError(
                f"the address {self.address} can be reached by others, who could then open and change these scenes; "
                "protect it with --password or --token, or leave --address away"
            )


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # too long to be a name
        return False


def is_loopback(address: str) -> bool:
    """Say whether an address can be reached from this machine only; a name other than "localhost" counts as outside."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def free_port(address: str, wanted: int | None) -> int:
    """Return a port that is free: the one that is wanted, else the usual one, else any.

    Raises
    ------
    InputError
        If the one that is wanted is taken, or there is no such address here.
    """
    for port in (DEFAULT_PORT, 0) if wanted is None else (wanted,):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                reason = error.strerror or str(error)
                continue
            return int(probe.getsockname()[1])
    where = address if wanted is None else f"{address}, port {wanted}"
    raise InputError(f"the studio cannot listen on {where}: {reason}; choose another with --port or --address")


def origins(address: str, port: int) -> list[str]:
    """Return the hosts whose pages may talk to the server: its own, by the names it goes by."""
    names = {address} if not is_loopback(address) else {LOCAL, "localhost", _in_url(address)}
    if address in ("0.0.0.0", "::"):
        host = socket.gethostname()
        names |= {LOCAL, "localhost", host, socket.getfqdn()}
        try:
            names |= {_in_url(str(info[4][0])) for info in socket.getaddrinfo(host, port)}
        except OSError:
            logger.info("the addresses of %s are not known", host)
    return sorted(f"{_in_url(name)}:{port}" for name in names)


def url_of(door: Door, port: int) -> str:
    """Return what to type into a browser."""
    host = LOCAL if door.address in ("0.0.0.0", "::") else door.address
    query = f"?token={quote(door.token)}" if door.token else ""
    return f"http://{_in_url(host)}:{port}/{query}"


def serve(
    workspace: Workspace, door: Door, is_browser_opened: bool = True, ready: Callable[[str], None] = logger.info
) -> None:
    """Serve the studio until it is interrupted (Ctrl+C, or a polite kill).

    Parameters
    ----------
    workspace
        The scenes.
    door
        Where, and for whom.
    is_browser_opened
        Whether to open the page in a browser here.
    ready
        Told the address once the server listens.

    Raises
    ------
    InputError
        If the port is taken.
    MissingExtraError
        If Panel is not installed.
    """
    check_installed()
    from hyperpoint.studio.app import Tabs

    tabs = Tabs(workspace)
    port = free_port(door.address, door.port)
    server = _server(tabs, door, port)
    loop = server.io_loop

    def stop(*_: Any) -> None:
        loop.asyncio_loop.call_soon_threadsafe(loop.stop)

    signal.signal(signal.SIGTERM, stop)
    server.start()
    address = url_of(door, port)
    ready(address)
    if is_browser_opened:
        loop.call_later(0.1, lambda: webbrowser.open(address))
    try:
        loop.start()
    finally:
        tabs.close()
        server.stop(wait=False)


def check_installed() -> None:
    """Make sure that what the page needs is installed.

    Raises
    ------
    MissingExtraError
        If it is not.
    """
    try:
        import panel.custom  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("The studio", "panel", "studio") from error


def _server(tabs: Any, door: Door, port: int) -> Any:
    from panel.io.server import get_server

    from hyperpoint.studio.tokens import TokenProvider

    for name in ("bokeh", "tornado.access"):  # a tab that is closed while something is on its way to it is no news
        logging.getLogger(name).setLevel(logging.ERROR)
    options: dict[str, Any] = {
        "unused_session_lifetime_milliseconds": _UNUSED_MS, "check_unused_sessions_milliseconds": _CHECK_MS,
        "cookie_secret": secrets.token_hex(32),
    }  # fmt: skip
    if door.password is not None:
        options |= {"basic_auth": door.password, "login_template": str(_login_page())}
    if door.token is not None:
        options["auth_provider"] = TokenProvider(door.token)
    return get_server(
        {"/": tabs.open}, port=port, address=door.address, websocket_origin=origins(door.address, port),
        title="hyperpoint studio", **options,
    )  # fmt: skip


def _login_page() -> Path:
    """Return our own page that asks for the password: Panel's asks the network for a picture."""
    return Path(__file__).parent / "views" / "page" / "login.html"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
