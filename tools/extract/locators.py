"""Record locators (PNR): six letters and digits, typed closed, in small letters, or spelled in groups."""

import re

from tools.extract.found import Found, disjoint, found, words

CUE = (
    r"(?:booking|reservation|reference|ref|pnr|locator|confirmation|record|code|itinerary)"
    r"(?:[\s.:#=,'-]|\b(?:reference|ref|number|no|nr|code|locator|id|is|it's|called)\b){1,8}"
)
_CLOSED = re.compile(r"(?<![\w@./-])([A-Za-z0-9]{6})(?![\w@]|[.-]\w)")
_GROUPED = re.compile(r"(?<![\w-])([A-Z0-9]{1,4}(?:[ -][A-Z0-9]{1,4}){1,5})(?![\w-])")
_CUED_GROUPED = re.compile(CUE + r"([A-Za-z0-9]{1,4}(?:[ -][A-Za-z0-9]{1,4}){1,5})(?![\w-])", re.I)
_CUED_LETTERS = re.compile(r"(?i:" + CUE + r")([A-Z]{6})(?!\w)")
_CUE_BEFORE = re.compile(CUE + r"$", re.I)
_FLIGHT = re.compile(r"[A-Z]{2}\d{3,4}[A-Z]?", re.I)
_MEASURE = re.compile(r"\d+(?:[A-Za-z]{2,5})")
_UNITS = words(
    "eur euro euros usd gbp chf cad sek nok dkk pln kg kgs kilo kilos cm km ml min mins hr hrs hour hours day "
    "days week weeks "
    "month months year years miles pm am th rd nd st yr yrs wh lbs"
)
_WORDS = words("I A AM PM OK IN ON AT TO OF BY IS IT MY ME WE US UP GO NO OR IF SO DO BE AS AN THE FOR AND")
_NO_LOCATORS = words(
    "PLEASE CANCEL REFUND CHANGE FLIGHT TICKET NUMBER THANKS PERSON TRAVEL RETURN DELETE UPDATE STATUS"
)


def locators(text: str) -> tuple[Found[str], ...]:
    """'B9 N3 KF' -> B9N3KF. A word needs a digit, or capitals after a cue such as 'PNR'."""
    closed = [found(m, m[1].upper(), 1) for m in _CLOSED.finditer(text) if _is_closed(m, text)]
    letters = [found(m, m[1], 1) for m in _CUED_LETTERS.finditer(text) if _is_letters(m[1], text)]
    grouped = [value for m in _GROUPED.finditer(text) if (value := _grouped(m, cued=_cue_before(m, text)))]
    cued = [value for m in _CUED_GROUPED.finditer(text) if (value := _grouped(m, cued=True))]
    return disjoint([*closed, *letters, *grouped, *cued])


def bare_locator(text: str) -> str | None:
    """A whole message that can be nothing but the locator just asked for: 'qwxklm', 'Q W X K L M'."""
    word = re.sub(r"[\s.,:;!#-]", "", text).upper()
    return word if re.fullmatch(r"[A-Z0-9]{6}", word) and not word.isdigit() and word not in _NO_LOCATORS else None


def _is_closed(match: re.Match[str], text: str) -> bool:
    word = match[1]
    if word.isdigit() or word.isalpha():
        return False
    if _MEASURE.fullmatch(word) and word.lstrip("0123456789").lower() in _UNITS:
        return False
    return not _FLIGHT.fullmatch(word) or _cue_before(match, text)


def _is_letters(word: str, text: str) -> bool:
    return word not in _NO_LOCATORS and not text.isupper()


def _cue_before(match: re.Match[str], text: str) -> bool:
    return bool(_CUE_BEFORE.search(text, max(0, match.start(1) - 40), match.start(1)))


def _grouped(match: re.Match[str], *, cued: bool) -> Found[str] | None:
    """The shortest run of leading groups that makes six characters."""
    groups = re.split(r"[ -]", match[1])
    for count in range(2, len(groups) + 1):
        word = "".join(groups[:count])
        if len(word) == 6:
            end = match.start(1) + len(word) + count - 1
            span = Found(value=word.upper(), text=match.string[match.start(1) : end], start=match.start(1), end=end)
            return span if _is_spelled(groups[:count], word, cued) else None
    return None


def _is_spelled(groups: list[str], word: str, cued: bool) -> bool:
    if word.isdigit() or word.isalpha():
        return False
    if cued:
        return not any(group.lower() in _UNITS for group in groups)
    even = len({len(group) for group in groups}) == 1
    return even and not _WORDS & set(groups) and not _FLIGHT.fullmatch(word)
