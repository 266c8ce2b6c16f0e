"""From a wish to the next step: ask for one missing slot, prove what must be proved, or call the tool."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from agent.embedded.catalogue import Catalogue, Intent
from agent.embedded.frame import Frame
from agent.embedded.phrases import Phrases
from agent.embedded.scene import Scene
from agent.embedded.step import Step
from agent.embedded.toolbox import Toolbox

_CALLS_A_TURN: Final = 5
_LOCATOR: Final = "record_locator?"


class Planner:
    def __init__(self, catalogue: Catalogue, phrases: Phrases, toolbox: Toolbox) -> None:
        self._catalogue = catalogue
        self._phrases = phrases
        self.toolbox = toolbox

    def intent(self, frame: Frame) -> Intent | None:
        return self._catalogue.intents.get(frame.intent or "")

    def advance(self, frame: Frame, scene: Scene) -> Step:
        """The next step towards what the frame wants."""
        intent = self.intent(frame)
        if intent is None or intent.tool is None:
            return self.say("what_now", replace(frame, awaiting=None))
        if intent.customers and scene.speaker != "staff":
            return self.offer_person(intent.customers, frame)
        if self.toolbox.fit(intent.tool, intent.fixed) is None:
            return self._instead(intent, frame, scene)
        missing = next((need for need in intent.needs if need.rstrip("?") not in frame.slots), None)
        if missing is not None:
            return self._find(missing, frame, scene) or self.ask(missing.rstrip("?"), frame)
        if self._must_prove(intent, frame, scene):
            return self.verify(frame, scene)
        return self.call(intent.tool, self._arguments(intent, frame, scene), frame, scene)

    def _instead(self, intent: Intent, frame: Frame, scene: Scene) -> Step:
        """What comes nearest where the tool cannot serve; else a person."""
        if intent.instead is None:
            return self.offer_person("not_here", frame, task=self.task(intent))
        return self.advance(replace(frame, intent=intent.instead), scene)

    def call(self, tool: str, arguments: Mapping[str, Any], frame: Frame, scene: Scene) -> Step:
        """Never twice the same in a turn with the same outcome, and never without end."""
        fitted = self.toolbox.fit(tool, arguments)
        if fitted is None:
            return self.offer_person("not_here", frame, task=self._phrases.task.get(tool, ""))
        same = [r for r in scene.results if r.tool == tool and dict(r.arguments) == fitted]
        if len(same) > 1 or len(scene.results) >= _CALLS_A_TURN:
            return self.offer_person("stuck", frame)
        return Step(frame=replace(frame, awaiting=None, offer=None, unclear=0, kind=None), tool=tool, arguments=fitted)

    def verify(self, frame: Frame, scene: Scene) -> Step:
        """Locator and surname together prove a booking; what is missing is asked for, the locator first."""
        for name in ("record_locator", "surname"):
            if name not in frame.slots:
                return self.ask(name, frame)
        proof = {name: frame.slots[name] for name in ("record_locator", "surname")}
        return self.call("verify_booking", proof, frame, scene)

    def send_code(self, frame: Frame, scene: Scene, channel: str | None = None) -> Step:
        if "record_locator" not in frame.slots:
            return self.ask("record_locator", frame)
        wanted = {"channel": channel} if channel in ("email", "sms") else {}
        return self.call("send_code", {"record_locator": frame.slots["record_locator"], **wanted}, frame, scene)

    def ask(self, slot: str, frame: Frame) -> Step:
        return Step(
            frame=replace(frame, awaiting=slot, offer=None, closed=False, kind=None), text=self.question(slot, frame)
        )

    def question(self, slot: str, frame: Frame | None = None) -> str:
        ask, particular = self._phrases.ask, f"{frame.intent}.{slot}" if frame else slot
        return ask.get(particular) or ask.get(slot, ask["reason"])

    def say(self, phrase: str, frame: Frame, **values: str) -> Step:
        return Step(frame=frame, text=self._phrases.say[phrase].format(**values))

    def offer_person(self, phrase: str, frame: Frame, **values: str) -> Step:
        offered = replace(frame.settle(), offer="hand_off")
        return Step(frame=offered, text=self._phrases.say[phrase].format(**values))

    def task(self, intent: Intent) -> str:
        return self._phrases.task.get(intent.tool or "", "")

    def back(self, frame: Frame) -> str:
        """The question that still stands after an aside; empty when none does."""
        intent = self.intent(frame)
        if frame.closed or frame.awaiting is None or intent is None:
            return ""
        return self._phrases.back.format(task=self.task(intent), ask=_lowered(self.question(frame.awaiting, frame)))

    def _find(self, missing: str, frame: Frame, scene: Scene) -> Step | None:
        """What is missing, looked up instead of asked for; None when it must be asked for."""
        if missing == _LOCATOR:
            return self._find_booking(frame, scene)
        if missing == "flight_number" and frame.intent == "book_flight":
            return self._find_flight(frame, scene)
        if missing == "flight_number" and frame.intent == "get_flight_status":
            return self._find_own_flight(frame, scene)
        return None

    def _find_booking(self, frame: Frame, scene: Scene) -> Step | None:
        """A signed-in person's bookings are listed; the one booking an anonymous person proved is meant."""
        if not scene.anonymous and self.toolbox.has("list_bookings") and not _called("list_bookings", scene):
            return self.call("list_bookings", {}, frame, scene)
        if scene.anonymous and len(scene.proved) == 1:
            locator = next(iter(scene.proved))
            return self.advance(frame.with_slots({"record_locator": locator}, {"record_locator": locator}), scene)
        return None

    def _find_flight(self, frame: Frame, scene: Scene) -> Step | None:
        """A flight to book without its number is looked for by route and day; what is missing of those is asked for."""
        if not self.toolbox.has("search_flights") or _called("search_flights", scene):
            return None
        wanted = ("origin", "destination", "date")
        missing = next((name for name in wanted if name not in frame.slots), None)
        if missing:
            return self.ask(missing, frame)
        return self.call("search_flights", {name: frame.slots[name] for name in wanted}, frame, scene)

    def _find_own_flight(self, frame: Frame, scene: Scene) -> Step | None:
        """'Is my flight on time': the flight is the next one of the person's booking."""
        if not self.toolbox.has("get_booking") or _called("get_booking", scene):
            return None
        locator = frame.slots.get("record_locator")
        if locator is None:
            return self._find_booking(frame, scene)
        if scene.anonymous and locator not in scene.proved:
            return None
        return self.call("get_booking", {"record_locator": locator}, frame, scene)

    def _must_prove(self, intent: Intent, frame: Frame, scene: Scene) -> bool:
        """With locator and surname in hand, an anonymous person's booking is proved before it is asked for."""
        if not scene.anonymous or _LOCATOR not in intent.needs or not self.toolbox.has("verify_booking"):
            return False
        locator = frame.slots.get("record_locator")
        tried = any(r.tool == "verify_booking" for r in scene.results)
        return "surname" in frame.slots and locator not in scene.proved and not tried

    def _arguments(self, intent: Intent, frame: Frame, scene: Scene) -> dict[str, Any]:
        derived: dict[str, Any] = {}
        if intent.tool == "search_policies":
            derived["query"] = scene.text
        elif intent.tool == "hand_off":
            derived["reason"] = _reason(scene)
        elif intent.tool == "correct_name":
            derived["passenger"] = frame.slots.get("corrected_name")  # near enough to find who is meant
        return {**intent.defaults, **derived, **frame.slots, **intent.fixed}


def _reason(scene: Scene) -> str:
    """The person's words for a colleague; a bare yes to an offer says less than what came before it."""
    told = scene.text if len(scene.text.split()) > 2 or not scene.said else scene.said[-1]
    return told[:200]


def _called(tool: str, scene: Scene) -> bool:
    return any(result.tool == tool for result in scene.results)


def _lowered(sentence: str) -> str:
    """'Which date would you like?' after a colon; 'I' stays."""
    return sentence if sentence.startswith("I ") else sentence[:1].lower() + sentence[1:]
