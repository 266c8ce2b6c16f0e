"""In the benchmark's runner: reads pass, and a write goes out only by the gate's leave and the customer's own yes."""

import contextlib
import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from evals.tau.acts import ACTS, Impossible
from evals.tau.conversing import Talk, TauAgent
from evals.tau.exam import exam_pack, read_now
from evals.tau.facts import World
from evals.tau.forbidden import forbidden_writes
from evals.tau.lines import Act, Line
from tests.evals.test_tau import EXAM, needs_exam, reservation

NOW = datetime.fromisoformat("2030-01-01T12:00:00-05:00")
PACK = exam_pack()
FRESH = {"created_at": "2030-01-01T09:00:00"}
WHO = "hello, my user id is sam_d"


def airline(**more: Any) -> World:
    day = {"status": "available", "available_seats": {"economy": 9}, "prices": {"economy": 120}}
    gone = {"status": "landed"}
    flights = {
        "F1": {"origin": "AAA", "destination": "BBB", "dates": {"2030-01-05": day, "2030-01-06": day}},
        "F2": {"origin": "AAA", "destination": "BBB", "dates": {"2030-01-05": gone}},
    }
    methods = {"card": {"source": "credit_card", "id": "card"}, "paper": {"source": "certificate", "amount": 500}}
    users = {
        name: {"user_id": name, "membership": "silver", "payment_methods": methods, "reservations": [own]}
        for name, own in (("sam_d", "R1"), ("eve_x", "R2"))
    }
    mine = reservation(**{"user_id": "sam_d", **more})
    theirs = reservation(**{"reservation_id": "R2", "user_id": "eve_x", **FRESH})
    return World({"flights": flights, "users": users, "reservations": {"R1": mine, "R2": theirs}}, NOW)


Wish = tuple[str, Mapping[str, object]]


@dataclass
class Model:
    """Says what was written, in order; seen holds what it was shown."""

    script: list[str | Wish | list[Wish]]
    seen: list[Sequence[Line]] = field(default_factory=list)

    def __call__(self, lines: Sequence[Line]) -> Line:
        self.seen.append(lines)
        said = self.script.pop(0) if self.script else "Anything else?"
        if isinstance(said, str):
            return Line(role="agent", text=said)
        wishes = said if isinstance(said, list) else [said]
        calls = [Act(name=name, arguments=given, id=f"m{len(self.seen)}-{n}") for n, (name, given) in enumerate(wishes)]
        return Line(role="agent", acts=tuple(calls))

    @property
    def told(self) -> str:
        return "\n".join(line.text for line in self.seen[-1] if line.role == "tool")


@dataclass
class Runner:
    """The benchmark's side: carries out every call that comes out of the agent, and keeps it."""

    world: World
    agent: TauAgent
    talk: Talk
    calls: list[Act] = field(default_factory=list)

    async def say(self, text: str) -> str:
        line = await self.agent.reply(self.talk, [Line(role="customer", text=text)])
        while line.acts:
            assert not line.text
            self.calls += line.acts
            line = await self.agent.reply(self.talk, [self._result(act) for act in line.acts])
        return line.text

    @property
    def writes(self) -> list[tuple[str, Mapping[str, Any]]]:
        return [(act.name, act.arguments) for act in self.calls if act.name in ACTS]

    def _result(self, act: Act) -> Line:
        try:
            return Line(role="tool", id=act.id, text=self._do(act.name, act.arguments))
        except (Impossible, KeyError) as error:
            return Line(role="tool", id=act.id, text=f"Error: {error}", error=True)

    def _do(self, name: str, given: Mapping[str, Any]) -> str:
        if name in ACTS:
            ACTS[name](self.world, given)
            return json.dumps(self.world.reservations[given["reservation_id"]]) if "reservation_id" in given else "sent"
        if name == "get_user_details":
            return json.dumps(self.world.users[given["user_id"]])
        if name == "get_reservation_details":
            return json.dumps(self.world.reservations[given["reservation_id"]])
        if name == "get_flight_status":
            return str(self.world.flights[given["flight_number"]]["dates"][given["date"]]["status"])
        if name == "search_direct_flight":
            return json.dumps(list(self._search(**given)))
        return "Transfer successful"

    def _search(self, origin: str, destination: str, date: str) -> Sequence[Mapping[str, Any]]:
        return [
            {"flight_number": number, "origin": origin, "destination": destination, **flight["dates"][date]}
            for number, flight in self.world.flights.items()
            if self.world.ends({"flight_number": number}) == (origin, destination)
            and flight["dates"].get(date, {}).get("status") == "available"
        ]


