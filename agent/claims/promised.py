"""What a sentence promises: 'we will call you back', 'you will receive', 'I am refunding you', 'rest assured'."""

import re
from collections.abc import Iterator

from agent.claims import verbs
from agent.claims.deeds import ADV, MONEY, NOT, WHO, Deed, deed, denied, is_participle, known, plain, us
from agent.claims.things import PERK, thing_in

_WILL = re.compile(
    rf"\b{WHO}(?:\s(?:will|shall)|['’]ll|(?:\sam|\sare|['’]m|['’]re|\sis)\sgoing to)\s+{NOT}{ADV}(?P<verb>[a-z-]+)\b",
    re.I,
)
_AND = re.compile(
    rf"\b{WHO}(?:\s(?:will|shall)|['’]ll)\s[^.;!?]*?\s(?:and|then)\s{ADV}(?P<verb>[a-z-]+)\s(?:to\s)?your?\b", re.I
)
_ANYBODY = re.compile(rf"(?<!\byou\s)\b(?:will|['’]ll)\s+{NOT}{ADV}(?P<verb>[a-z-]+)\s(?:you|your|it|the|a)\b", re.I)
_LET_ME = re.compile(rf"\b(?:let me|allow me to)\s{ADV}(?P<verb>[a-z-]+)\b", re.I)
_PROGRESS = re.compile(rf"\b{WHO}(?:\s(?:am|are|is)|['’]m|['’]re)\s+{NOT}{ADV}(?P<verb>[a-z]+ing)\b", re.I)
_YOU_GET = re.compile(
    rf"\byou(?:\s(?:will|shall|should)|['’]ll|(?:\sare|['’]re)\sgoing to|\scan expect to)\s+{NOT}{ADV}"
    rf"(?P<verb>receive|get|obtain|hear|see|have (?:your|the|it)\b|be\s+{NOT}{ADV}(?P<done>[a-z-]+))",
    re.I,
)
_WILL_BE = re.compile(
    rf"(?<!\byou\s)\b(?:will|shall|['’]ll)\s+{NOT}{ADV}be\s+{NOT}{ADV}(?P<verb>[a-z-]+)\b(?P<tail>.{{0,12}})", re.I
)
_WILL_COME = re.compile(
    rf"\b(?:will|shall)\s+{NOT}{ADV}(?:arrive|come|follow|go back|reach|go to|appear|be back|be on your)\b", re.I
)
_CONTACTS = re.compile(
    rf"\b{WHO}\s{ADV}(?:calls?|rings?|phones?|contacts?|gets? back|notif(?:y|ies)|informs?|e-?mails?|writes?|keeps?)\s"
    rf"(?:to\s)?(?:you|back)\b",
    re.I,
)
_EXPECT = re.compile(r"\bexpect (?:a|an|our|the|to)\s(?P<what>(?:[\w-]+\s?){1,3})", re.I)
_PLEDGE = re.compile(
    r"\b(?:i|we)(?:\scan|\sdo|['’]ll|\swill)?\s(?:personally\s)?(?:guarantee|promise|assure)\b|\brest assured\b|"
    r"\byou have my word\b|\b(?:is|are) guaranteed\b",
    re.I,
)
_MESSAGE = re.compile(r"confirmation|e-?mail|message|\btext\b|letter|\bcode\b|link|notification|call|reply", re.I)
_REACHES = frozenset({"contact", "send", "deliver"})
_NOTHING = re.compile(r"^\s*(?:no|nothing|none|neither)\b", re.I)
_TO_OTHERS = re.compile(r"^\s*(?:you\s)?(?:them|our team|(?:a|my|our) colleagues?)\b")


def promised(text: str) -> Iterator[Deed]:
    """Whatever a sentence in English promises."""
    for read in (_by_us, _by_anybody, _going_on, _to_you, _passive, _phrases):
        yield from read(text)


