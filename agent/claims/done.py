"""What a sentence tells as done: 'I have cancelled', 'has been refunded', 'is on its way', 'all set'."""

import re
from collections.abc import Iterator
from dataclasses import replace

from agent.claims import verbs
from agent.claims.deeds import ADV, MONEY, NOT, WHO, Deed, deed, denied, is_participle, known, plain, us
from agent.claims.things import thing_in

_ACTIVE = re.compile(rf"\b{WHO}(?:\s(?:have|has|had)|['’]ve)\s+{NOT}{ADV}(?P<verb>[a-z-]+)\b", re.I)
_PAST = re.compile(rf"\b{WHO}\s+{ADV}(?P<verb>[a-z-]+)\b", re.I)
_MANAGED = re.compile(
    rf"\b{WHO}(?:['’]ve)?\s[^.;!?]{{0,20}}?\b(?:managed to|was able to|were able to|(?:taken|took) the liberty of|"
    rf"succeeded in|"
    rf"decided to|went on to)\s{ADV}(?P<verb>[a-z-]+)\b",
    re.I,
)
_ANYBODY = re.compile(
    rf"(?<!\byou\s)(?<!\bif\s)\b(?:has|have)\s+{NOT}{ADV}(?P<verb>[a-z-]+)\s(?:you|your|it|the|a)\b", re.I
)
_HEADLINE = re.compile(
    r"^\W*(?P<noun>refund|cancellation|booking|change|upgrade|payment|confirmation|voucher|compensation|rebooking|"
    r"claim)s?\s"
    r"(?:has been |is |now |already )*(?:issued|confirmed|completed?|processed|sent|done|approved|made|initiated|"
    r"successful\w*)\b",
    re.I,
)
_ON_BOARD = re.compile(r"\byou(?:['’]re|\sare)\s(?:now |already |all )*on (?:the\s(?:\w+\s)?flight|flight|GA)\b", re.I)
_NOUNS = {
    "cancellation": "cancel",
    "refund": "pay",
    "payment": "pay",
    "compensation": "pay",
    "change": "change",
    "rebooking": "change",
    "upgrade": "upgrade",
    "booking": "book confirm",
    "confirmation": "send",
    "voucher": "give",
    "claim": "open",
}
_OF_NOUN = re.compile(r"\b(?P<noun>cancellation|refund|payment|compensation|rebooking|upgrade)\b", re.I)
_PAID = frozenset({"refunded", "reimbursed", "compensated", "paid"})
_THE_PERSON = re.compile(r"(?:you|it|[A-Z0-9]{6})$")
_TOLD_OTHERS = re.compile(
    r"\b(?:i|we)(?:\s(?:have|had)|['’]ve)?\s(?:just\s|also\s|already\s)*(?:told|asked|informed|notified|alerted|"
    r"contacted)\s(?:a|an|my|our|"
    r"the|your)\s(?:\w+\s)?(?:colleagues?|team|supervisor|manager|operations|staff|crew|desk|airport|department)\b",
    re.I,
)
_VAGUE = frozenset({"confirm", "process", "approve"})
_AND = re.compile(rf"\b{WHO}\b[^.;!?]*?\s(?:and|then)\s{ADV}(?P<verb>[a-z-]+)\b", re.I)
_PASSIVE = re.compile(
    rf"(?P<who>[\w'’-]+(?:\s[\w'’-]+){{0,3}}?)(?:\s(?:has|have|had)|['’]s|['’]ve)\s+{NOT}{ADV}been\s+{NOT}{ADV}"
    rf"(?P<verb>[a-z-]+)\b",
    re.I,
)
_WAS = re.compile(rf"\b(?:was|were|got|(?:is|are) (?:now )?being)\s+{NOT}{ADV}(?P<verb>[a-z-]+)\b", re.I)
_STATE = re.compile(
    rf"(?P<who>(?:^\W*(?:that|this)|\b(?:your|the|both|all|everything|it|you|(?=[A-Z]*\d)[A-Z0-9]{{6}}|GA\s?\d+))\b"
    rf"(?:\s[\w-]+){{0,4}}?)(?:,?\s(?:is|are)|['’]s|['’]re)\s+{NOT}{ADV}(?P<verb>[a-z-]+)\b(?P<in>\sin\b)?",
    re.I,
)
_FOR_YOU = re.compile(
    r"\b(?P<verb>booked|reserved|held|kept|blocked|arranged|organised|secured|prepared) for you\b", re.I
)
_IDIOM = re.compile(
    r"^\W*(?:all\s)?done\b(?!\s+(?:with|by))|\b(?:it|that|this|everything|cancellation|change|refund|booking)"
    r"(?:['’]s|\sis|\sare)\s(?:all\s|now\s|already\s)?(?:done|complete|sorted|finished|through)\b|\ball set\b|"
    r"taken care of|\bconsider (?:it|that|this|your \w+) \w+|(?:went|gone) through\b|\bis complete\b|\bis gone\b|"
    r"as good as (?:yours|done)",
    re.I,
)
_ON_ITS_WAY = re.compile(r"\bon (?:its|their|the) way\b(?! to (?:the|your) (?:gate|airport))", re.I)


