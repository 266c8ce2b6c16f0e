"""The sandbox's page."""

from fastapi import FastAPI

from tests.tools.sandbox.calling import Caller
from tools.sandbox.held import PROFILES


async def test_the_page_shows_people_journeys_and_codes(caller: Caller) -> None:
    code = {"address": "ada.lindqvist@example.com", "channel": "email", "code": "471199"}
    await caller.send("POST", "/notification/v1/codes", code)
    page = (await caller.http.get("/")).text
    for shown in ("Ada Lindqvist", "K7XQ2P", " EUR", "471199", "Liam O&#x27;Brien", "Carla Nunes"):
        assert shown in page


async def test_what_somebody_typed_is_shown_as_text(sandbox: FastAPI, caller: Caller) -> None:
    body = {"given_name": "<script>alert(1)</script>", "surname": "X"}
    await caller.change("K7XQ2P", "passengers/P1/name", body)
    address = "<img/src=x>@example.com"
    await caller.send(
        "POST",
        "/notification/v1/notifications",
        {"address": address, "template": "contact_changed", "channel": "email"},
    )
    page = await caller.http.get("/")
    assert "<script>alert" not in page.text
    assert "<img/src" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert sandbox.state.airline.store.count(PROFILES) > 0


async def test_its_files_are_its_own_and_no_others(caller: Caller) -> None:
    assert (await caller.http.get("/sandbox/sandbox.css")).headers["content-type"].startswith("text/css")
    assert (await caller.http.get("/sandbox/sandbox.js")).status_code == 200
    for name in ("sandbox.html", "..%2Fstore.py", "app.py"):
        assert (await caller.http.get(f"/sandbox/{name}")).status_code == 404


async def test_a_flight_is_disrupted_from_the_page(caller: Caller) -> None:
    flight = {"flight_number": "GA101", "flight_date": "2026-06-27"}
    late = await caller.http.post(
        "/sandbox/disruptions", json={**flight, "delay_minutes": 190, "cause": "weather", "extraordinary": True}
    )
    assert late.json()["items"][0]["state"] == "delayed"
    await caller.http.post("/sandbox/disruptions", json=flight)
    found = (await caller.get("/booking/v1/flights/GA101", flight_date="2026-06-27")).json()["items"]
    assert (found[0]["state"], found[0]["extraordinary"], found[0]["cause"]) == ("cancelled", False, "technical")
    assert (await caller.http.post("/sandbox/disruptions", json=flight | {"flight_number": "GA9"})).status_code == 404
