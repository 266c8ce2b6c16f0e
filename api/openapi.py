"""The OpenAPI document: every status a route may answer with, and the bearer that it reads."""

import http
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA_TYPE, Problem

_CONTENT: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token, or the secret of an anonymous person's conversation. Anybody may go without.",
}


def may_answer(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route, a router or the application: each status with a problem document (RFC 9457)."""
    return {status: {"description": http.HTTPStatus(status).phrase, "content": _CONTENT} for status in statuses}


ANY_ROUTE = may_answer(400, 408, 413, 422, 431, 503, 504)
"""A body that is broken, late or too large; values not accepted; headers too large; busy, down or late."""
SPEAKING = may_answer(401, 429)
"""Wherever it matters who speaks."""


def describe(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    document["components"]["securitySchemes"] = {"bearer": _BEARER}
    for operations in document["paths"].values():
        for operation in operations.values():
            if "401" in operation["responses"]:
                operation["security"] = [{"bearer": []}, {}]
    return document
