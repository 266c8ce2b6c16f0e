"""What a sentence says is done, will be done, or is the person's right: 'I have cancelled', 'we will call you back',
'you are entitled to', in active, passive and idiom, and in the main words of six other languages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.claims import verbs
from agent.claims.contrasts import NEGATION
from agent.claims.things import PERK, thing_in

Mood = Literal["done", "will", "right"]


@dataclass(frozen=True, slots=True)
class Deed:
    """acts: what is claimed, any one of which the evidence may hold; perk: what is said to be given, for a right.
    by: who does it, as the sentence has it: 'i', 'we', or '' for a passive and for anybody else."""

    mood: Mood
    acts: frozenset[str]
    words: str
    thing: str = ""
    perk: str = ""
    by: str = ""


_ADV = (
    r"(?:(?:just|now|already|also|successfully|gladly|personally|then|immediately|certainly|definitely|happily|"
    r"automatically|shortly|soon|fully|all|both|since|of course|be able to|gone ahead and|went ahead and|right away|even|"
    r"therefore|each|promptly|today|kindly)\s+)*"
)
_WHO = (
    r"(?:(?P<us>i|we)|they|someone|somebody|(?:our|my|the|a|an|one of (?:our|my))\s(?:\w+\s){0,2}?(?:colleagues?|teams?|agents?|"
    r"staff|airline|crew|department|desk|technicians?|specialists?|managers?|supervisors?))"
)
_NOT = r"(?!not\b|never\b|no\b|to\b|only\b|n['’]t)"
_DONE_ACTIVE = re.compile(rf"\b{_WHO}(?:\s(?:have|has|had)|['’]ve)\s+{_NOT}{_ADV}(?P<verb>[a-z-]+)\b", re.I)
_DONE_PAST = re.compile(rf"\b{_WHO}\s+{_ADV}(?P<verb>[a-z-]+)\b", re.I)
_DONE_PASSIVE = re.compile(
    rf"(?P<who>[\w'’-]+(?:\s[\w'’-]+){{0,3}}?)(?:\s(?:has|have|had)|['’]s|['’]ve)\s+{_NOT}{_ADV}been\s+{_NOT}{_ADV}(?P<verb>[a-z-]+)\b",
    re.I,
)
_DONE_WAS = re.compile(rf"\b(?:was|were|got)\s+{_NOT}{_ADV}(?P<verb>[a-z-]+)\b", re.I)
_STATE = re.compile(
    rf"(?P<who>(?:^\W*(?:that|this)|\b(?:your|the|both|all|everything|it|you|[A-Z0-9]{{6}}|GA\s?\d+))\b(?:\s[\w-]+){{0,4}}?)"
    rf"(?:\s(?:is|are)|['’]s|['’]re)\s+{_NOT}{_ADV}(?P<verb>[a-z-]+)\b(?P<in>\sin\b)?",
    re.I,
)
_PROGRESS = re.compile(rf"\b(?:i|we)(?:\sam|\sare|['’]m|['’]re)\s+{_NOT}{_ADV}(?P<verb>[a-z]+ing)\b", re.I)
_IDIOM = re.compile(
    r"^\W*(?:all\s)?done\b(?!\s+(?:with|by))|\b(?:it|that|this|everything|cancellation|change|refund|booking)(?:['’]s|\sis|\sare)\s"
    r"(?:all\s|now\s|already\s)?(?:done|complete|sorted|finished|through)\b|\ball set\b|taken care of|consider it \w+|"
    r"(?:went|gone) through\b|\bis complete\b|\bis gone\b",
    re.I,
)
_ON_ITS_WAY = re.compile(r"\bon (?:its|their|the) way\b(?! to (?:the|your) (?:gate|airport))", re.I)
_MONEY_WORD = re.compile(r"refund|money|amount|\beur\b|\busd\b|\bgbp\b|€|\$|£|compensation|sum\b", re.I)
_WILL = re.compile(
    rf"\b{_WHO}(?:\s(?:will|shall)|['’]ll|(?:\sam|\sare|['’]m|['’]re|\sis)\sgoing to)\s+{_NOT}{_ADV}(?P<verb>[a-z-]+)\b",
    re.I,
)
_WILL_YOU = re.compile(
    rf"\byou(?:\s(?:will|shall)|['’]ll|(?:\sare|['’]re)\sgoing to)\s+{_NOT}{_ADV}"
    rf"(?P<verb>receive|get|obtain|hear|have (?:your|the|it)\b|be\s+{_NOT}{_ADV}(?P<done>[a-z-]+))",
    re.I,
)
_WILL_BE = re.compile(
    rf"(?<!\byou\s)\b(?:will|shall|['’]ll)\s+{_NOT}{_ADV}be\s+{_NOT}{_ADV}(?P<verb>[a-z-]+)\b(?P<tail>.{{0,12}})", re.I
)
_WILL_COME = re.compile(
    rf"\b(?:will|shall)\s+{_NOT}{_ADV}(?:arrive|come|follow|go back|reach|go to|appear|be back)\b", re.I
)
_CONTACTS = re.compile(
    rf"\b{_WHO}\s{_ADV}(?:calls?|rings?|phones?|contacts?|gets? back|notif(?:y|ies)|informs?|e-?mails?|writes?|keeps?)\s(?:to\s)?"
    rf"(?:you|back)\b",
    re.I,
)
_PLEDGE = re.compile(
    r"\b(?:i|we)(?:\scan|\sdo|['’]ll|\swill)?\s(?:personally\s)?(?:guarantee|promise|assure)\b|\brest assured\b|\byou have my word\b",
    re.I,
)
_ENTITLED = re.compile(
    rf"\b(?:you(?:\sare|['’]re)\s{_ADV}(?:entitled|eligible|owed|due|guaranteed|covered|insured)|you qualify|you have (?:a|the) right)\b",
    re.I,
)
_REFUNDABLE = re.compile(r"(?<!non-)(?<!non)\brefundable\b", re.I)
_CAN_GIVE = re.compile(
    rf"\b(?:i|we)\s(?:can|could|am able to|are able to|['’]?d be happy to)\s+{_NOT}{_ADV}(?P<verb>offer|give|grant|waive|refund|"
    rf"upgrade|compensate|reimburse|credit|issue|make an exception|pay)\b",
    re.I,
)
_YOU_GET = re.compile(r"\byou(?:\salso|\sthen|\snow)?\s(?:get|receive|are given|are paid|are offered|have)\b", re.I)
_INCLUDES = re.compile(r"\b(?:includes?|comes? with|included)\b", re.I)
_PERK_NOUNS = frozenset(
    {"refund", "compensation", "voucher", "hotel", "meal", "upgrade", "lounge", "miles", "discount", "exception"}
)


@lru_cache(maxsize=4096)
def deeds_of(text: str, tongue: str) -> tuple[Deed, ...]:
    """text: as the reading has it, figures in English."""
    if tongue in ("de", "fr", "es", "it", "nl", "pt"):
        return (*_foreign(text, tongue), *_given(text))
    return (*_done(text), *_promised(text), *_rights(text), *_given(text))


def _done(text: str) -> Iterator[Deed]:
    yield from _done_by_us(text)
    for match in _DONE_PASSIVE.finditer(text):
        ours = _known(match["verb"]) or _OF_THE_PERSON.search(match["who"])
        if ours and _is_participle(match["verb"]) and not _denied(text, match) and not NEGATION.search(match["who"]):
            yield _deed("done", match["verb"], text, match)
    for match in _DONE_WAS.finditer(text):
        if _known(match["verb"]) and _is_participle(match["verb"]) and not _denied(text, match):
            yield _deed("done", match["verb"], text, match)
    for match in _STATE.finditer(text):
        yield from _state(text, match)
    if idiom := _IDIOM.search(text):
        yield Deed(mood="done", acts=frozenset({"process"}), words=idiom[0], thing=thing_in(text))
    if way := _ON_ITS_WAY.search(text):
        acts = {"pay"} if _MONEY_WORD.search(text) else {"deliver", "send"}
        yield Deed(mood="done", acts=frozenset(acts), words=way[0], thing="" if "pay" in acts else thing_in(text))


def _done_by_us(text: str) -> Iterator[Deed]:
    for match in _DONE_ACTIVE.finditer(text):
        verb = match["verb"].lower()
        if verb not in verbs.BENIGN_PAST and (verb.endswith("ed") or verb in verbs.participles()):
            yield _deed("done", verb, text, match, by=(match["us"] or "we").lower())
    for match in _DONE_PAST.finditer(text):
        verb = match["verb"].lower()
        if _known(verb) and _is_participle(verb) and verb not in verbs.BENIGN_PAST and verb not in _ALSO_PRESENT:
            yield _deed("done", verb, text, match, by=(match["us"] or "we").lower())


def _state(text: str, match: re.Match[str]) -> Iterator[Deed]:
    verb = match["verb"].lower()
    if verb == "checked" and match["in"]:
        yield Deed(mood="done", acts=frozenset({"~checkin"}), words=match[0])
    elif _is_participle(verb) and verbs.acts_of(verb) & verbs.STATES:
        yield _deed("done", verb, text, match)
    elif verb in ("refunded", "reimbursed", "compensated", "paid") and not NEGATION.search(match["who"]):
        yield Deed(mood="right", acts=frozenset({"pay"}), words=match[0], perk="refund")


def _promised(text: str) -> Iterator[Deed]:
    for match in _WILL.finditer(text):
        yield from _will(text, match)
    for match in _PROGRESS.finditer(text):
        if verbs.acts_of(match["verb"].lower()) & verbs.WRITES:
            yield _deed("will", match["verb"], text, match, by="i")
    for match in _WILL_YOU.finditer(text):
        yield from _will_you(text, match)
    for match in _WILL_BE.finditer(text):
        if _known(match["verb"]) and _is_participle(match["verb"]):
            yield _deed("will", match["verb"], text, match)
        elif match["verb"].lower() == "in" and "touch" in match["tail"]:
            yield Deed(mood="will", acts=frozenset({"contact"}), words=match[0])
    for match in _WILL_COME.finditer(text):
        acts = {"pay"} if _MONEY_WORD.search(text) else {"deliver", "send"}
        yield Deed(mood="will", acts=frozenset(acts), words=match[0])
    for match in _CONTACTS.finditer(text):
        yield Deed(mood="will", acts=frozenset({"contact"}), words=match[0])
    for match in _PLEDGE.finditer(text):
        yield Deed(mood="will", acts=frozenset({"pledge"}), words=match[0])


def _will(text: str, match: re.Match[str]) -> Iterator[Deed]:
    verb = match["verb"].lower()
    tail = text[match.end() : match.end() + 24].lower()
    if (
        match["us"]
        and (verb in verbs.BENIGN and not (verb == "be" and "in touch" in tail))
        and not _SENDS_WORD.match(tail)
    ):
        return
    if (verb == "let" and " know" in tail) or (verb == "get" and " back to" in tail) or (verb == "be" and "in touch" in tail):
        yield Deed(mood="will", acts=frozenset({"contact"}), words=match[0], by=(match["us"] or "").lower())
    elif verb in verbs.REPLY and not match["us"]:
        yield Deed(mood="will", acts=frozenset({"reply"}), words=match[0])
    else:
        yield _deed("will", verb, text, match, by=(match["us"] or "").lower())


def _will_you(text: str, match: re.Match[str]) -> Iterator[Deed]:
    verb = match["verb"].lower()
    if match["done"]:
        if _known(match["done"]) and _is_participle(match["done"]):
            yield _deed("will", match["done"], text, match)
    elif verb == "hear":
        yield Deed(mood="will", acts=frozenset({"contact"}), words=match[0])
    else:
        yield from _received(text, match)


def _received(text: str, match: re.Match[str]) -> Iterator[Deed]:
    """What 'you will receive' is followed by decides what is promised."""
    tail = text[match.end() :]
    perks = [perk.lastgroup for perk in PERK.finditer(tail) if perk.lastgroup]
    if re.search(r"confirmation|e-?mail|message|\btext\b|letter|\bcode\b|link|notification", tail, re.I):
        yield Deed(mood="will", acts=frozenset({"send"}), words=match[0])
    elif perks:
        yield from (Deed(mood="right", acts=frozenset(), words=match[0], perk=str(perk)) for perk in perks)
    elif _MONEY_WORD.search(tail):
        yield Deed(mood="will", acts=frozenset({"pay"}), words=match[0])
    else:
        yield Deed(mood="will", acts=frozenset({"give"}), words=match[0], thing=thing_in(tail))


def _rights(text: str) -> Iterator[Deed]:
    if (match := _ENTITLED.search(text)) and not _denied(text, match):
        perks = [perk.lastgroup for perk in PERK.finditer(text[match.end() :]) if perk.lastgroup]
        for perk in perks or ["right"]:
            yield Deed(mood="right", acts=frozenset(), words=match[0], perk=str(perk))
    if (match := _REFUNDABLE.search(text)) and not _denied(text, match):
        yield Deed(mood="right", acts=frozenset(), words=match[0], perk="refund")
    for match in _CAN_GIVE.finditer(text):
        yield Deed(mood="right", acts=verbs.acts_of(match["verb"].split()[0].lower()), words=match[0], perk="offer")
    for pattern in (_YOU_GET, _INCLUDES):
        if (match := pattern.search(text)) and not _denied(text, match):
            given = {perk.lastgroup for perk in PERK.finditer(text[match.end() :]) if perk.lastgroup in _PERK_NOUNS}
            yield from (Deed(mood="right", acts=frozenset(), words=match[0], perk=perk) for perk in given if perk)


def _given(text: str) -> Iterator[Deed]:
    """Free of charge and in full are figures too."""
    for match in PERK.finditer(text):
        if match.lastgroup in ("free", "full") and not _denied(text, match):
            yield Deed(mood="right", acts=frozenset(), words=match[0], perk=match.lastgroup)


def _deed(mood: Mood, verb: str, text: str, match: re.Match[str], *, by: str = "") -> Deed:
    acts = verbs.acts_of(verb.lower())
    after = text[match.end("verb") : match.end("verb") + 48]
    before = text[max(0, match.start() - 4) : match.end("verb")]
    return Deed(mood=mood, acts=acts, words=match[0], thing=thing_in(after if by else before) or thing_in(after), by=by)


def _known(verb: str) -> bool:
    return verb.lower() in verbs.english()


def _is_participle(verb: str) -> bool:
    word = verb.lower()
    return word in verbs.participles() or (word.endswith("ed") and len(word) > 4)


def _denied(text: str, match: re.Match[str]) -> bool:
    """A negation shortly before it or in it: 'not entitled', 'cannot be refunded in full'."""
    before = text[max(0, match.start() - 28) : match.start()]
    return bool(NEGATION.search(before)) or bool(re.search(r"\bnot\b|n['’]t\b", match[0]))


_SENDS_WORD = re.compile(r"^\s*(?:you\s)?(?:them|our team|a colleague)\b")
_OF_THE_PERSON = re.compile(
    r"\byour (?:\w+ )?(?:request|complaint|claim|case|refund|account|booking|file|ticket|seat|upgrade|message)\b|\byou\b",
    re.I,
)
_ALSO_PRESENT = frozenset({"put", "read", "set", "held", "had"})

_AUX_DONE = {
    "de": r"habe|haben|hat|wurden?|worden|ist|sind",
    "fr": r"ai|avons|a|ont|est|sont|été",
    "es": r"he|hemos|ha|han|está|están|sido|fue|fueron",
    "it": r"ho|abbiamo|ha|hanno|è|sono|stat[aoei]",
    "nl": r"heb|hebben|heeft|is|zijn|werd|werden",
    "pt": r"foi|foram|está|estão|tem|têm|cancelei|reembolsei|enviei|reservei|alterei|adicionei",
}
_AUX_WILL = {
    "de": r"wird|werden|werde|wir|ich",
    "fr": r"allons|vais|va|vont|sera|seront|\w+r(?:ons|ai|ont|a)",
    "es": r"vamos|voy|va|van|será|serán|\w+r(?:emos|é|án|á)",
    "it": r"sarà|saranno|\w+r(?:emo|ò|anno|à)",
    "nl": r"zal|zullen|wordt|worden|wij|we|ik",
    "pt": r"vamos|vou|vai|vão|será|serão|\w+r(?:emos|ei|ão|á)",
}
_RIGHT = re.compile(
    r"\b(?:anspruch auf|steh(?:t|en) ihnen|ihnen (?:steht|stehen)|erhalten sie|sie erhalten|sie bekommen|droit à|vous recevez|"
    r"vous recevrez|derecho a|recibirá|tiene derecho|diritto a|riceverà|recht op|u krijgt|u ontvangt|direito a|receberá)\b",
    re.I,
)
_FOREIGN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _foreign(text: str, tongue: str) -> Iterator[Deed]:
    low = text.lower()
    negative = bool(NEGATION.search(low))
    said = [word for word in _FOREIGN_WORD.findall(low) if not thing_in(word)]
    acts = frozenset(act for word in said for act in verbs.foreign_acts(word, tongue))
    if acts and not negative:
        will = re.search(rf"\b(?:{_AUX_WILL[tongue]})\b", low)
        done = re.search(rf"\b(?:{_AUX_DONE[tongue]})\b|\bj['’]ai\b", low)
        if done and not (will and tongue == "de" and re.search(r"\bwird\b|\bwerden\b", low)):
            yield Deed(mood="done", acts=acts, words=text.strip())
        elif will:
            yield Deed(mood="will", acts=acts, words=text.strip())
    if (match := _RIGHT.search(low)) and not negative:
        perks = [perk.lastgroup for perk in PERK.finditer(low) if perk.lastgroup in _PERK_NOUNS]
        for perk in perks or ["right"]:
            yield Deed(mood="right", acts=frozenset(), words=match[0], perk=str(perk))
