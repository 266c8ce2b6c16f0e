"""Problem documents (RFC 9457): every refusal of a service in one shape."""

import json

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail

    def body(self) -> bytes:
        document = {
            "type": f"urn:gamma:problem:{self.code}",
            "title": self.code.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
        }
        return json.dumps(document).encode()


def missing() -> Problem:
    """The same for a record that does not exist and for one that is somebody else's."""
    return Problem(404, "not-found", "There is no such record.")


def rejected(code: str, detail: str) -> Problem:
    return Problem(409, code, detail)


def invalid(detail: str) -> Problem:
    return Problem(422, "invalid-request", detail)


def install(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def answer_problem(_: Request, problem: Problem) -> Response:
        return respond(problem)

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(_: Request, fault: RequestValidationError) -> Response:
        places = (".".join(str(part) for part in error["loc"]) + ": " + error["msg"] for error in fault.errors())
        return respond(invalid("; ".join(places)))

    @app.exception_handler(HTTPException)
    async def answer_http(_: Request, fault: HTTPException) -> Response:
        return respond(Problem(fault.status_code, "not-found" if fault.status_code == 404 else "http", fault.detail))


def respond(problem: Problem) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
    return Response(problem.body(), problem.status, headers, MEDIA_TYPE)
