"""Yes, no and the phrase a card asks for, read strictly: what is not plainly a yes is none."""

import re
from collections.abc import Collection

_FILLER = r"(?:please|pls|plz|thanks|thank you|thx|that's fine|that is fine|fine|great|perfect|good)"
_YES = (
    r"(?:yes+|yep|yeah|yup|ye|yea|aye|ok|okay|okey|k|sure|sure thing|certainly|absolutely|definitely|of course|"
    r"correct|right|"
    r"that's right|that is right|that's correct|that is correct|confirm|confirmed|i confirm|i agree|agreed|agree|"
    r"(?:please )?go ahead|go on|go for it|carry on|proceed|continue|please do|do so|do it|make it so|sounds "
    r"good|let's do it|"
    r"confirm it|fine by me|that works|i do|i am sure|i'm sure)"
)
_ACTS = (
    r"(?:cancel|book|change|add|rebook|move|send|refund|claim|correct|confirm|do|go ahead with|go on with|proceed with|"
    r"continue with|update|report|submit|buy|take|fix)"
)
_OBJECT = (
    r"(?:it|that|this|them|the (?:cancellation|booking|change|refund|suitcase|bag|claim|seat|meal|"
    r"rebooking|correction|report|one))"
)
_YES_ALL = re.compile(
    rf"(?:(?:{_YES}|{_FILLER}) )*{_YES}(?: (?:{_YES}|{_FILLER}))*(?: (?P<act>{_ACTS}) {_OBJECT})?(?: "
    rf"(?:{_FILLER}|now))*"
)
_TAKEN_NOTE = re.compile(
    r"(?=.*\b(?:thanks|thank you|thx)\b)(?:(?:ok|okay|okey|k|right|correct|fine|great|perfect|good|thanks|thank you|thx)(?: |$))+"
)
"""'Ok, thanks' thanks for what was shown; it asks for nothing."""
_NO = (
    r"(?:no+|nope|nah|no way|never mind|nevermind|stop|decline|declined|not now|not yet|forget it|leave it|abort|"
    r"(?:i )?changed my mind|i have changed my mind|(?:i'd )?rather not|no thanks|no thank you|"
    rf"(?:please )?(?:don't|do not|dont)(?: (?:do that|{_ACTS}(?: {_OBJECT})?))?)"
)
_NO_ALL = re.compile(rf"(?:(?:{_NO}|{_FILLER}) )*{_NO}(?: (?:{_NO}|{_FILLER}|as it is))*")


def reads_yes(text: str, *, acts: Collection[str] | None = None) -> bool:
    """True only if the whole message says yes and nothing else. A named act ('yes, cancel it') must be among `acts`."""
    plain = _plain(text)
    match = _YES_ALL.fullmatch(plain)
    if match is None or _TAKEN_NOTE.fullmatch(plain):
        return False
    act = (match["act"] or "do").split()[0]
    return acts is None or act in {"do", "confirm", "go", "proceed", "continue"} or act in acts


def reads_no(text: str) -> bool:
    """True only if the whole message declines."""
    return bool(_NO_ALL.fullmatch(_plain(text)))


def equals_phrase(text: str, phrase: str) -> bool:
    """The card's phrase, whatever the case, the spaces and the final stop."""
    return bool(phrase.strip()) and _plain(text) == _plain(phrase)


def _plain(text: str) -> str:
    if "?" in text:
        return "?"
    words = re.sub(r"[\s.,;:!\"()\u2026\u2014\u2013-]+", " ", text.replace("’", "'").casefold())
    return words.strip()
