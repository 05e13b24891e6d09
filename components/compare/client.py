"""An HTTP client that adds nothing of its own and hides nothing: no redirects, no cookies, no decoding.

It is Python's `http.client`, which is exactly that, with what it leaves to its user: a connection that is kept, a limit
of time and size for each answer, and proxies.
"""

import base64
import http.client
import ssl
import time
import urllib.request
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit

from components.compare.answer import MAX_BODY, Answer
from components.compare.request import SAFE, Request

SECONDS = 30.0
"""What an answer may take: as long as the slowest facade waits (docs/facades.md)."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CHUNK = 64 * 1024


class Client:
    """One connection to one side, opened when it is needed and kept while it may be."""

    def __init__(self, url: str, seconds: float = SECONDS, at: str = "") -> None:
        """`at`: the name or address that is called, if not what the URL's host resolves to."""
        self._url, self._seconds, self._at = urlsplit(url), seconds, at
        self._base, self._proxy = self._url.path.rstrip("/"), proxy_for(self._url)
        self._connection: http.client.HTTPConnection | None = None

    def connect(self) -> None:
        """Opens the connection. Raises what goes wrong."""
        self._connection = self._opened()
        self._connection.connect()

    def close(self) -> None:
        """Ends the connection."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def ask(self, request: Request, headers: Iterable[tuple[str, str]]) -> Answer:
        """What comes of a request; what goes wrong is an answer too. A kept connection that the other side has ended
        meanwhile is no failure of the side: what changes nothing is asked again on a new one."""
        listed, kept = list(headers), self._connection is not None
        begun = time.monotonic()
        try:
            try:
                return self._asked(request, listed, begun)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
                if not kept or request.method not in SAFE:
                    raise
                begun = time.monotonic()
                return self._asked(request, listed, begun)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            self.close()
            return Answer(0, seconds=time.monotonic() - begun, failure=reason(failure))

    def _asked(self, request: Request, headers: list[tuple[str, str]], begun: float) -> Answer:
        connection = self._connection = self._connection or self._opened()
        connection.putrequest(request.method, self._target(request), skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", self._url.netloc.rpartition("@")[2])
        connection.putheader("Accept-Encoding", "gzip")
        at_proxy = _credentials(self._proxy) if self._proxy and self._url.scheme == "http" else {}
        for name, value in (*headers, *at_proxy.items()):
            connection.putheader(name, value)
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        named = tuple((name.lower(), value) for name, value in response.headers.items())
        body, whole = self._body(response, begun)
        if not whole or response.will_close:
            self.close()
        return Answer(response.status, named, body, time.monotonic() - begun, whole=whole)

    def _body(self, response: http.client.HTTPResponse, begun: float) -> tuple[bytes, bool]:
        """The body, no more of it than is compared, and whether that is all."""
        parts, left = list[bytes](), MAX_BODY
        while left:
            part = response.read1(min(left, _CHUNK))
            if not part:
                if response.length:
                    raise http.client.IncompleteRead(b"", response.length)
                response.close()  # read1 leaves it open, and with it the connection in use
                return b"".join(parts), True
            parts.append(part)
            left -= len(part)
            if time.monotonic() - begun > self._seconds:
                raise TimeoutError
        whole = not response.read1(1)
        response.close()
        return b"".join(parts), whole

    def _target(self, request: Request) -> str:
        target = self._base + request.target
        plain = self._proxy and self._url.scheme == "http"
        return f"http://{self._url.netloc}{target}" if plain else target

    def _opened(self) -> http.client.HTTPConnection:
        secure, host = self._url.scheme == "https", self._url.hostname or ""
        port, called = self._url.port or (443 if secure else 80), self._at or host
        to = (self._proxy.hostname or "", self._proxy.port or 80) if self._proxy else (called, port)
        if not secure:
            return http.client.HTTPConnection(*to, timeout=self._seconds)
        connection = _Secure(host, to, self._seconds)
        if self._proxy:
            connection.set_tunnel(called, port, headers=_credentials(self._proxy))
        return connection


class _Secure(http.client.HTTPSConnection):
    """TLS with a server of a name, whatever was called to reach it."""

    def __init__(self, name: str, to: tuple[str, int], seconds: float) -> None:
        self._name, self._tls = name, ssl.create_default_context()
        super().__init__(*to, timeout=seconds, context=self._tls)

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


def proxy_for(url: SplitResult) -> SplitResult | None:
    """The proxy that the environment names for a URL. What is on this machine needs none."""
    host = url.hostname or ""
    if host in _LOOPBACK or host.startswith("127.") or urllib.request.proxy_bypass(host):
        return None
    named = urllib.request.getproxies().get(url.scheme)
    return urlsplit(named if "://" in named else f"http://{named}") if named else None


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def reason(failure: Exception) -> str:
    """Why no answer came, in words that are the same each time."""
    if isinstance(failure, TimeoutError):
        return "no response in time"
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"certificate: {failure.verify_message}"
    if isinstance(failure, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError):
        return "connection ended without a response"
    if isinstance(failure, http.client.IncompleteRead):
        return "connection ended in the middle of the response"
    if isinstance(failure, OSError) and failure.strerror:
        return failure.strerror
    return type(failure).__name__


def unreachable(url: str, at: str = "", seconds: float = SECONDS) -> str:
    """Why nothing can be asked at a URL; empty if it can. at: the name or address that is called for it."""
    client = Client(url, seconds, at)
    try:
        client.connect()
    except (OSError, http.client.HTTPException, ValueError) as failure:
        return reason(failure)
    finally:
        client.close()
    return ""
