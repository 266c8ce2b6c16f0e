"""Questions about the rules: asked for themselves, in continuation of the last one, or in between."""

import re
from dataclasses import replace
from typing import Final

from agent.embedded.frame import Frame
from agent.embedded.hearing import SHORT, SURE, Heard, informed
from agent.embedded.planner import Planner
from agent.embedded.slots import read_slots
from agent.embedded.step import Step

_ANY_POLICY: Final = "policy_fares"
_DIGRESSIONS = frozenset({"search_policies", "get_flight_status", "get_profile", "get_consents", "list_cases"})
_CARD_WORDS = re.compile(
    r"\b(?:that|this|it|card|amount|total|fee|refund|back|charge\w*|cost|price|money|sure|exactly)\b", re.I
)
_CONTINUES = re.compile(r"\s*(?:and|what about|how about|or|same for|for)\b", re.I)
_LEANS = re.compile(rf"{_CONTINUES.pattern}|\b(?:it|that|this|they|them|those|also)\b", re.I)
_PERHAPS: Final = 0.15
_ABOUT_CARD: Final = 14
"""Words of a question that may be about the card."""


class Questions:
    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def search(self, heard: Heard, frame: Frame | None = None) -> Step:
        """'and for Flex?' is searched together with the question before it."""
        text, before = heard.scene.text.strip(), heard.frame.query
        leans = before and heard.words <= SHORT and _LEANS.search(text)
        query, base = (f"{before} {text}", before) if leans else (text, text)
        asked = replace(frame or heard.frame.begin(_ANY_POLICY), query=base)
        return self._planner.call("search_policies", {"query": query}, asked, heard.scene)

    def aside(self, heard: Heard) -> Step:
        """Answered at once; what was pending stays pending."""
        aside = replace(heard.frame, aside=heard.intent.name)
        if heard.intent.tool == "search_policies":
            return self.search(heard, aside)
        step = self._planner.advance(informed(Frame(intent=heard.intent.name), heard.intent, heard.scene), heard.scene)
        return replace(step, frame=aside) if step.tool else step

    def is_aside(self, heard: Heard) -> bool:
        if not heard.pending or heard.frame.intent == heard.intent.name or heard.intent.tool not in _DIGRESSIONS:
            return False
        slots = {slot.name for slot in read_slots(heard.intent, heard.scene)}
        return all(need in slots for need in heard.intent.needs)

    def continues(self, heard: Heard) -> bool:
        """'and for Flex?' right after a policy answer."""
        after_answer = bool(heard.scene.past) and heard.scene.past[-1].tool == "search_policies"
        leans = heard.words <= SHORT and _CONTINUES.match(heard.scene.text) is not None
        wish = heard.intent.tool not in (None, "search_policies") and heard.reading.confidence >= SURE
        return bool(heard.frame.query) and after_answer and leans and not wish

    def may_be_policy(self, heard: Heard) -> bool:
        """A question that fits nothing well but might be about our rules: the search says so if there is no answer."""
        likely = heard.reading.by_service.get("search_policies", 0.0) >= _PERHAPS
        return heard.asks and heard.words > SHORT and likely

    def is_about_card(self, heard: Heard) -> bool:
        kin = heard.intent.tool in ("search_policies", "check_eligibility", "request_refund")
        named = _CARD_WORDS.search(heard.scene.text) is not None
        return heard.scene.card is not None and heard.asks and kin and named and heard.words <= _ABOUT_CARD
