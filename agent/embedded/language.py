"""Which language a message is in, when it is plainly not English."""

import re
from collections.abc import Callable, Collection
from functools import cache
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

Recognise = Callable[[str], str | None]

_SURE: Final = 0.75
_SURE_WITH_ACCENTS: Final = 0.5
_ENGLISH_AT_MOST: Final = 0.05
_PARTICULAR = re.compile(
    r"\S*\d\S*|\S+@\S+|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.I,
)
"""Says nothing of the language: codes, addresses, and a date copied from a page of ours."""


def recogniser(languages: Collection[str]) -> Recognise:
    """A function from a message to one of `languages` (ISO 639-1), or None for English and for what is unclear."""

    def recognise(text: str) -> str | None:
        plain = _PARTICULAR.sub(" ", text).strip()
        letters = sum(c.isalpha() for c in plain)
        if letters < 8 or (len(plain.split()) < 2 and plain.isascii()):
            return None
        ranked = dict(_identifier(tuple(sorted({*languages, "en"}))).rank(plain))
        best = max(ranked, key=lambda code: ranked[code])
        sure = ranked[best] >= (_SURE if plain.isascii() else _SURE_WITH_ACCENTS) and ranked["en"] <= _ENGLISH_AT_MOST
        return str(best) if best != "en" and sure else None

    return recognise


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    """Loaded at the first message that needs it: half a second."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages)
    return identifier
