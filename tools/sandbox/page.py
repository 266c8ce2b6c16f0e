"""The sandbox's own page: who the demo people are, how their journeys stand, and what was sent to them."""

from pathlib import Path

from fastapi import APIRouter, Response

from tools.sandbox.contract import AirlineNow

router = APIRouter(include_in_schema=False)
_WEB = Path(__file__).parent / "web"


@router.get("/")
async def show_page(airline: AirlineNow) -> Response:
    return Response("", media_type="text/html")