def runner(*script: str | Wish | list[Wish], **more: Any) -> tuple[Runner, Model]:
    model = Model(list(script))
    agent = TauAgent(model, PACK, NOW)
    return Runner(airline(**more), agent, agent.begin([Line(role="agent", text="Hi! How can I help?")])), model


READ: Wish = ("get_user_details", {"user_id": "sam_d"})
CANCEL: Wish = ("cancel_reservation", {"reservation_id": "R1"})
LATER: Wish = (
    "update_reservation_flights",
    {
        "reservation_id": "R1",
        "cabin": "economy",
        "flights": [{"flight_number": "F1", "date": "2030-01-06"}],
        "payment_id": "card",
    },
)


async def test_a_write_is_shown_and_not_sent_before_a_yes() -> None:
    desk, _ = runner(READ, CANCEL, **FRESH)
    shown = await desk.say(f"{WHO}, cancel R1")
    assert desk.writes == []
    assert "reservation id: R1" in shown
    assert "refund to card: 100 USD" in shown
    assert "within the last 24" in shown
    assert "answer with yes" in shown


async def test_a_yes_sends_exactly_what_was_shown_once() -> None:
    desk, _ = runner(READ, CANCEL, "It is cancelled.", "Bye.", **FRESH)
    await desk.say(f"{WHO}, cancel R1")
    assert await desk.say("Yes, please go ahead.") == "It is cancelled."
    assert desk.writes == [CANCEL]
    await desk.say("yes")
    assert desk.writes == [CANCEL]
    assert desk.world.reservations["R1"]["status"] == "cancelled"


@pytest.mark.parametrize("words", ["yes but keep the bag", "yes?", "no", "yes, change it", "what would I get back?"])
async def test_what_is_not_plainly_a_yes_sends_nothing(words: str) -> None:
    desk, _ = runner(READ, CANCEL, "All right.", "Fine.", **FRESH)
    await desk.say(f"{WHO}, cancel R1")
    await desk.say(words)
    await desk.say("yes")
    assert desk.writes == []


async def test_the_model_saying_yes_for_the_customer_sends_nothing() -> None:
    desk, _ = runner(READ, "The customer says: yes", CANCEL, CANCEL, CANCEL, **FRESH)
    await desk.say(WHO)
    await desk.say("cancel R1")
    await desk.say("hm")
    assert desk.writes == []


async def test_a_forbidden_write_comes_back_with_its_clause() -> None:
    desk, model = runner(READ, CANCEL, "I am sorry, it cannot be cancelled.")
    assert await desk.say(f"{WHO}, cancel R1") == "I am sorry, it cannot be cancelled."
    told = json.loads(model.told.splitlines()[-1])
    assert told["refused_by"] == ["TA-CANCEL"]
    assert "no insurance covers" in told["reason"]
    await desk.say("yes")
    assert desk.writes == []


async def test_somebody_elses_reservation_is_refused() -> None:
    desk, model = runner(READ, ("cancel_reservation", {"reservation_id": "R2"}))
    await desk.say(f"{WHO}, cancel R2")
    assert "TA-OWNER" in model.told
    assert desk.writes == []


async def test_nobody_is_served_whom_only_the_model_named() -> None:
    desk, model = runner(("get_user_details", {"user_id": "eve_x"}), ("cancel_reservation", {"reservation_id": "R2"}))
    await desk.say("cancel R2, I am in a hurry")
    assert "unknown" in model.told
    assert desk.writes == []


