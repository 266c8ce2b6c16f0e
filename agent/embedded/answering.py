"""The person's answer to what they were asked or offered last."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from agent.embedded.awaited import fill_awaited
from agent.embedded.choosing import choose, choose_flight, choose_offered
from agent.embedded.frame import Frame
from agent.embedded.hearing import SHORT, SURE, Hearing, informed
from agent.embedded.planner import Planner
from agent.embedded.scene import Scene
from agent.embedded.slots import Slot, read_slots
from agent.embedded.step import Step
from tools.extract.answers import reads_no, reads_yes

_FREE = frozenset({"surname", "passenger", "corrected_name", "reason", "value", "origin", "destination"})
"""Slots whose answer may be any word."""
_WORDY = frozenset({"description", "reason", "field"})
"""Slots that any words would fill."""
_A_FEW = 4

Reader = Callable[[Scene, Frame], Step | None]


class Answering:
    def __init__(self, planner: Planner, hearing: Hearing) -> None:
        self._planner = planner
        self._hearing = hearing
        self._choices: Mapping[str, Reader] = {
            "choice": self._booking,
            "segment": self._leg,
            "code": self._code,
            "flight_number": self._flight,
        }

    def step(self, scene: Scene, frame: Frame) -> Step | None:
        """None if the message is something else than an answer."""
        if frame.offer is not None and (reply := self._to_offer(scene, frame)):
            return reply
        if frame.closed or frame.awaiting is None:
            return None
        return self._choices.get(frame.awaiting, self._filled)(scene, frame)

    def _to_offer(self, scene: Scene, frame: Frame) -> Step | None:
        if frame.offer and reads_yes(scene.text):
            return self._planner.advance(frame.begin(frame.offer), scene)
        if reads_no(scene.text):
            return self._planner.say("all_right", replace(frame.settle(), offer=None))
        return None

    def _filled(self, scene: Scene, frame: Frame) -> Step | None:
        slots = fill_awaited(frame.awaiting or "", scene) or self._told_besides(scene, frame)
        if not slots or self._is_another_wish(scene, frame):
            return None
        intent = self._planner.intent(frame)
        known = informed(frame, intent, scene) if intent else replace(frame, intent="get_booking")
        filled = known.with_slots({s.name: s.value for s in slots}, {s.name: s.typed for s in slots})
        return self._planner.advance(replace(filled, awaiting=None), scene)

    def _told_besides(self, scene: Scene, frame: Frame) -> list[Slot]:
        """A few words that answer another question about the same wish: 'tomorrow', 'no, on 13 December'."""
        intent = self._planner.intent(frame)
        if intent is None or "?" in scene.text or len(scene.text.split()) > SHORT:
            return []
        return [s for s in read_slots(intent, scene) if s.name not in _WORDY and frame.slots.get(s.name) != s.value]

    def _is_another_wish(self, scene: Scene, frame: Frame) -> bool:
        """A name or a reason may be any words, so a question or a no is none; anything else must be a clear wish."""
        words, free = len(scene.text.split()), frame.awaiting in _FREE
        if free and ("?" in scene.text or reads_no(scene.text)):
            return True
        if words <= (2 if free else _A_FEW):
            return False
        heard = self._hearing.hear(scene, frame)
        other = heard.intent.tool is not None and heard.intent.name != frame.intent
        return other and heard.reading.confidence >= SURE

    def _booking(self, scene: Scene, frame: Frame) -> Step | None:
        locator = choose(scene, exclude=None)
        return self._go_on(scene, frame, {"record_locator": locator}) if locator else None

    def _leg(self, scene: Scene, frame: Frame) -> Step | None:
        flight = choose_flight(scene)
        return self._go_on(scene, frame, {"flight_number": flight}) if flight else self._filled(scene, frame)

    def _flight(self, scene: Scene, frame: Frame) -> Step | None:
        offered = choose_offered(scene)
        return self._go_on(scene, frame, offered) if offered else self._filled(scene, frame)

    def _code(self, scene: Scene, frame: Frame) -> Step | None:
        """A code that the reader did not take: incomplete, or no code was awaited any more."""
        if not re.fullmatch(r"[\d\s-]+", scene.text.strip(" .")):
            return None
        if scene.read.codes and "record_locator" in frame.slots:
            proof = {"record_locator": frame.slots["record_locator"], "code": scene.read.codes[0].value}
            return self._planner.call("check_code", proof, frame, scene)
        return self._planner.say("code_incomplete", frame)

    def _go_on(self, scene: Scene, frame: Frame, chosen: Mapping[str, str]) -> Step:
        return self._planner.advance(replace(frame, awaiting=None).with_slots(chosen, chosen), scene)
