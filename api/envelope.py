"""What every response carries, and the one boundary that turns a bug into a sentence and a log line."""

import logging
from collections.abc import Mapping

from opentelemetry import context, trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import APOLOGY, problem, respond
from api.trace import server_span, traceparent_of

_LOG = logging.getLogger(__name__)
_LARGEST_BODY = 64 * 1024  # 4,000 characters in the longest JSON escapes are 48,000 bytes
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


EMBED_PAGE = "/embed"
EVALS_PAGE = "/evals"
REPORTS = "/evals/reports/"
"""Before the ticket of a report."""
EMBED_SCRIPT = "/web/embed.js"
_FOR_ANYBODY = {**SECURITY_HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"}
"""The script that pages of others load; it has nothing in it but the address of the frame."""


def _framed_by(origins: tuple[str, ...]) -> Mapping[str, str]:
    """The one page that may stand in a frame, and in whose."""
    if not origins:
        return SECURITY_HEADERS
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    framed = policy.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(origins)}")
    kept = {name: value for name, value in _FOR_ANYBODY.items() if name != "X-Frame-Options"}
    return {**kept, "Content-Security-Policy": framed}


def _reaching(origin: str) -> Mapping[str, str]:
    """A page whose script exchanges a code for a token at its person's identity provider."""
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    reaching = policy.replace("connect-src 'self'", f"connect-src 'self' {origin}")
    return {**SECURITY_HEADERS, "Content-Security-Policy": reaching}


def _framing(security: Mapping[str, str]) -> Mapping[str, str]:
    """A page with frames of our own origin."""
    return {**security, "Content-Security-Policy": f"{security['Content-Security-Policy']}; frame-src 'self'"}


def _sandboxed(script: str) -> Mapping[str, str]:
    """A report quotes customers, models and attackers. It gets an origin of its own, reaches nothing, and runs the one
    script that belongs to it; see docs/decisions/0007-a-report-has-an-origin-of-its-own.md."""
    policy = (
        f"sandbox allow-scripts; default-src 'none'; script-src {script}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return {**SECURITY_HEADERS, "X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": policy}


class Envelope:
    """Correlation id, security headers, a bound on the body, and a problem document where an exception got through.

    reaching: the one foreign origin that the script of a page may call, by the page's path. report_script: the script
    that reports may run, as a Content-Security-Policy names it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        embed_origins: tuple[str, ...] = (),
        reaching: Mapping[str, str] | None = None,
        report_script: str = "'none'",
    ) -> None:
        self._app = app
        self._report = _sandboxed(report_script)
        reached = {path: _reaching(origin) for path, origin in (reaching or {}).items()}
        self._security = {
            **reached,
            EVALS_PAGE: _framing(reached.get(EVALS_PAGE, SECURITY_HEADERS)),
            EMBED_PAGE: _framed_by(embed_origins),
            EMBED_SCRIPT: _FOR_ANYBODY,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        span = server_span(Headers(scope=scope).get("traceparent"), scope["method"])
        attached = context.attach(trace.set_span_in_context(span))
        sealed = _Sealed(send, traceparent_of(span), scope["path"], self._security_of(scope["path"]))
        try:
            await self._app(scope, _bounded(receive), sealed)
        except Exception:  # noqa: BLE001 - the boundary: a bug becomes a sentence and a log line
            _LOG.exception("unhandled error in %s %s", scope["method"], scope.get("route", "an unknown route"))
            if not sealed.started:
                await respond(problem("internal", 500, APOLOGY))(scope, receive, sealed)
        finally:
            _end(span, scope, sealed.status)
            context.detach(attached)

    def _security_of(self, path: str) -> Mapping[str, str]:
        return self._report if path.startswith(REPORTS) else self._security.get(path, SECURITY_HEADERS)


def _end(span: trace.Span, scope: Scope, status: int) -> None:
    """The route's pattern, never the address itself: that holds ids."""
    route = getattr(scope.get("route"), "path", "none")
    span.update_name(f"{scope['method']} {route}")
    span.set_attributes({"http.route": route, "http.response.status_code": status})
    span.end()


class _Sealed:
    def __init__(self, send: Send, traceparent: str, path: str, security: Mapping[str, str]) -> None:
        self._send = send
        self._security = security
        self._traceparent = traceparent
        self._private = path.startswith(("/v1/", "/dev/", REPORTS, "/healthz", "/readyz", "/metrics"))
        self.started = False
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["traceparent"] = self._traceparent
            headers.update(self._security)
            headers.setdefault("Cache-Control", "no-store" if self._private else "no-cache")
        await self._send(message)


def _bounded(receive: Receive) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > _LARGEST_BODY:
            raise HTTPException(413, "The body of this request is too large: at most 64 KB.", {"Connection": "close"})
        return message

    return bounded
