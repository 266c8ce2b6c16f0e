"""Requests to the airline as a client system makes them."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]


@dataclass
class Caller:
    http: httpx.AsyncClient
    _keys: "itertools.count[int]" = field(default_factory=itertools.count)

    async def get(self, path: str, subject: str = "system", **params: str) -> httpx.Response:
        return await self.http.get(path, params=params or None, headers=self._headers(subject))

    async def send(
        self,
        method: str,
        path: str,
        body: Json,
        *,
        subject: str = "system",
        key: str | None = None,
        version: str | None = None,
    ) -> httpx.Response:
        """key: a new one unless named."""
        headers = self._headers(subject) | {"Idempotency-Key": key or f"key-{next(self._keys)}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.http.request(method, path, json=body, headers=headers)

    async def booking(self, locator: str) -> Json:
        found: Json = (await self.get(f"/booking/v1/bookings/{locator}")).json()
        return found

    async def change(self, locator: str, what: str, body: Json, *, subject: str = "system") -> httpx.Response:
        """A write on a booking in its present version."""
        version = (await self.booking(locator))["version"]
        return await self.send("POST", f"/booking/v1/bookings/{locator}/{what}", body, subject=subject, version=version)

    def _headers(self, subject: str) -> dict[str, str]:
        return {"Authorization": "Bearer a-client", "On-Behalf-Of": subject}


def code_of(response: httpx.Response) -> str:
    """The last part of a problem's type."""
    assert response.headers["content-type"] == "application/problem+json"
    problem: Json = response.json()
    assert problem["status"] == response.status_code
    assert problem["title"]
    assert problem["detail"]
    return str(problem["type"]).rpartition(":")[2]