async def test_the_facts_that_the_model_did_not_read_are_read_first() -> None:
    desk, model = runner(READ, LATER, "Moved.")
    shown = await desk.say(f"{WHO}, move R1 to the 6th")
    assert [act.name for act in desk.calls] == [
        "get_user_details", "get_reservation_details", "get_flight_status", "search_direct_flight",
    ]  # fmt: skip
    assert "charge to card: 20 USD" in shown
    seen = [act.name for line in model.seen[-1] for act in line.acts]
    assert seen == ["get_user_details"]
    assert await desk.say("yes") == "Moved."
    assert desk.writes == [LATER]


async def test_a_flown_flight_needs_a_person() -> None:
    flown = [{"origin": "AAA", "destination": "BBB", "flight_number": "F2", "date": "2030-01-05", "price": 1}]
    desk, model = runner(
        READ, CANCEL, ("transfer_to_human_agents", {"summary": "flown"}), "Please hold.", flights=flown
    )
    assert await desk.say(f"{WHO}, cancel R1") == "Please hold."
    assert "colleague takes over" in model.told
    assert desk.calls[-1].name == "transfer_to_human_agents"
    assert desk.writes == []


async def test_reads_pass_straight_through_with_their_own_ids() -> None:
    desk, _ = runner([READ, ("calculate", {"expression": "1+1"})], "Two.")
    assert await desk.say("hi") == "Two."
    assert [act.id for act in desk.calls] == ["m1-0", "m1-1"]


async def test_reads_pass_and_a_write_beside_them_waits() -> None:
    desk, _ = runner([READ, CANCEL], "Hm.", **FRESH)
    assert await desk.say(f"{WHO}, cancel R1") == "Hm."
    assert [act.name for act in desk.calls] == ["get_user_details"]


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (("cancel_reservation", {"reservation_id": "NONE"}), "get_reservation_details"),
        (("cancel_reservation", {}), "The arguments are not those of cancel_reservation"),
        (("delete_everything", {"user_id": "sam_d"}), "No rule governs delete_everything"),
        (("update_reservation_flights", {**LATER[1], "flights": [{"flight_number": "F9", "date": "2030-01-06"}]}),
         "No search has found flight F9"),
        (("update_reservation_flights", {**LATER[1], "payment_id": "paper"}), "TA-PAY-CHANGE"),
        (("update_reservation_passengers", {"reservation_id": "R1", "passengers": []}), "TA-NAMES"),
    ],
)  # fmt: skip
async def test_what_cannot_be_judged_or_done_is_told_to_the_model(wish: Wish, told: str) -> None:
    desk, model = runner(READ, wish, "I see.", **FRESH)
    assert await desk.say(f"{WHO}, please") == "I see."
    assert told in model.told
    assert desk.writes == []


async def test_a_second_write_is_judged_on_what_the_first_one_left() -> None:
    desk, model = runner(READ, CANCEL, "Cancelled.", CANCEL, "It was cancelled before.", **FRESH)
    await desk.say(f"{WHO}, cancel R1")
    await desk.say("yes")
    assert await desk.say("and again") == "It was cancelled before."
    assert "cancelled already" in model.told
    assert desk.writes == [CANCEL]


async def test_a_certificate_needs_every_reservation_of_the_customer() -> None:
    gift: Wish = ("send_certificate", {"user_id": "sam_d", "amount": 100})
    desk, model = runner(READ, gift, "No.")
    assert await desk.say(f"{WHO}, I complain") == "No."
    assert "TA-GESTURE" in model.told
    assert [act.name for act in desk.calls][1:] == ["get_reservation_details", "get_flight_status"]


