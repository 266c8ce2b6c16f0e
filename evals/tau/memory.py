"""What a conversation has read of the airline so far: the only facts there are in the benchmark's own runner."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from evals.tau.acts import ACTS
from evals.tau.facts import World
from evals.tau.lines import Act

Record = dict[str, Any]


class Unread(Exception):
    """A fact that the gate needs cannot be read by itself; the words say what would help."""


class Memory:
    def __init__(self, now: datetime) -> None:
        self.world = World({"flights": {}, "users": {}, "reservations": {}}, now)
        self.read: list[str] = []
        """User ids, in the order of their reading."""
        self._tried: set[str] = set()
        self._failed: dict[str, str] = {}

    def take(self, act: Act, content: str, *, error: bool) -> None:
        """The result of a call, whoever wished for it."""
        self._tried.add(_key(act))
        if error:
            self._failed[_key(act)] = content
            return
        keep = {
            "get_user_details": self._user,
            "get_reservation_details": self._reservation,
            "get_flight_status": self._status,
            "search_direct_flight": self._found,
            "search_onestop_flight": self._found,
        }
        try:
            if act.name in ACTS:
                self._written(act, content)
            elif act.name in keep:
                keep[act.name](act, content)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._failed[_key(act)] = "the answer could not be read"

    def missing(self, act: Act) -> tuple[Act, ...]:
        """The reads that the gate needs before it can judge this write. Raises Unread."""
        wanted = tuple({_key(read): read for read in self._needed(act)}.values())
        for read in wanted:
            if _key(read) in self._tried:
                reason = self._failed.get(_key(read), "it brought nothing")
                raise Unread(f"{read.name} {json.dumps(read.arguments)}: {reason}")
        return wanted

    def _needed(self, act: Act) -> Iterator[Act]:
        wish = act.arguments
        if act.name == "book_reservation":
            yield from self._of_user(str(wish["user_id"]))
            yield from self._seats(wish["flights"], wish)
        elif act.name == "send_certificate":
            yield from self._of_user(str(wish["user_id"]))
            for name in self.world.users.get(str(wish["user_id"]), {}).get("reservations", ()):
                yield from self._of_reservation(name)
        else:
            yield from self._of_reservation(str(wish["reservation_id"]))
            reservation = self.world.reservations.get(str(wish["reservation_id"]))
            if reservation and act.name == "update_reservation_flights":
                yield from self._seats(_other(reservation, wish), reservation)

    def _of_user(self, name: str) -> Iterator[Act]:
        if name not in self.world.users:
            yield Act(name="get_user_details", arguments={"user_id": name})

    def _of_reservation(self, name: str) -> Iterator[Act]:
        reservation = self.world.reservations.get(name)
        if reservation is None:
            yield Act(name="get_reservation_details", arguments={"reservation_id": name})
            return
        yield from self._of_user(str(reservation["user_id"]))
        for flight in reservation["flights"]:
            if "status" not in self.world.day(flight):
                asked = {"flight_number": flight["flight_number"], "date": flight["date"]}
                yield Act(name="get_flight_status", arguments=asked)

    def _seats(self, flights: Sequence[Mapping[str, Any]], journey: Mapping[str, Any]) -> Iterator[Act]:
        """A search lists what can be booked. Raises Unread for a flight that none has found."""
        ends = (str(journey["origin"]), str(journey["destination"]))
        for flight in flights:
            if "available_seats" in self.world.day(flight):
                continue
            known = str(flight["flight_number"]) in self.world.flights
            ways = [self.world.ends(flight)] if known else [ends, ends[::-1]]
            searches = [_search(way, str(flight["date"])) for way in ways]
            left = [search for search in searches if _key(search) not in self._tried]
            if not left and not known:
                raise Unread(f"No search has found flight {flight['flight_number']} on {flight['date']}: search first.")
            yield from left

    def _user(self, act: Act, content: str) -> None:
        user = json.loads(content)
        self.world.users[str(user["user_id"])] = self.world.users[str(act.arguments["user_id"])] = user
        self.read.append(str(user["user_id"]))

    def _reservation(self, act: Act, content: str) -> None:
        reservation = json.loads(content)
        name = str(reservation["reservation_id"])
        self.world.reservations[name] = self.world.reservations[str(act.arguments.get("reservation_id", name))] = (
            reservation
        )
        for flight in reservation["flights"]:
            self._flight(flight)

    def _status(self, act: Act, content: str) -> None:
        flight = self.world.flights.setdefault(str(act.arguments["flight_number"]), {"dates": {}})
        flight["dates"].setdefault(str(act.arguments["date"]), {})["status"] = content.strip().strip('"')

    def _found(self, act: Act, content: str) -> None:
        for found in _flat(json.loads(content)):
            day = self._flight(found)["dates"].setdefault(str(found.get("date") or act.arguments["date"]), {})
            day.update({name: found[name] for name in ("status", "available_seats", "prices")})

    def _flight(self, row: Mapping[str, Any]) -> Record:
        flight: Record = self.world.flights.setdefault(str(row["flight_number"]), {"dates": {}})
        flight.update(origin=row["origin"], destination=row["destination"])
        return flight

    def _written(self, act: Act, content: str) -> None:
        """What was changed is read anew, but the reservation that the answer shows."""
        named = (str(act.arguments.get("user_id")), str(act.arguments.get("reservation_id")))
        owner = str(self.world.reservations.get(named[1], {}).get("user_id", named[0]))
        for name in (owner, named[0]):
            self._forget(Act(name="get_user_details", arguments={"user_id": name}), self.world.users, name)
        if act.name == "update_reservation_flights":
            self.world.changed.add(named[1])
        if act.name != "send_certificate":
            self._reservation(act, content)

    def _forget(self, read: Act, records: Record, name: str) -> None:
        records.pop(name, None)
        self._tried.discard(_key(read))


def _other(reservation: Mapping[str, Any], wish: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The flights of a wish that would be booked anew."""
    kept = {(flight["flight_number"], flight["date"]) for flight in reservation["flights"]}
    same = wish["cabin"] == reservation["cabin"]
    return [f for f in wish["flights"] if not (same and (f["flight_number"], f["date"]) in kept)]


def _search(way: tuple[str, str], date: str) -> Act:
    return Act(name="search_direct_flight", arguments={"origin": way[0], "destination": way[1], "date": date})


def _flat(found: Any) -> Iterator[Mapping[str, Any]]:
    for one in found:
        yield from _flat(one) if isinstance(one, list) else (one,)


def _key(act: Act) -> str:
    return f"{act.name} {json.dumps(act.arguments, sort_keys=True, default=str)}"
