"""From what the person says to the next step: an answer to a question, a new wish, an aside, or small talk."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agent.embedded.awaited import fill_awaited
from agent.embedded.catalogue import Catalogue, Intent
from agent.embedded.choosing import choose, choose_flight
from agent.embedded.frame import Frame
from agent.embedded.language import Recognise
from agent.embedded.nearest import IntentReader, Reading
from agent.embedded.phrases import Phrases
from agent.embedded.planner import Planner
from agent.embedded.requests import parts_of, several
from agent.embedded.scene import Scene
from agent.embedded.slots import read_slots
from agent.embedded.step import Step, joined
from tools.extract.answers import reads_no, reads_yes
from tools.extract.consents import withdrawals
from tools.extract.message import extract

# Set on the development part of the intents suite.
UNSURE: Final = 0.30
"""Below it the model asks instead of acting."""
SURE: Final = 0.60
"""From it on a message is a wish of its own although another question stands."""

_FREE = frozenset({"surname", "passenger", "corrected_name", "reason", "value", "origin", "destination"})
"""Slots whose answer may be any word."""
_PREAMBLES = frozenset({"verify", "clarify", "greeting", "thanks", "complaint"})
"""What a message may open or close with, besides its wish."""
_SENTENCES: Final = 5
_DIGRESSIONS = frozenset({"search_policies", "get_flight_status", "get_profile", "get_consents", "list_cases"})
_SHORT: Final = 6
"""Words of a question that may lean on the one before it."""
_ABOUT_CARD = re.compile(
    r"\b(?:that|this|it|card|amount|total|fee|refund|back|charge\w*|cost|price|money|sure|exactly)\b", re.I
)
_FOLLOWS = re.compile(
    r"\s*(?:and|what about|how about|or|also|same for|for)\b|\b(?:it|that|this|they|them|"
    r"those)\b",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A message with its reading, and the frame it meets."""

    scene: Scene
    frame: Frame
    reading: Reading
    intent: Intent

    @property
    def pending(self) -> bool:
        return self.frame.intent is not None and not self.frame.closed


