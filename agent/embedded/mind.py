"""How the embedded model decides: after a tool, by what it came to; after words, by what was meant."""

from collections.abc import Mapping

from agent.embedded.catalogue import Catalogue
from agent.embedded.frame import Frame
from agent.embedded.language import Recognise
from agent.embedded.listener import Listener
from agent.embedded.nearest import IntentReader
from agent.embedded.passages import PolicyAnswers
from agent.embedded.phrases import Phrases
from agent.embedded.planner import Planner
from agent.embedded.results import AfterTools
from agent.embedded.scene import Result, Scene
from agent.embedded.step import Step
from agent.embedded.toolbox import Toolbox

_PROOFS = frozenset({"verify_booking", "send_code", "check_code", "list_bookings"})


class Mind:
    def __init__(
        self,
        *,
        catalogue: Catalogue,
        phrases: Phrases,
        reader: IntentReader,
        recognise: Recognise,
        policies: PolicyAnswers,
    ) -> None:
        self._catalogue = catalogue
        self._phrases = phrases
        self._reader = reader
        self._recognise = recognise
        self._policies = policies

    def think(self, scene: Scene, toolbox: Toolbox) -> Step:
        planner = Planner(self._catalogue, self._phrases, toolbox)
        listener = Listener(
            catalogue=self._catalogue,
            phrases=self._phrases,
            reader=self._reader,
            recognise=self._recognise,
            planner=planner,
        )
        frame = recall(scene, self._catalogue)
        if not scene.results:
            return listener.step(scene, frame)
        after = AfterTools(planner, self._phrases, self._policies)
        if any(result.ours for result in scene.results) or scene.results[-1].tool == "check_code":
            return after.step(scene, frame)
        return self._behind_reader(scene, listener, after, frame)

    def _behind_reader(self, scene: Scene, listener: Listener, after: AfterTools, frame: Frame) -> Step:
        """The deterministic reader acted on this message before any model: what else does it want?"""
        if scene.results[-1].tool != "withdraw_consent":
            return after.step(scene, listener.wish_behind_proof(scene, frame))
        told = " ".join(dict.fromkeys(result.say for result in scene.results))
        return listener.rest_of(scene, frame, told)


def recall(scene: Scene, catalogue: Catalogue) -> Frame:
    """The frame kept, or what the calls of the conversation tell when another model led it so far."""
    if scene.frame.intent is not None:
        return scene.frame
    for result in reversed((*scene.past, *scene.results)):
        if result.tool not in _PROOFS and (name := _intent_of(result, catalogue)):
            slots = {key: str(value) for key, value in result.arguments.items() if value is not None}
            closed = result.outcome not in ("identity_needed", "facts_needed")
            awaiting = _awaited_after(scene) if not closed else None
            return Frame(intent=name, closed=closed, slots=slots, typed=slots, awaiting=awaiting)
    return scene.frame


def _intent_of(result: Result, catalogue: Catalogue) -> str | None:
    for intent in catalogue.intents.values():
        if intent.tool == result.tool and _agrees(intent.fixed, result.arguments):
            return intent.name
    return None


def _agrees(fixed: Mapping[str, object], arguments: Mapping[str, object]) -> bool:
    return all(arguments.get(name) == value for name, value in fixed.items())


def _awaited_after(scene: Scene) -> str | None:
    """What the last result of the turns before asked the person for."""
    last = scene.past[-1] if scene.past else None
    if last is None:
        return None
    if last.tool == "send_code" and last.outcome == "done":
        return "code"
    needs = last.told.get("needs") or {}
    return "surname" if needs.get("level") == "booking" and needs.get("record_locator") else None
