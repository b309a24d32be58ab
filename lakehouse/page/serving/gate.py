"""What every request passes: the host that it names, the token, and rules for the browser."""

import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PARAMETER = "token"
# Nothing comes from elsewhere, nothing stands inline: a cell's value can start no script.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
NOT_LET_IN = "This page is one user's: open the link that `lakehouse ui` printed."
WRONG_HOST = "This page answers at 127.0.0.1 only."


class PageGate:
    """Lets in who brings the token, by the link once and by a cookie from then on; reads only."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        # Cookies are shared by all ports of a host.
        self._cookie = f"lakehouse-{port}"
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or passes the request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refusal(scope)
        await (answer or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        # A name that an attacker's server resolves to 127.0.0.1 would be another origin's page.
        if headers.get("host") not in self._hosts:
            return PlainTextResponse(WRONG_HOST, 421)
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("This page reads only.", 405, {"allow": "GET, HEAD"})
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(query).get(PARAMETER, "")
        if self._is_token(given):
            return self._entered(scope, [(name, value) for name, value in query if name != PARAMETER])
        return None if self._has_cookie(headers) else PlainTextResponse(NOT_LET_IN, 403)

    def _entered(self, scope: Scope, query: list[tuple[str, str]]) -> Response:
        """The same address without the token, which then stands in no history."""
        answer = RedirectResponse(scope["path"] + (f"?{urlencode(query)}" if query else ""), 303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
        return answer

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and self._is_token(cookie.value)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())
