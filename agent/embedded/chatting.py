"""What needs no tool: greetings, yes and no, corrections, anger, what is unclear, foreign or out of scope."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from agent.embedded.choosing import choose, choose_offered
from agent.embedded.frame import Frame
from agent.embedded.hearing import Heard, informed
from agent.embedded.phrases import Phrases
from agent.embedded.planner import Planner
from agent.embedded.slots import read_slots
from agent.embedded.step import Step, joined

_TAKES_BACK = re.compile(r"\s*(?:no|sorry|actually|wait|oops|not|i mean|i meant|rather|make (?:it|that))\b", re.I)
_WORDY = frozenset({"description", "reason", "field"})


class Chatting:
    def __init__(self, planner: Planner, phrases: Phrases) -> None:
        self._planner = planner
        self._phrases = phrases
        self._answers: Mapping[str, Callable[[Heard], Step]] = {
            "affirm": self._affirmed,
            "deny": lambda heard: planner.say("all_right", replace(heard.frame.settle(), offer=None)),
            "correction": self.correct,
            "verify": self._named_booking,
            "resend_code": self._resend,
            "clarify": self.unclear,
            "refuse": self._out_of_scope,
            "why_asked": self._why,
            "complaint": lambda heard: planner.offer_person("complaint", heard.frame),
            "partial_cancel": lambda heard: planner.offer_person("partial_cancel", heard.frame),
            "no_reference": lambda heard: _offering(planner.say("no_reference", heard.frame)),
        }

    def answer(self, heard: Heard) -> Step:
        return self._answers.get(heard.intent.answer or "", self._small_talk)(heard)

    def is_correction(self, heard: Heard) -> bool:
        """'no, 13 December': another value for the wish at hand, pending or just shown on a card."""
        intent = self._planner.intent(heard.frame)
        if intent is None or intent.tool is None or heard.asks or not _TAKES_BACK.match(heard.scene.text):
            return False
        slots = {slot.name: slot.value for slot in read_slots(intent, heard.scene) if slot.name not in _WORDY}
        return any(heard.frame.slots.get(name) != value for name, value in slots.items())

    def unclear(self, heard: Heard) -> Step:
        """One clarifying question, then a person."""
        back = self._planner.back(heard.frame)
        count = heard.frame.unclear + 1
        if count > 1:
            step = self._planner.offer_person("clarify_again", heard.frame)
            return replace(step, frame=replace(step.frame, unclear=count, kind="clarify"))
        topic = "clarify_topic" if heard.intent.answer == "clarify" else "clarify"
        step = self._planner.say(topic, replace(heard.frame, unclear=count, kind="clarify"))
        return replace(step, text=back) if back else step

    def foreign(self, language: str, frame: Frame) -> Step:
        return Step(frame=replace(frame, offer="hand_off", kind="clarify"), text=self._phrases.foreign(language))

    def _small_talk(self, heard: Heard) -> Step:
        """Then back to the question that stands."""
        said = self._phrases.say[heard.intent.answer or "what_now"]
        back = self._planner.back(heard.frame) or (self._phrases.say["card_waits"] if heard.scene.card else "")
        text = joined(_first_sentence(said), back) if back else said
        return Step(frame=replace(heard.frame, kind=None), text=text)

    def _affirmed(self, heard: Heard) -> Step:
        frame = heard.frame
        if frame.queue and frame.closed:
            return self._planner.advance(replace(frame, queue=frame.queue[1:]).begin(frame.queue[0]), heard.scene)
        if frame.awaiting:
            return self._planner.ask(frame.awaiting, frame)
        if frame.intent and (heard.scene.card or not frame.closed):
            return self._planner.advance(replace(frame, closed=False), heard.scene)
        return self._planner.say("clarify_topic", frame)

    def correct(self, heard: Heard) -> Step:
        """'no, the other one': the wish again, with what is different."""
        frame, scene = heard.frame, heard.scene
        if frame.intent == "search_flights" and (offered := choose_offered(scene)):
            return self._planner.advance(frame.begin("book_flight").with_slots(offered, offered), scene)
        intent = self._planner.intent(frame)
        if intent is None:
            return self.unclear(heard)
        locator = choose(scene, exclude=frame.slots.get("record_locator"))
        other = {"record_locator": locator} if locator else {}
        corrected = informed(frame, intent, scene).with_slots(other, other)
        if corrected.slots == frame.slots:
            return self._planner.say("which_other", replace(frame, awaiting="choice", closed=False))
        return self._planner.advance(replace(corrected, closed=False, awaiting=None), scene)

    def _named_booking(self, heard: Heard) -> Step:
        """A reference or a name without a wish: go on with what is pending, or show the booking."""
        frame = heard.frame if heard.pending else heard.frame.begin("get_booking")
        return self._planner.advance(informed(replace(frame, awaiting=None), heard.intent, heard.scene), heard.scene)

    def _resend(self, heard: Heard) -> Step:
        channel = next((value.value for value in heard.scene.read.channels), None)
        return self._planner.send_code(heard.frame, heard.scene, channel)

    def _why(self, heard: Heard) -> Step:
        """Why a question was asked; or, when none stands, the clause behind the refusal."""
        last = heard.scene.past[-1] if heard.scene.past else None
        if heard.frame.awaiting or last is None or last.outcome != "refused" or not last.told.get("clauses"):
            return self._small_talk(heard)
        return self._planner.call("search_policies", {"query": last.say}, heard.frame, heard.scene)

    def _out_of_scope(self, heard: Heard) -> Step:
        """Twice in a row, and a person is offered: perhaps it was meant otherwise."""
        if heard.frame.unclear and not self._planner.back(heard.frame):
            return self.unclear(heard)
        outside = replace(heard.frame, kind="out_of_scope", unclear=heard.frame.unclear + 1)
        step = self._planner.say("out_of_scope", outside)
        back = self._planner.back(heard.frame)
        return replace(step, text=joined(_first_sentence(step.text), back)) if back else step


def _offering(step: Step) -> Step:
    return replace(step, frame=replace(step.frame, offer="hand_off"))


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