def _by_us(text: str) -> Iterator[Deed]:
    for match in _WILL.finditer(text):
        yield from _will(text, match)
    for match in (match for pattern in (_AND, _LET_ME) for match in pattern.finditer(text)):
        if verbs.acts_of(match["verb"].lower()) & (verbs.WRITES | _REACHES):
            yield deed("will", match["verb"], text, match, by="i")


def _by_anybody(text: str) -> Iterator[Deed]:
    for match in _ANYBODY.finditer(text):
        if verbs.acts_of(match["verb"].lower()) & (verbs.WRITES | _REACHES):
            yield deed("will", match["verb"], text, match)


def _going_on(text: str) -> Iterator[Deed]:
    """'I am refunding' announces; 'a colleague is refunding' tells as begun."""
    for match in _PROGRESS.finditer(text):
        ordinary = verbs.ORDINARY if match["us"] else frozenset[str]()
        if known(match["verb"]) and verbs.acts_of(match["verb"].lower()) - ordinary:
            yield deed("will" if match["us"] else "done", match["verb"], text, match, by=us(match))


def _will(text: str, match: re.Match[str]) -> Iterator[Deed]:
    """By default a promise: only what commits nobody is let pass."""
    verb = match["verb"].lower()
    tail = text[match.end() : match.end() + 24].lower()
    if f"{verb}{tail}".startswith(("let you know", "get back to", "be in touch", "get in touch", "get in contact")):
        yield plain("will", "contact", match, by=us(match))
    elif _commits_nobody(match, verb, tail):
        return
    elif verb in verbs.REPLY and not match["us"]:
        yield plain("will", "reply", match)
    else:
        yield deed("will", verb, text, match, by=us(match))


def _commits_nobody(match: re.Match[str], verb: str, tail: str) -> bool:
    if verb in ("need", "have") and tail.startswith(" to "):
        return True
    return bool(match["us"]) and verb in verbs.BENIGN and not _TO_OTHERS.match(tail)


def _to_you(text: str) -> Iterator[Deed]:
    for match in _YOU_GET.finditer(text):
        verb, tail = match["verb"].lower(), text[match.end() :]
        if match["done"]:
            if known(match["done"]) and is_participle(match["done"]):
                yield deed("will", match["done"], text, match)
        elif verb == "hear":
            yield plain("will", "contact", match)
        elif verb == "see":
            yield from [plain("will", "pay", match)] if MONEY.search(tail) else []
        elif not _NOTHING.match(tail):
            yield from _received(tail, match)


def _received(tail: str, match: re.Match[str]) -> Iterator[Deed]:
    """What 'you will receive' is followed by decides what is promised."""
    perks = [str(perk.lastgroup) for perk in PERK.finditer(tail)]
    if _MESSAGE.search(tail):
        yield plain("will", "send contact", match)
    elif perks:
        yield from (Deed(mood="right", acts=frozenset(), words=match[0], perk=perk) for perk in perks)
    elif MONEY.search(tail):
        yield plain("will", "pay", match)
    else:
        yield plain("will", "give", match, thing=thing_in(tail))


def _passive(text: str) -> Iterator[Deed]:
    for match in _WILL_BE.finditer(text):
        if known(match["verb"]) and is_participle(match["verb"]):
            yield deed("will", match["verb"], text, match)
        elif match["verb"].lower() == "in" and "touch" in match["tail"]:
            yield plain("will", "contact", match)


def _phrases(text: str) -> Iterator[Deed]:
    for match in _WILL_COME.finditer(text):
        yield plain("will", "pay" if MONEY.search(text) else "deliver send", match)
    for match in _CONTACTS.finditer(text):
        yield plain("will", "contact", match)
    for match in _EXPECT.finditer(text):
        if _MESSAGE.search(match["what"]) or MONEY.search(match["what"]):
            yield plain("will", "pay" if MONEY.search(match["what"]) else "contact send", match)
    if (pledge := _PLEDGE.search(text)) and not denied(text, pledge):
        yield plain("will", "pledge", pledge)