class Listener:
    def __init__(
        self, *, catalogue: Catalogue, phrases: Phrases, reader: IntentReader, recognise: Recognise, planner: Planner
    ) -> None:
        self._catalogue = catalogue
        self._phrases = phrases
        self._reader = reader
        self._recognise = recognise
        self._planner = planner
        self._answers: Mapping[str, Callable[[Heard], Step]] = {
            "affirm": self._affirmed,
            "deny": self._denied,
            "correction": self._corrected,
            "verify": self._named_booking,
            "resend_code": lambda h: self._planner.send_code(h.frame, h.scene, _channel(h)),
            "clarify": self._unclear,
            "refuse": self._refused,
            "why_asked": self._why,
            "complaint": lambda h: self._planner.offer_person("complaint", h.frame),
            "no_reference": lambda h: replace_offer(self._planner.say("no_reference", h.frame)),
        }

    def step(self, scene: Scene, frame: Frame) -> Step:
        answered = self._accepted(scene, frame) or self._filled(scene, frame)
        if answered is not None:
            return answered
        if language := self._recognise(scene.text):
            return self._foreign(language, frame)
        heard = self._hear(scene, frame)
        step = self._meant(heard)
        return replace(step, frame=replace(step.frame, served=heard.intent.name))

    def wish_behind_proof(self, scene: Scene, frame: Frame) -> Frame:
        """The reader proved a booking before any model ran: what the same message wants, or what was pending."""
        heard = self._hear(scene, frame)
        wishes = heard.intent.tool is not None and heard.reading.confidence >= UNSURE
        if heard.pending and (not wishes or heard.frame.intent == heard.intent.name or len(scene.text.split()) <= 4):
            return _with(replace(frame, awaiting=None), self._catalogue.intents["verify"], scene)
        if not wishes:
            return _with(frame.begin("get_booking"), heard.intent, scene)
        queued = several(scene, self._reader, self._catalogue, heard.intent)
        begun = _with(frame.begin(queued[0] if queued else heard.intent.name), heard.intent, scene)
        return replace(begun, queue=queued[1:])

    def rest_of(self, scene: Scene, frame: Frame, told: str) -> Step:
        """A withdrawal was done at once: the other wish of the message, or the question that still stands."""
        others = [part for part in parts_of(scene.text) if not withdrawals(part)]
        for part in others:
            reading = self._reader.read(part, extract(part, today=scene.today))
            intent = self._catalogue.intents[reading.intent]
            if intent.tool not in (None, "set_consent") and reading.confidence >= SURE:
                begun = _with(frame.begin(intent.name), intent, scene)
                return self._planner.advance(begun, scene).led_by(told)
        served = frame if frame.awaiting else frame.settle()
        return Step(frame=served, text=joined(told, self._planner.back(frame)))

    def _hear(self, scene: Scene, frame: Frame) -> Heard:
        reading = self._reader.read(scene.text, scene.read)
        intent = self._catalogue.intents[reading.intent]
        if (intent.tool is None and intent.answer in _PREAMBLES) or reading.confidence < SURE:
            reading = self._wish_within(scene) or reading
        return Heard(scene=scene, frame=frame, reading=reading, intent=self._catalogue.intents[reading.intent])

    def _wish_within(self, scene: Scene) -> Reading | None:
        """The one sentence of a rambling message that wants something."""
        parts = parts_of(scene.text)
        if len(parts) < 2:
            return None
        readings = [self._reader.read(part, extract(part, today=scene.today)) for part in parts[:_SENTENCES]]
        wishes = [r for r in readings if self._catalogue.intents[r.intent].tool and r.confidence >= SURE]
        return max(wishes, key=lambda reading: reading.confidence, default=None)

    def _accepted(self, scene: Scene, frame: Frame) -> Step | None:
        """A plain yes or no to what was offered last."""
        if frame.offer is None:
            return None
        if reads_yes(scene.text):
            return self._planner.advance(frame.begin(frame.offer), scene)
        if reads_no(scene.text):
            return self._planner.say("all_right", replace(frame.settle(), offer=None))
        return None

    def _filled(self, scene: Scene, frame: Frame) -> Step | None:
        """The answer to the one question that stands; None if the message is something else."""
        if frame.closed or frame.awaiting is None:
            return None
        if frame.awaiting == "choice":
            return self._chosen(scene, frame)
        if frame.awaiting == "segment":
            return self._flight_chosen(scene, frame)
        if frame.awaiting == "code":
            return self._code(scene, frame)
        slots = fill_awaited(frame.awaiting, scene)
        if not slots or self._is_another_wish(scene, frame):
            return None
        intent = self._planner.intent(frame)
        known = _with(frame, intent, scene) if intent else frame
        filled = replace(known, awaiting=None).with_slots(
            {s.name: s.value for s in slots}, {s.name: s.typed for s in slots}
        )
        if frame.awaiting in ("record_locator", "surname") and frame.intent is None:
            filled = replace(filled, intent="get_booking")
        return self._planner.advance(filled, scene)

    def _is_another_wish(self, scene: Scene, frame: Frame) -> bool:
        free = frame.awaiting in _FREE
        if not free and len(scene.text.split()) <= 4:
            return False
        if free and "?" not in scene.text and len(scene.text.split()) <= 2 and not reads_no(scene.text):
            return False
        heard = self._hear(scene, frame)
        if free and ("?" in scene.text or reads_no(scene.text)):
            return True
        other = heard.intent.tool is not None and heard.intent.name != frame.intent
        return other and heard.reading.confidence >= SURE

    def _chosen(self, scene: Scene, frame: Frame) -> Step | None:
        locator = choose(scene, exclude=None)
        if locator is None:
            return None
        return self._planner.advance(
            replace(frame, awaiting=None).with_slots({"record_locator": locator}, {"record_locator": locator}), scene
        )

    def _flight_chosen(self, scene: Scene, frame: Frame) -> Step | None:
        flight = choose_flight(scene)
        if flight is None:
            return None
        chosen = {"flight_number": flight}
        return self._planner.advance(replace(frame, awaiting=None).with_slots(chosen, chosen), scene)

    def _code(self, scene: Scene, frame: Frame) -> Step | None:
        digits = re.sub(r"[\s-]", "", scene.text.strip(" ."))
        if not digits.isdigit():
            return None
        if scene.read.codes and "record_locator" in frame.slots:
            proof = {"record_locator": frame.slots["record_locator"], "code": scene.read.codes[0].value}
            return self._planner.call("check_code", proof, frame, scene)
        return self._planner.say("code_incomplete", frame)

    def _meant(self, heard: Heard) -> Step:
        if heard.reading.confidence < UNSURE:
            return self._unclear(heard)
        if heard.scene.card and self._is_about_card(heard):
            return self._planner.say("card", heard.frame, card=heard.scene.card)
        if heard.intent.answer:
            return self._answers.get(heard.intent.answer, self._chat)(heard)
        if heard.pending and heard.frame.intent != heard.intent.name and self._is_aside(heard):
            return self._aside(heard)
        return self._wish(heard)

    def _wish(self, heard: Heard) -> Step:
        same = heard.pending and heard.frame.intent == heard.intent.name
        frame = replace(heard.frame, awaiting=None, offer=None) if same else heard.frame.begin(heard.intent.name)
        frame = _with(frame, heard.intent, heard.scene)
        queued = () if same else several(heard.scene, self._reader, self._catalogue, heard.intent)
        if queued:
            first, *rest = queued
            frame = replace(_with(frame, self._catalogue.intents[first], heard.scene), intent=first, queue=tuple(rest))
        if heard.intent.tool == "search_policies" and not queued:
            return self._policy(heard, frame)
        return self._planner.advance(frame, heard.scene)

    def _policy(self, heard: Heard, frame: Frame) -> Step:
        query, base = _query(heard)
        return self._planner.call("search_policies", {"query": query}, replace(frame, query=base), heard.scene)

    def _aside(self, heard: Heard) -> Step:
        aside = replace(heard.frame, aside=heard.intent.name)
        if heard.intent.tool == "search_policies":
            query, base = _query(heard)
            step = self._planner.call("search_policies", {"query": query}, replace(aside, query=base), heard.scene)
        else:
            step = self._planner.advance(_with(Frame(intent=heard.intent.name), heard.intent, heard.scene), heard.scene)
        if step.tool is None:
            return step
        return replace(step, frame=replace(aside, query=step.frame.query))

    def _is_aside(self, heard: Heard) -> bool:
        """A question that is answered at once; what was pending stays pending."""
        slots = {slot.name for slot in read_slots(heard.intent, heard.scene)}
        ready = all(need in slots for need in heard.intent.needs)
        return heard.intent.tool in _DIGRESSIONS and ready

    def _is_about_card(self, heard: Heard) -> bool:
        asks = "?" in heard.scene.text
        policy = heard.intent.tool in ("search_policies", "check_eligibility", "request_refund")
        return asks and policy and bool(_ABOUT_CARD.search(heard.scene.text)) and len(heard.scene.text.split()) <= 14

    def _chat(self, heard: Heard) -> Step:
        """Small talk, then back to the question that stands."""
        answer = heard.intent.answer or "what_now"
        back = self._planner.back(heard.frame) or (self._phrases.say["card_waits"] if heard.scene.card else "")
        said = _first_sentence(self._phrases.say[answer]) if back else self._phrases.say[answer]
        return Step(frame=replace(heard.frame, kind=None), text=joined(said, back))

    def _affirmed(self, heard: Heard) -> Step:
        frame = heard.frame
        if frame.queue and frame.closed:
            following = replace(frame, queue=frame.queue[1:]).begin(frame.queue[0])
            return self._planner.advance(following, heard.scene)
        if frame.awaiting:
            return self._planner.ask(frame.awaiting, frame)
        if frame.intent and (heard.scene.card or not frame.closed):
            return self._planner.advance(replace(frame, closed=False), heard.scene)
        return self._planner.say("clarify_topic", frame)

    def _denied(self, heard: Heard) -> Step:
        return self._planner.say("all_right", replace(heard.frame.settle(), offer=None))

    def _corrected(self, heard: Heard) -> Step:
        frame, scene = heard.frame, heard.scene
        intent = self._planner.intent(frame)
        if intent is None:
            return self._unclear(heard)
        corrected = _with(frame, intent, scene)
        locator = choose(scene, exclude=frame.slots.get("record_locator"))
        if locator:
            corrected = corrected.with_slots({"record_locator": locator}, {"record_locator": locator})
        if corrected.slots == frame.slots:
            return self._planner.say("which_other", replace(frame, awaiting="choice", closed=False))
        return self._planner.advance(replace(corrected, closed=False, awaiting=None), scene)

    def _why(self, heard: Heard) -> Step:
        """Why a question was asked; or, when none stands, the clause behind the refusal."""
        last = heard.scene.past[-1] if heard.scene.past else None
        if heard.frame.awaiting or last is None or last.outcome != "refused" or not last.told.get("clauses"):
            return self._chat(heard)
        return self._planner.call("search_policies", {"query": last.say}, heard.frame, heard.scene)

    def _named_booking(self, heard: Heard) -> Step:
        """A reference or a name without a wish: go on with what is pending, or show the booking."""
        frame = heard.frame if heard.pending else heard.frame.begin("get_booking")
        return self._planner.advance(_with(replace(frame, awaiting=None), heard.intent, heard.scene), heard.scene)

    def _unclear(self, heard: Heard) -> Step:
        """One clarifying question, then a person."""
        back = self._planner.back(heard.frame)
        count = heard.frame.unclear + 1
        if count > 1:
            step = self._planner.offer_person("clarify_again", heard.frame)
            return replace(step, frame=replace(step.frame, unclear=count, kind="clarify"))
        topic = "clarify_topic" if heard.intent.answer == "clarify" else "clarify"
        step = self._planner.say(topic, replace(heard.frame, unclear=count, kind="clarify"))
        return replace(step, text=back) if back else step

    def _refused(self, heard: Heard) -> Step:
        step = self._planner.say("out_of_scope", replace(heard.frame, kind="out_of_scope"))
        back = self._planner.back(heard.frame)
        return replace(step, text=joined(_first_sentence(step.text), back)) if back else step

    def _foreign(self, language: str, frame: Frame) -> Step:
        offered = replace(frame, offer="hand_off", kind="clarify")
        return Step(frame=offered, text=self._phrases.foreign(language))


def replace_offer(step: Step) -> Step:
    return replace(step, frame=replace(step.frame, offer="hand_off"))


def _with(frame: Frame, intent: Intent, scene: Scene) -> Frame:
    slots = [s for s in read_slots(intent, scene) if s.name != "description" or s.name not in frame.slots]
    return frame.with_slots({s.name: s.value for s in slots}, {s.name: s.typed for s in slots})


def _query(heard: Heard) -> tuple[str, str]:
    """What is searched, and the question it belongs to: 'and for Flex?' is asked together with the one before it."""
    text, before = heard.scene.text.strip(), heard.frame.query
    if before and len(text.split()) <= _SHORT and _FOLLOWS.search(text):
        return f"{before} {text}", before
    return text, text


def _channel(heard: Heard) -> str | None:
    return next((value.value for value in heard.scene.read.channels), None)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
