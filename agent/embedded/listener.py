"""From what the person says to the next step: an answer to a question, a new wish, an aside, or small talk."""

from dataclasses import replace

from agent.embedded.answering import Answering
from agent.embedded.catalogue import Catalogue
from agent.embedded.chatting import Chatting
from agent.embedded.choosing import choose_offered
from agent.embedded.frame import Frame
from agent.embedded.hearing import CERTAIN, SURE, UNSURE, Heard, Hearing, informed
from agent.embedded.language import Recognise
from agent.embedded.nearest import IntentReader
from agent.embedded.phrases import Phrases
from agent.embedded.planner import Planner
from agent.embedded.questions import Questions
from agent.embedded.requests import parts_of, several
from agent.embedded.scene import Scene
from agent.embedded.step import Step, joined
from tools.extract.consents import withdrawals

_A_FEW = 4


class Listener:
    def __init__(
        self, *, catalogue: Catalogue, phrases: Phrases, reader: IntentReader, recognise: Recognise, planner: Planner
    ) -> None:
        self._planner = planner
        self._recognise = recognise
        self._hearing = Hearing(catalogue, reader)
        self._answering = Answering(planner, self._hearing)
        self._questions = Questions(planner)
        self._chatting = Chatting(planner, phrases)

    def step(self, scene: Scene, frame: Frame) -> Step:
        answered = self._answering.step(scene, frame)
        if answered is not None:
            return answered
        if language := self._recognise(scene.text):
            return self._chatting.foreign(language, frame)
        heard = self._hearing.hear(scene, frame)
        step = self._meant(heard)
        return replace(step, frame=replace(step.frame, served=heard.intent.name))

    def wish_behind_proof(self, scene: Scene, frame: Frame) -> Frame:
        """The reader proved a booking before any model ran: what the same message wants, or what was pending."""
        heard = self._hearing.hear(scene, frame)
        wishes = heard.intent.tool is not None and heard.reading.confidence >= UNSURE
        if heard.pending and (not wishes or heard.frame.intent == heard.intent.name or heard.words <= _A_FEW):
            return informed(replace(frame, awaiting=None), self._hearing.intent("verify"), scene)
        if not wishes:
            return informed(frame.begin("get_booking"), heard.intent, scene)
        return self._begun(heard)

    def rest_of(self, scene: Scene, frame: Frame, told: str) -> Step:
        """A withdrawal was done at once: the other wish of the message, or the question that still stands."""
        for part in parts_of(scene.text):
            intent, confidence = self._hearing.part(part, scene)
            if not withdrawals(part) and intent.tool not in (None, "set_consent") and confidence >= SURE:
                begun = informed(frame.begin(intent.name), intent, scene)
                return self._planner.advance(begun, scene).led_by(told)
        served = frame if frame.awaiting else frame.settle()
        return Step(frame=served, text=joined(told, self._planner.back(frame)))

    def _meant(self, heard: Heard) -> Step:
        if self._questions.continues(heard):
            return self._questions.search(heard)
        if self._chatting.is_correction(heard) and not self._is_new_wish(heard):
            return self._chatting.correct(heard)
        if heard.reading.confidence < UNSURE:
            lookup = self._questions.may_be_policy(heard)
            return self._questions.search(heard) if lookup else self._chatting.unclear(heard)
        if self._questions.is_about_card(heard):
            return self._planner.say("card", heard.frame, card=heard.scene.card or "")
        return self._chatting.answer(heard) if heard.intent.answer else self._wanted(heard)

    def _is_new_wish(self, heard: Heard) -> bool:
        other = heard.intent.tool is not None and heard.intent.name != heard.frame.intent
        return other and heard.reading.confidence >= SURE and heard.words > _A_FEW

    def _wanted(self, heard: Heard) -> Step:
        if heard.intent.tool == "hand_off" and heard.reading.confidence < CERTAIN:
            return self._planner.offer_person("offer_person", heard.frame)
        if self._questions.is_aside(heard):
            return self._questions.aside(heard)
        frame = self._begun(heard)
        alone = heard.intent.tool == "search_policies" and not frame.queue and frame.intent == heard.intent.name
        return self._questions.search(heard, frame) if alone else self._planner.advance(frame, heard.scene)

    def _begun(self, heard: Heard) -> Frame:
        """The frame of the wish, with every request of the message in order."""
        if heard.pending and heard.frame.intent == heard.intent.name:
            return informed(replace(heard.frame, awaiting=None, offer=None), heard.intent, heard.scene)
        first, *rest = several(heard.scene, self._hearing, heard.intent) or (heard.intent.name,)
        frame = replace(heard.frame.begin(first), queue=tuple(rest))
        for name in (heard.intent.name, first):
            frame = informed(frame, self._hearing.intent(name), heard.scene)
        if first == "book_flight" and (offered := choose_offered(heard.scene)):
            frame = frame.with_slots(offered, offered)
        return frame
