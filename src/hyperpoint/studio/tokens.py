"""Access by a secret in the address, as a notebook server has it: whoever has the link may come in."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from bokeh.server.auth_provider import AuthProvider
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

_COOKIE = "hyperpoint-studio"
_USER = "user"
_DENIED = "/denied"


class TokenProvider(AuthProvider):
    """Lets in who brings the token in the address (`?token=...`), and remembers that in a signed cookie.

    Parameters
    ----------
    token
        The secret.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        super().__init__()

    @property
    def get_user(self) -> Callable[[Any], Any]:
        """The function that says who asks, or None for nobody."""
        return self._user_of

    @property
    def login_url(self) -> str:
        """Where those are sent who bring no token."""
        return _DENIED

    @property
    def login_handler(self) -> type[RequestHandler]:
        """What tells them so."""
        return Denied

    def _user_of(self, handler: RequestHandler) -> str | None:
        if handler.get_signed_cookie(_COOKIE) == _USER.encode():
            return _USER
        given = handler.get_argument("token", "")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return None
        if not isinstance(handler, WebSocketHandler):
            handler.set_signed_cookie(_COOKIE, _USER, httponly=True, samesite="Strict")
        return _USER


class Denied(RequestHandler):
    """The page for those who bring no token."""

    def get(self) -> None:
        """Say what is missing."""
        self.set_status(403)
        self.finish(
            "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>hyperpoint studio</title>"
            "<body style='font: 16px/1.5 system-ui; margin: 15vh auto; max-width: 32em; padding: 0 1em'>"
            "<h1 style='font-size: 20px'>This studio asks for a token</h1><p>Open the whole address that "
            "<code>hyperpoint studio</code> printed when it was started; it ends in <code>?token=…</code>.</p>"
        )
