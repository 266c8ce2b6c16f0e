"""Names: a surname by its cue ('name Okonkwo', '(Okonkwo)', 'surname is'), and the right spelling of a wrong one."""

import re
from collections.abc import Sequence

from tools.extract.found import Found, disjoint, outside, words
from tools.extract.locators import locators
from tools.extract.places import is_well_known

_WORD = r"[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_]))*(?!\w)"
_NAME = rf"{_WORD}(?: {{1,2}}{_WORD}){{0,4}}"
_CUED = re.compile(
    r"(?<!\w)(?:sur-?|last |family |passenger(?:'s)? )?names?(?:['’]s)?(?:\s+on\s+(?:the|my|our)\s+(?:booking|"
    r"reservation|ticket))?(?!\s+(?:on|in)\b)"
    r"(?:\s?[:=,-]\s?|\s+(?:is|it's|of|was|being|under)\s+|\s+)"
    rf"(?P<name>{_NAME})",
    re.I,
)
_TITLE = re.compile(rf"(?<!\w)(?:mrs|mr|ms|miss|mx|herr|frau|mme|dr)\.?\s+(?P<name>{_NAME})", re.I)
_PASSENGER = re.compile(rf"(?i:\bpassengers?:?)\s+(?P<name>(?=[A-Z]){_NAME})")
_BRACKETS = re.compile(rf"\(\s?(?P<name>{_NAME})\s?\)")
_SELF = re.compile(
    rf"(?<!\w)(?:i\s+am|i['’]m|this\s+is|it['’]?s(?!\s+under)|under|for|by|of)\s+(?P<name>{_NAME})", re.I
)
_BEHIND = re.compile(
    rf"(?<!\w)(?P<code>[A-Za-z0-9]{{6}})[ ,/]{{1,2}}(?P<name>(?=[^\W\d_a-z]){_NAME})(?=\s?(?:[,.;!]|$))"
)
_FRAGMENT = re.compile(rf"(?:^|(?<=[,.;:!?]\s)|(?<=\n))(?P<name>(?=[^\W\d_a-z]){_NAME})(?=\s?(?:[,.;]|$))")
_AFTER_NAME = re.compile(r"\s*(?:[,.;:!?()]|$|(?:and|ref|booking|reference|code|pnr)\b|[A-Za-z0-9]*\d)", re.I)
_PARTICLES = words("van von der den de del della di da dos du la le al el bin ten ter zu st")
_NO_NAMES = words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december whatsapp sms email e-mail visa mastercard paypal eu uk us ec gdpr dot appr pnr "
    "asap urgent "
    "important regards best kind sincerely greetings question problem complaint compensation luggage baggage suitcase "
    "cancellation rebooking upgrade receipt invoice christmas easter cost costs euro euros economy business "
    "classic light "
    "flex gold silver platinum covid"
)
_STOP = _NO_NAMES | words(
    "a an and are as at be booking by but can cancel canceled cancelled change changed check code correct correction "
    "correctly do does error fix flight flights for from has have help here hi hello how i if in is it its "
    "it's just me "
    "misspelled misspelt mistake my name name's need new no not now of off on one or our out please pls plz plane ref "
    "reference reservation returning right should so spelled spelt spelling surname thanks thank that that's the their "
    "them there they this ticket to today tomorrow travelling trip typo under up want was we we're were what "
    "when where "
    "which who whose will with wrong yes you your number last first family changed corrections changes says "
    "said bad missing letter locator "
    "pnr confirmation passport passports married maiden match mismatch must need needs very late early delayed lost "
    "stuck waiting angry furious blind deaf pregnant diabetic vegan vegetarian hindu muslim jewish celiac coeliac "
    "allergic disabled coming going trying looking writing flying still also free sure sorry afraid about asking "
    "calling afternoon morning evening night and would like could may might yours mine ours everyone anyone someone "
    "somebody all both each every some any more less than then again correction add show see open view find get give "
    "send book refund claim report pull cxl cancle delete drop wheelchair seat bag meal window aisle vegan details "
    "status info information money delay tickets bookings thx cheers sir madam mr mrs ms miss dr ok okay hey"
)
_FIX = re.compile(
    rf"(?<!\w)(?:should\s+(?:be|read|say)|must\s+be|supposed\s+to\s+be|(?:it|that)['’]s|really|actually|say|says|is|to)"
    rf"\s+(?:really\s+|actually\s+)?(?=(?P<name>{_NAME}))",
    re.I,
)
_NAME_TALK = re.compile(
    r"\b(?:names?|surname|spell\w*|spelt|mis-?spel\w*|typo|letters?|passport|should be|not)\b|"
    r"\bcorrect\w*|\b(?:amend|fix|change)\w*\s+(?-i:[A-Z])|\bgot\s+(?-i:[A-Z])\w+\s+(?:and|but)\b",
    re.I,
)
_WRONG = re.compile(
    rf"(?<!\w)(?<!passport )(?:says?|not|from|got|have|reads?|writes?|"
    rf"wrote)\s+{_WORD}(?:\s+but|\s+and)?",
    re.I,
)
_AS_IT_STANDS = re.compile(
    rf"(?<!\w)(?:says?|not|from|reads?|writes?|wrote|got|correct|amend|fix|"
    rf"change)\s+(?=(?P<name>{_NAME}))",
    re.I,
)
_BEFORE_NOT = re.compile(rf"(?P<name>{_WORD}(?: {_WORD})?)\s?,?\s+not\s+[^\W\d_]", re.I)


