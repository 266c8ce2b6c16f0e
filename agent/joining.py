"""The chunks of a stream of chat completions, joined until a sentence is whole: nothing shorter reaches a person. Those
that came together are one, for each chunk costs as much as a sentence.

What comes out means the same to LangChain as what went in: tests/agent/test_wire.py replays recorded streams.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Chunk = dict[str, Any]
_CONTEXT = 40
"""Characters before a piece that may hold the end of a sentence which only this piece shows to be one."""
_MAYBE_END = re.compile(r"[.!?…]\S*(?:\s*\[\[[\w-]*\]\])*(?=\s+[^\s\[]+(\s))|[。！？](?=(\S))|(\n)")
"""Where a sentence may be over and the next has begun: wider than the splitter's own rule, which decides."""


class Joiner:
    """Holds one chunk and lets the next ones grow it, as long as the sum means the same to LangChain."""

    def __init__(self) -> None:
        self._held: Chunk | None = None
        self._pieces: list[str] = []
        """What the held chunk says, where it holds nothing but text."""
        self._before = ""

    def take(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """chunks: those that came together. What they say leaves together, up to what only the next ones can end."""
        for chunk in chunks:
            if self._pieces and (piece := _plain(chunk)) is not None:
                self._pieces.append(piece)
                continue
            _complete(chunk)
            self._settle()
            if self._held is None:
                self._held = chunk
            elif not _grow(self._held, chunk):
                yield self._held
                self._held = chunk
            text = _plain(self._held)
            self._pieces = [] if text is None else [text]
        self._settle()
        text = _text(self._held) if self._held else ""
        if text and _may_end(self._before, text):
            self._before = text[-_CONTEXT:]
            yield from self.rest()

    def rest(self) -> Iterator[Chunk]:
        self._settle()
        if self._held is not None:
            yield self._held
        self._held, self._pieces = None, []

    def _settle(self) -> None:
        if self._held is not None and len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
            self._held["choices"][0]["delta"]["content"] = self._pieces[0]


def _plain(chunk: Chunk) -> str | None:
    """The text of a chunk that holds nothing but text, as nearly all do."""
    choices = chunk.get("choices")
    if not choices or len(choices) != 1 or chunk.get("usage"):
        return None
    choice = choices[0]
    delta = choice.get("delta")
    if not delta or choice.get("finish_reason") or choice.get("logprobs"):
        return None
    content = delta.get("content")
    return content if isinstance(content, str) and len(delta) == 1 else None


def _complete(chunk: Chunk) -> None:
    """Puts in as None what the SDK's objects would have and some servers leave out."""
    for choice in _choices(chunk):
        choice.setdefault("delta", None)
        for call in (choice["delta"] or {}).get("tool_calls") or ():
            call.setdefault("index", None)


def _grow(held: Chunk, new: Chunk) -> bool:
    """Adds `new` to `held`; False, and nothing is done, where the two must stay apart."""
    if held.get("usage"):
        return False
    if not _choices(new):
        return _add_usage(held, new)
    into, one = _only_choice(held), _only_choice(new)
    if into is None or one is None or into.get("finish_reason") or new.get("usage"):
        return False
    if not _add_delta(into["delta"], one["delta"]):
        return False
    if one.get("finish_reason"):
        into["finish_reason"] = one["finish_reason"]
        held.update({name: new.get(name) for name in ("model", "system_fingerprint", "service_tier")})
    return True


def _add_usage(held: Chunk, new: Chunk) -> bool:
    """The last chunk of a stream: token counts and no text."""
    if not new.get("usage") or new.get("service_tier") != held.get("service_tier"):
        return False
    held["usage"] = new["usage"]
    return True


def _choices(chunk: Chunk) -> list[Chunk]:
    return chunk.get("choices") or []


def _only_choice(chunk: Chunk) -> Chunk | None:
    """The one choice of a chunk that holds nothing but text, tool calls or an end."""
    choices = _choices(chunk)
    if len(choices) != 1 or choices[0].get("logprobs") or choices[0]["delta"] is None:
        return None
    plain = all(name in ("role", "content", "tool_calls") or not value for name, value in choices[0]["delta"].items())
    return choices[0] if plain else None


def _add_delta(into: Chunk, new: Chunk) -> bool:
    calls = _joined_calls(into.get("tool_calls") or [], new.get("tool_calls") or [])
    if calls is None or (into.get("role") and new.get("role") not in (None, "", into["role"])):
        return False
    if calls:
        into["tool_calls"] = calls
    if new.get("content"):
        into["content"] = (into.get("content") or "") + new["content"]
    if new.get("role"):
        into["role"] = new["role"]
    return True


def _joined_calls(held: list[Chunk], new: list[Chunk]) -> list[Chunk] | None:
    """Pieces of one call's arguments become one piece; None where only LangChain may join them."""
    by_index: dict[int, Chunk] = {call["index"]: call for call in held}
    added: list[Chunk] = []
    for call in new:
        index = call["index"]
        if index is None or None in by_index:
            return None
        if (known := by_index.get(index)) is None:
            by_index[index] = call
            added.append(call)
        elif _is_piece(call) and isinstance(known.get("function"), dict):
            function = known["function"]
            function["arguments"] = (function.get("arguments") or "") + (call["function"].get("arguments") or "")
        else:
            return None
    return [*held, *added]


def _is_piece(call: Mapping[str, Any]) -> bool:
    function = call.get("function")
    return not call.get("id") and isinstance(function, dict) and not function.get("name")


def _may_end(before: str, text: str) -> bool:
    """Whether `text` brings what tells that a sentence is over."""
    ends = _MAYBE_END.finditer(before + text)
    return any(match.start(match.lastindex or 0) >= len(before) for match in ends)


def _text(chunk: Chunk) -> str:
    choices = _choices(chunk)
    delta = choices[0]["delta"] if choices else None
    content = delta.get("content") if delta else None
    return content if isinstance(content, str) else ""