async def test_a_booking_is_paid_as_it_is_shown() -> None:
    book: Wish = (
        "book_reservation",
        {
            "user_id": "sam_d", "origin": "AAA", "destination": "BBB", "flight_type": "one_way", "cabin": "economy",
            "flights": [{"flight_number": "F1", "date": "2030-01-05"}],
            "passengers": [{"first_name": "S", "last_name": "D", "dob": "1990-01-01"}],
            "payment_methods": [{"payment_id": "card", "amount": 120}],
            "total_baggages": 0, "nonfree_baggages": 0, "insurance": "no",
        },
    )  # fmt: skip
    desk, _ = runner(READ, book, "Booked.")
    shown = await desk.say(f"{WHO}, book F1 on the 5th")
    assert "payment methods: card, 120" in shown
    await desk.say("yes, book it")
    assert desk.writes == [book]


async def test_a_model_that_says_nothing_is_not_asked_for_ever() -> None:
    desk, model = runner(*[""] * 50)
    assert "transfer you to a colleague" in await desk.say("hi")
    assert len(model.seen) < 10


@dataclass(frozen=True)
class Exam:
    db: Mapping[str, Any]
    tasks: Sequence[Mapping[str, Any]]
    now: datetime


def read_exam() -> Exam:
    read = {name: json.loads((EXAM / f"{name}.json").read_text(encoding="utf-8")) for name in ("db", "tasks")}
    return Exam(read["db"], read["tasks"], read_now((EXAM / "policy.md").read_text(encoding="utf-8")))


def exam_desk(world: World, script: list[str | Wish | list[Wish]]) -> Runner:
    agent = TauAgent(Model(script), PACK, world.now)
    return Runner(world, agent, agent.begin())


def wishes_of(exam: Exam, name: str, given: Mapping[str, Any]) -> tuple[str, list[Wish]]:
    """Who calls, and the calls of a model that reads the profile and searches the flights before the write."""
    reservation = exam.db["reservations"].get(str(given.get("reservation_id")), {})
    user = str(given.get("user_id") or reservation.get("user_id"))
    ends = [(exam.db["flights"].get(f["flight_number"], {}), f["date"]) for f in given.get("flights") or ()]
    searches: list[Wish] = [
        (
            "search_direct_flight",
            {"origin": flight.get("origin"), "destination": flight.get("destination"), "date": day},
        )
        for flight, day in ends
    ]
    return user, [("get_user_details", {"user_id": user}), *searches, (name, given)]


@needs_exam
async def test_every_gold_write_of_the_shared_exam_goes_out_after_a_yes() -> None:
    exam = read_exam()
    sent = tried = 0
    for task in exam.tasks:
        gold = [a for a in (task.get("evaluation_criteria") or {}).get("actions") or () if a["name"] in ACTS]
        if not gold:
            continue
        alone = World(copy.deepcopy(exam.db), exam.now)
        desk = exam_desk(World(copy.deepcopy(exam.db), exam.now), [])
        for action in gold:
            name, given = action["name"], action["arguments"]
            with contextlib.suppress(Impossible):
                ACTS[name](alone, given)
                tried += 1
            user, script = wishes_of(exam, name, given)
            desk.agent._model = Model(list(script))
            await desk.say(f"I am {user}. {json.dumps(task['user_scenario'])}")
            await desk.say("yes")
        sent += len(desk.writes)
        assert desk.writes == [(a["name"], a["arguments"]) for a in gold][: len(desk.writes)]
        assert desk.world.reservations == alone.reservations
        assert desk.world.users == alone.users
    print(f"{sent} of {tried} gold writes sent")
    assert sent == tried > 20


@needs_exam
async def test_no_forbidden_write_of_the_shared_exam_goes_out_though_the_customer_says_yes() -> None:
    exam = read_exam()
    world = World(exam.db, exam.now)
    rows = list(forbidden_writes(world))
    for row in rows:
        user, script = wishes_of(exam, row["tool"], row["arguments"])
        desk = exam_desk(world, [*script, "No."])
        await desk.say(f"I am {user}. {str(row.get('stated') or '').replace('_', ' ')}")
        await desk.say("yes")
        assert desk.writes == [], row
    print(f"0 of {len(rows)} forbidden writes sent")
    assert len(rows) > 60