def done(text: str) -> Iterator[Deed]:
    """Whatever a sentence in English tells as done."""
    for read in (_by_us, _earlier, _managed, _by_anybody, _passive, _was, _states, _phrases):
        yield from read(text)


def _by_us(text: str) -> Iterator[Deed]:
    """'I have' and any participle but those that commit nobody."""
    for match in _ACTIVE.finditer(text):
        verb = match["verb"].lower()
        if verb == "put" and text[match.end() :].startswith(" together"):
            yield plain("done", "prepare", match, by=us(match))
        elif verb not in verbs.BENIGN_PAST and is_participle(verb):
            yield deed("done", verb, text, match, by=us(match))


def _earlier(text: str) -> Iterator[Deed]:
    """'I cancelled', and '... and cancelled'."""
    for match in (match for pattern in (_PAST, _AND) for match in pattern.finditer(text)):
        verb = match["verb"].lower()
        if known(verb) and is_participle(verb) and verb not in verbs.BENIGN_PAST | verbs.ALSO_PRESENT:
            yield deed("done", verb, text, match, by=us(match))


def _managed(text: str) -> Iterator[Deed]:
    for match in _MANAGED.finditer(text):
        yield deed("done", match["verb"], text, match, by=us(match))


def _by_anybody(text: str) -> Iterator[Deed]:
    for match in _ANYBODY.finditer(text):
        told = known(match["verb"]) and is_participle(match["verb"]) and not denied(text, match)
        if told and verbs.acts_of(match["verb"].lower()) - verbs.ORDINARY:
            yield deed("done", match["verb"], text, match)


def _passive(text: str) -> Iterator[Deed]:
    """Of the airline's verbs, whoever it is done to; of any verb but what befalls a journey, when it is theirs."""
    for match in _PASSIVE.finditer(text):
        verb = match["verb"].lower()
        theirs = bool(re.search(r"\byour?\b", match["who"], re.I)) and verb not in verbs.BEFALLS
        if (known(verb) or theirs) and is_participle(verb) and not denied(text, match):
            yield _named(deed("done", verb, text, match), match["who"])


def _was(text: str) -> Iterator[Deed]:
    for match in _WAS.finditer(text):
        told = known(match["verb"]) and is_participle(match["verb"]) and not denied(text, match)
        if told and verbs.acts_of(match["verb"].lower()) - {"make"}:
            yield deed("done", match["verb"], text, match)


def _states(text: str) -> Iterator[Deed]:
    for match in _STATE.finditer(text):
        verb = match["verb"].lower()
        if denied(text, match):
            continue
        if verb == "checked" and match["in"]:
            yield plain("done", "~checkin", match)
        elif is_participle(verb) and verbs.acts_of(verb) & verbs.STATES:
            yield _named(deed("done", verb, text, match), match["who"])
        elif verb in _PAID and _THE_PERSON.match(match["who"]):
            yield plain("done", "pay", match)
        elif verb in _PAID:
            yield Deed(mood="right", acts=frozenset({"pay"}), words=match[0], perk="refund")


def _named(told: Deed, who: str) -> Deed:
    """'The cancellation is confirmed' tells of a cancellation."""
    noun = _OF_NOUN.search(who)
    if noun is None or not told.acts & _VAGUE:
        return told
    return replace(told, acts=frozenset(_NOUNS[noun["noun"].lower()].split()), thing="")


def _phrases(text: str) -> Iterator[Deed]:
    if headline := _HEADLINE.search(text):
        yield plain("done", _NOUNS[headline["noun"].lower()], headline)
    if on_board := _ON_BOARD.search(text):
        yield plain("done", "book confirm", on_board)
    if others := _TOLD_OTHERS.search(text):
        yield plain("done", "handoff", others, by="i")
    for match in _FOR_YOU.finditer(text):
        yield deed("done", match["verb"], text, match)
    if (idiom := _IDIOM.search(text)) and not denied(text, idiom):
        yield plain("done", "process", idiom, thing=thing_in(text))
    if (way := _ON_ITS_WAY.search(text)) and not denied(text, way):
        paid = bool(MONEY.search(text))
        yield plain("done", "pay" if paid else "deliver send", way, thing="" if paid else thing_in(text))