def surnames(text: str) -> tuple[Found[str], ...]:
    """The family name as typed, without titles and given names. Weaker cues count only beside a record locator."""
    cued = [_family(m) for pattern in (_CUED, _TITLE, _PASSENGER) for m in pattern.finditer(text)]
    values = [value for value in cued if value and _is_settled(value, text)]
    if values or not locators(text):
        return disjoint(values)
    return disjoint([value for value in _near_locator(text) if value]) or _beside_locator(text)


def corrected_names(text: str) -> tuple[Found[str], ...]:
    """What a name 'should be', in capitals, in a text that speaks of names."""
    if not _NAME_TALK.search(text):
        return ()
    wrong = [m.span() for m in _WRONG.finditer(text)]
    values = [_run(m, capital=True) for pattern in (_FIX, _BEFORE_NOT) for m in pattern.finditer(text)]
    kept = [v for v in values if v and not any(start <= v.start < end for start, end in wrong)]
    return disjoint(kept)


def wrong_names(text: str) -> tuple[Found[str], ...]:
    """How a name stands now, in a text that speaks of names: 'the ticket says Jon, should be John' -> Jon."""
    if not _NAME_TALK.search(text):
        return ()
    right = corrected_names(text)
    values = [_run(m, capital=True) for m in _AS_IT_STANDS.finditer(text)]
    return outside(disjoint([v for v in values if v]), right)


def bare_surname(text: str) -> str | None:
    """A whole message that can be nothing but the surname just asked for."""
    said = text.strip(" \t\r\n.,!\"'()").split()
    if said and said[0].lower() in {"it's", "its", "it", "is"}:
        said = said[1:]
    plain = all(re.fullmatch(_WORD, word) and word.lower() not in _STOP for word in said)
    return " ".join(said) if 1 <= len(said) <= 4 and plain and "?" not in text else None


def _near_locator(text: str) -> list[Found[str] | None]:
    """Brackets, else 'under Silva', else a fragment that is a capitalised name and nothing more."""
    return (
        [_family(m) for m in _BRACKETS.finditer(text)]
        or [v for m in _SELF.finditer(text) if (v := _family(m, capital=True)) and not is_well_known(v.value)]
        or [v for m in _BEHIND.finditer(text) if locators(m["code"]) and (v := _family(m, capital=True))]
        or [v for m in _FRAGMENT.finditer(text) if (v := _family(m, capital=True)) and v.end == m.end()]
    )


def _is_settled(value: Found[str], text: str) -> bool:
    """A name in small letters must end its phrase: 'name okonkwo,' but not 'name corrections work'."""
    return not value.text.islower() or bool(_AFTER_NAME.match(text, value.end))


def _family(match: re.Match[str], *, capital: bool = False) -> Found[str] | None:
    """The family name within a run of name words: after the given name, or from its particle on ('van der Berg')."""
    run = _run(match, capital=capital)
    if run is None:
        return None
    offset = _family_offset(run.text)
    name = run.text[offset:]
    return Found(value=name, text=name, start=run.start + offset, end=run.end)


def _run(match: re.Match[str], *, capital: bool) -> Found[str] | None:
    """Leading words that can be a name; from the second on only capitals and particles."""
    kept: list[re.Match[str]] = []
    for word in re.finditer(r"\S+", match["name"]):
        if not _continues(word[0], capital=capital or bool(kept)):
            break
        kept.append(word)
    while kept and kept[-1][0].lower() in _PARTICLES:
        kept.pop()
    if not kept:
        return None
    start, end = match.start("name") + kept[0].start(), match.start("name") + kept[-1].end()
    return Found(value=match.string[start:end], text=match.string[start:end], start=start, end=end)


def _continues(word: str, *, capital: bool) -> bool:
    if word.lower() in _PARTICLES:
        return True
    return word.lower().rstrip(".") not in _STOP and not (capital and not word[0].isupper())


def _family_offset(name: str) -> int:
    parts = [*re.finditer(r"\S+", name)]
    particle = next((p.start() for p in parts[:-1] if p[0].lower() in _PARTICLES), None)
    return parts[-1].start() if particle is None else particle


def _beside_locator(text: str) -> tuple[Found[str], ...]:
    """A short message of only a locator and a name: 'K7XQ2P Okonkwo'."""
    values = locators(text)
    if len(values) != 1 or len(text) > 60:
        return ()
    before, after = text[: values[0].start], text[values[0].end :]
    sides = [(side, start) for side, start in ((before, 0), (after, values[0].end)) if re.search(r"\w", side)]
    if len(sides) != 1:
        return ()
    return _only_name(*sides[0], text)


def _only_name(side: str, start: int, text: str) -> tuple[Found[str], ...]:
    said: Sequence[re.Match[str]] = [*re.finditer(r"[^\s,.;:/#&()]+", side)]
    names = all(re.fullmatch(_WORD, word[0]) and word[0].lower() not in _STOP for word in said)
    if not names or len(said) > 3:
        return ()
    whole = side[said[0].start() : said[-1].end()]
    begin = start + said[0].start() + _family_offset(whole)
    end = start + said[-1].end()
    return (Found(value=text[begin:end], text=text[begin:end], start=begin, end=end),)
