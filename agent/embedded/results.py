"""From what a tool came to, to the next step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from agent.embedded.choosing import choose_flight, narrow
from agent.embedded.frame import Frame
from agent.embedded.hearing import informed
from agent.embedded.passages import PolicyAnswers
from agent.embedded.phrases import Phrases
from agent.embedded.planner import Planner
from agent.embedded.scene import Result, Scene
from agent.embedded.step import Step, joined

_OF_ONE_WISH = frozenset({"detail", "reason", "description"})
"""Slots that say nothing to the next wish of a message."""
_PAST = frozenset({"report_bag_delayed", "report_bag_lost", "report_bag_damaged"})
"""Wishes about a journey that has begun."""
_ANY = frozenset({"claim_compensation", "check_compensation", "request_refund", "get_booking", "list_resolutions"})
"""Wishes that may be about a journey that is over or cancelled."""


class AfterTools:
    def __init__(self, planner: Planner, phrases: Phrases, policies: PolicyAnswers) -> None:
        self._planner = planner
        self._phrases = phrases
        self._policies = policies
        self._by_outcome: Mapping[str, Callable[[Result, Frame, Scene], Step]] = {
            "done": self._done,
            "identity_needed": self._identity_needed,
            "facts_needed": self._facts_needed,
            "refused": self._refused,
            "human_needed": self._human_needed,
        }

    def step(self, scene: Scene, frame: Frame) -> Step:
        result = scene.results[-1]
        if frame.aside:
            told = joined(self._tell(result), self._planner.back(frame))
            return Step(frame=replace(frame, aside=None), text=told or self._phrases.say["anything_else"])
        handle = self._by_outcome.get(result.outcome, self._in_words)
        return handle(result, frame, scene)

    def closing(self, text: str, frame: Frame, scene: Scene) -> Step:
        """A wish is served; the next one of the same message follows."""
        settled = frame.settle()
        if not frame.queue:
            return Step(frame=settled, text=text)
        kept = tuple(name for name in frame.slots if name not in _OF_ONE_WISH)
        following = replace(settled, queue=frame.queue[1:]).begin(frame.queue[0], keep=kept)
        intent = self._planner.intent(following)
        known = informed(following, intent, scene) if intent else following
        return self._planner.advance(known, scene).led_by(text)

    def _done(self, result: Result, frame: Frame, scene: Scene) -> Step:
        handle = {
            "verify_booking": self._proved,
            "check_code": self._proved,
            "send_code": self._code_sent,
            "list_bookings": self._listed,
            "get_booking": self._booking_read,
            "search_policies": self._searched,
            "search_flights": self._flights_found,
            "check_eligibility": self._eligible,
        }.get(result.tool)
        return handle(result, frame, scene) if handle else self.closing(self._tell(result), frame, scene)

    def _proved(self, result: Result, frame: Frame, scene: Scene) -> Step:
        """A booking is proved: go on with what the proof was for."""
        locator = str(result.arguments.get("record_locator", ""))
        known = frame.with_slots({"record_locator": locator}, {"record_locator": locator}) if locator else frame
        if known.intent is None or known.closed:
            return self._planner.say("what_now", replace(known, awaiting=None)).led_by(result.say)
        return self._planner.advance(replace(known, awaiting=None), scene)

    def _code_sent(self, result: Result, frame: Frame, scene: Scene) -> Step:
        return Step(frame=replace(frame, awaiting="code"), text=result.say or self._planner.question("code"))

    def _listed(self, result: Result, frame: Frame, scene: Scene) -> Step:
        intent = self._planner.intent(frame)
        if intent is None or not {"record_locator?", "flight_number"} & set(intent.needs):
            return self.closing(result.say, frame, scene)
        candidates = possible(result.data("bookings") or [], frame.intent or "", scene.today)
        chosen = narrow(candidates, scene)
        if len(chosen) == 1:
            locator = str(chosen[0]["record_locator"])
            return self._planner.advance(
                frame.with_slots({"record_locator": locator}, {"record_locator": locator}), scene
            )
        if not candidates:
            return self._none_listed(result, frame)
        return Step(frame=replace(frame, awaiting="choice"), text=joined(result.say, self._planner.question("choice")))

    def _none_listed(self, result: Result, frame: Frame) -> Step:
        step = self._planner.say("no_bookings", replace(frame, awaiting="record_locator"))
        return step if result.data("bookings") else step.led_by(result.say)

    def _booking_read(self, result: Result, frame: Frame, scene: Scene) -> Step:
        """Read for its own sake, or to learn which flight the person means."""
        if any(r.outcome == "facts_needed" and _facts(r)[0] == "flight_number" for r in scene.results):
            return self._which_leg(result, frame, scene)
        flight = next_flight(result.data("segments") or [], scene.today)
        if frame.intent != "get_flight_status" or flight is None:
            return self.closing(self._tell(result), frame, scene)
        return self._planner.advance(frame.with_slots(flight, flight), scene)

    def _which_leg(self, result: Result, frame: Frame, scene: Scene) -> Step:
        """The leg of the day the person named; otherwise they are asked."""
        legs = [leg for leg in result.data("segments") or [] if leg.get("date") == frame.slots.get("date")]
        chosen = str(legs[0]["flight_number"]) if len(legs) == 1 else choose_flight(scene)
        if chosen:
            flight = {"flight_number": chosen}
            return self._planner.advance(frame.with_slots(flight, flight), scene)
        asked = joined(result.say, self._planner.question("segment"))
        return Step(frame=replace(frame, awaiting="segment", closed=False), text=asked)

    def _searched(self, result: Result, frame: Frame, scene: Scene) -> Step:
        if not result.data("passages"):
            return self._planner.offer_person("no_policy", frame)
        return self.closing(self._tell(result), frame, scene)

    def _flights_found(self, result: Result, frame: Frame, scene: Scene) -> Step:
        if frame.intent != "book_flight":
            return self.closing(result.say, frame, scene)
        waiting = replace(frame, awaiting="flight_number")
        return self._planner.say("which_flight", waiting).led_by(result.say)

    def _eligible(self, result: Result, frame: Frame, scene: Scene) -> Step:
        action = str(result.arguments.get("action", ""))
        step = self.closing(self._tell(result), frame, scene)
        if step.tool or action not in self._phrases.offer or not self._planner.toolbox.has(action):
            return step
        return replace(
            step, text=joined(step.text, self._phrases.offer[action]), frame=replace(step.frame, offer=action)
        )

    def _identity_needed(self, result: Result, frame: Frame, scene: Scene) -> Step:
        needs = result.told.get("needs") or {}
        locator = needs.get("record_locator") or result.arguments.get("record_locator")
        known = frame.with_slots({"record_locator": locator}, {"record_locator": locator}) if locator else frame
        if needs.get("level") == "booking":
            return self._planner.verify(known, scene)
        if needs.get("level") == "verified":
            return self._planner.send_code(known, scene)
        return self.closing(result.say, frame, scene)

    def _facts_needed(self, result: Result, frame: Frame, scene: Scene) -> Step:
        fact = _facts(result)[0]
        locator = frame.slots.get("record_locator")
        if fact == "flight_number" and locator and self._planner.toolbox.has("get_booking"):
            return self._planner.call("get_booking", {"record_locator": locator}, frame, scene)
        return Step(frame=replace(frame, awaiting=fact, closed=False), text=result.say)

    def _refused(self, result: Result, frame: Frame, scene: Scene) -> Step:
        if result.tool == "verify_booking":
            asking = replace(frame.without("record_locator", "surname"), awaiting="record_locator")
            return Step(frame=asking, text=result.say)
        if result.tool == "check_code":
            return Step(frame=replace(frame, awaiting="code"), text=result.say)
        if result.tool == "send_code":
            waiting = replace(frame, awaiting="code", offer="hand_off")
            return Step(frame=waiting, text=joined(result.say, self._phrases.say["offer_person"]))
        known = frame if result.told.get("clauses") else frame.without("record_locator")
        return self.closing(self._tell(result), known, scene)

    def _human_needed(self, result: Result, frame: Frame, scene: Scene) -> Step:
        told = self._tell(result)
        offer = "" if told.endswith("?") else self._phrases.say["offer_person"]
        return Step(frame=replace(frame.settle(), offer="hand_off"), text=joined(told, offer))

    def _in_words(self, result: Result, frame: Frame, scene: Scene) -> Step:
        """unavailable, invalid, proposed: what the executor says is all there is to say."""
        return self.closing(self._tell(result), frame, scene)

    def _tell(self, result: Result) -> str:
        if result.tool == "search_policies":
            passages: Sequence[Mapping[str, Any]] = result.data("passages") or []
            found = self._policies.answer(str(result.arguments.get("query", "")), passages)
            return found or self._phrases.say["no_policy"]
        cited = "".join(f" [[{clause['clause_id']}]]" for clause in result.told.get("clauses") or [])
        return f"{result.say}{cited}" if result.say else ""


def _facts(result: Result) -> list[str]:
    facts = (result.told.get("needs") or {}).get("facts") or ["reason"]
    return [str(fact) for fact in facts]


def possible(bookings: Sequence[Mapping[str, Any]], intent: str, today: date) -> list[Mapping[str, Any]]:
    """The bookings a wish can be about: begun for a bag, any for a refund or a claim, else those still to be flown."""
    if intent in _ANY:
        return list(bookings)
    confirmed = [b for b in bookings if b.get("status") == "confirmed"]
    ahead = [b for b in confirmed if str(b.get("departs_at") or "9999")[:10] > today.isoformat()]
    if intent in _PAST:
        return [b for b in confirmed if b not in ahead] or confirmed
    return [b for b in confirmed if str(b.get("departs_at") or "9999")[:10] >= today.isoformat()]


def next_flight(segments: Sequence[Mapping[str, Any]], today: date) -> dict[str, str] | None:
    """The first segment still to be flown, as the flight status is asked for."""
    ahead = [s for s in segments if str(s.get("date", "")) >= today.isoformat()]
    first = min(ahead, key=lambda s: str(s["date"]), default=None)
    return {"flight_number": str(first["flight_number"]), "date": str(first["date"])} if first else None
