"""Words that set one figure apart from another: which fare, which bag, what happened, which way the money goes.

A figure said of one member of a set is no evidence for another member of the same set.
"""

import re
from collections.abc import Mapping
from typing import Literal

Bound = Literal["most", "least", ""]
Role = Literal["back", "charge", "owed", "paid", "gain", ""]

_SETS: Mapping[str, Mapping[str, str]] = {
    "fare": {
        "light": r"light",
        "classic": r"classic",
        "flex": r"flex",
        "business": r"business",
    },
    "cabin": {"economy": r"economy", "premium": r"premium", "business": r"business", "first": r"first class"},
    "tier": {"silver": r"silver", "gold": r"gold", "platinum": r"platinum"},
    "thing": {
        "cabin bag": r"(?:cabin|carry-?on|hand)[ -](?:bags?|baggage|luggage)|handgepäck\w*|bagages? (?:de )?cabine|"
        r"bagages? à main|equipaje de mano|bagaglio a mano|handbagage|bagagem de mão",
        "personal item": r"personal items?|under the seat|handbag|laptop bag|small (?:backpack|bag|item)",
        "checked bag": r"(?:checked|extra|additional|hold|another) (?:checked )?(?:bags?|baggage|luggage|suitcases?)|"
        r"check in|suitcases?|koffers?|valises?|maletas?|valigi[ae]",
        "sport": r"sports?(?: equipment)?|skis?|snowboards?|golf\w*|bikes?|bicycles?|surfboards?|diving\w*",
        "pet": r"pets?|dogs?|cats?|animals?",
        "seat": r"seats?(?! in front)|legroom",
        "meal": r"meals?|food|refreshments|drinks",
        "hotel": r"hotels?|accommodation",
        "lounge": r"lounges?",
        "name": r"names?|letters?|spell(?:ing|ed|t)?",
        "voucher": r"vouchers?",
        "miles": r"miles|points",
        "child": r"unaccompanied|infants?|bab(?:y|ies)|child(?:ren)?",
    },
    "event": {
        "late": r"late|later|delay(?:ed|s)?|verspätet|verspätung|retard\w*|retraso|ritardo|atras\w+",
        "damaged": r"damage[ds]?|broken",
        "lost": r"(?:counts? as|bags?|luggage|suitcase|is|are|was) lost|lost (?:bags?|luggage|baggage|suitcase)|"
        r"missing|"
        r"(?:has|have|did|does) not arrived?",
        "denied": r"denied|overbooked|overbooking|oversold|volunteers?",
        "downgraded": r"downgrad\w+|lower (?:class|cabin)",
    },
    "animal": {
        "dog": r"dogs?|hund\w*|chiens?|perros?|cani|cane|hond\w*",
        "cat": r"cats?|katze\w*|chats?|gatos?|gatt[oi]|kat(?:ten)?",
        "other": r"rabbits?|birds?|reptiles?|other animals",
    },
    "topic": {
        "bag": r"bags?|baggage|luggage|suitcases?|koffers?|\w*gepäck\w*|valises?|bagages?|equipaje|maletas?|"
        r"bagagli\w*|valigi[ae]",
        "pet": r"pets?|dogs?|cats?|animals?|hund\w*|katze\w*|chiens?|chats?|perros?|gatos?",
        "seat": r"(?:choos\w+|pick\w*|extra) (?:a |your )?seats?|seat (?:choice|selection)",
        "name": r"names?|spell(?:ing|ed|t)?",
    },
    "place": {
        "cabin": r"in(?:to)? the cabin|on board",
        "hold": r"in(?:to)? the (?:heated )?hold|im frachtraum|en soute|en bodega|in stiva",
    },
    "paying": {
        "card": r"(?:to|by|on|with) (?:a |your |the )?(?:\w+ )?card|card payments?|auf (?:die|ihre) karte",
        "voucher": r"(?:by|with|as) (?:a )?voucher",
        "miles": r"(?:by|with) miles",
        "invoice": r"by invoice",
    },
    "act": {
        "cancel": r"cancel\w*|storn\w+|annul\w+|cancela\w*|annull\w+|geannuleerd",
        "change": r"chang(?:e[ds]?|ing)|move[ds]?|moving|umbuch\w+|änderung\w*|modific\w+",
    },
}
_WILD = {"fare": re.compile(r"\b(?:any|all|every|whatever(?: your)?)\s(?:fare|ticket)s?\b", re.I)}
_READERS = {
    kind: re.compile(rf"\b(?:{'|'.join(f'({pattern})' for pattern in members.values())})\b", re.I)
    for kind, members in _SETS.items()
}
_MEMBERS = {kind: tuple(members) for kind, members in _SETS.items()}

Mark = tuple[str, str]


def marked(text: str) -> tuple[tuple[int, Mark], ...]:
    """The members named in a text, each with where: (17, ('fare', 'light')), (40, ('thing', 'cabin bag'))."""
    return tuple(
        (match.start(), (kind, _MEMBERS[kind][(match.lastindex or 1) - 1]))
        for kind, reader in _READERS.items()
        if kind not in _WILD or not _WILD[kind].search(text)
        for match in reader.finditer(text)
    )


_MOST = (
    r"up to|at most|no more than|not more than|max(?:imum|imal|imum of)?\.?(?: of)?|within|under|below|less than|"
    r"no later than|at the latest within|bis zu|höchstens|maximal|innerhalb(?: von)?|weniger als|jusqu'à|jusqu’à|"
    r"au plus|"
    r"moins de|hasta|como máximo|menos de|fino a|al massimo|entro|meno di|tot|maximaal|hoogstens|até|no máximo"
)
_LEAST = (
    r"at least|more than|over|above|from|after|beyond|(?:longer|larger|heavier|bigger|later|greater) than|"
    r"minimum(?: of)?|"
    r"mindestens|über|mehr als|ab|au moins|plus de|al menos|más de|almeno|più di|minstens|meer dan|pelo menos|mais de"
)
_BEFORE_FIGURE = re.compile(rf"\b(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))\s(?:the\s|a\s|an\s|EUR\s|[€$£]\s?)?$", re.I)
_AFTER_FIGURE = re.compile(
    r"^\s?(?:\(?(?P<most>max\w*|or less|or fewer|or under)|(?P<least>or more|or over|or longer))\b", re.I
)
NEGATION = re.compile(
    r"\b(?:no|not|non|never|cannot|without|unless|except|neither|nor|nothing|none|kein\w*|nicht|pas|sin|senza|geen|"
    r"niet|não|sem)\b|"
    r"n['’]t\b|"
    r"\bnon-",
    re.I,
)
OTHER_SIDE = re.compile(
    r"\b(?:longer|larger|heavier|bigger|beyond|otherwise|all other|the rest|dearer|länger\w*|plus longs?|más largos|"
    r"più lunghi|langere|mais longos)\b(?!\sthan\b|\s\d)",
    re.I,
)
"""The band after the last one that names its end: '75 EUR on longer flights'."""
BANDED = re.compile(
    r"\b(?:short|long|longer|shorter|other|distances?|depend\w*|medium|rest|between|first|up to|from|starting|"
    r"kurz\w*|lang\w*|courts?|"
    r"longs?|cort\w+|larg\w+|brev\w+|lung\w+|kort\w*)\b",
    re.I,
)


def bound_at(text: str, start: int, end: int) -> Bound:
    """Whether the words around a figure make it a ceiling or a floor."""
    before = _BEFORE_FIGURE.search(text[max(0, start - 30) : start])
    found = before or _AFTER_FIGURE.search(text[end : end + 16])
    if found is None:
        return ""
    return "most" if found["most"] else "least"


_ROLES: Mapping[Role, str] = {
    "back": r"refund\w*|back|reimburs\w+|return(?:ed|s)?|repa(?:id|y)|goes? to|zurück\w*|erstatt\w+|rembours\w+|"
    r"récup\w+|devol\w+|"
    r"devuel\w+|reembols\w+|rimbors\w+|terug\w*",
    "paid": r"total (?:price|cost)|price (?:of|for) (?:your|the) (?:booking|ticket|trip)|(?:ticket|booking|"
    r"trip) (?:has )?cost|you paid|total paid|paid (?:for|in total)|which you paid",
    "charge": r"(?:less|minus)(?=\s(?:a |the )?(?:EUR|[€$£]|\d))|fees?|charge[sd]?|costs?|price(?! of that)|"
    r"penalt(?:y|ies)|deduct\w*|keep|kept|surcharge|difference|"
    r"(?:to|extra|you(?: would|'d| will|'ll)?) pay|dearer|\w*gebühr\w*|kostet|kosten|frais|coûte\w*|cuesta\w*|"
    r"penaliz\w+|costa\w*|"
    r"penale|kost|custa\w*|taxa",
    "owed": r"compensat\w+|ow(?:e|ed|es)|entitled|due|entschädigung\w*|indemni\w+|anspruch|compensación|risarcimento",
    "gain": r"get|gets|receive[sd]?|erhalten|bekommen|recevrez|recibir\w*|riceverà|krijgt|ontvangt|receberá",
}
_WEAK = 6
"""'get' tells less than 'back' or 'fee', so it must stand that much nearer."""
_CLAUSE_BREAK = re.compile(r"[,;:]\s|[()]|\s[–—]\s")
_ROLE_WORD = re.compile("|".join(rf"(?P<{role}>\b(?:{pattern})\b)" for role, pattern in _ROLES.items()), re.I)
_SAME_ROLE = {frozenset({"gain", "back"}), frozenset({"gain", "owed"})}


def role_at(text: str, start: int, end: int) -> Role:
    """Which way the money goes: back to the person, charged, owed, paid before. By the nearest word of the figure's own
    clause that tells, else by the last one before it."""
    breaks = [match.start() for match in _CLAUSE_BREAK.finditer(text)]
    first = max((at for at in breaks if at < start), default=0)
    last = min((at for at in breaks if at >= end), default=len(text))
    return _nearest_role(text, (start, end), (first, last)) or _nearest_role(text, (start, end), (0, start))


def _nearest_role(text: str, figure: tuple[int, int], span: tuple[int, int]) -> Role:
    start, end = figure
    nearest: tuple[int, Role] = (1000, "")
    for match in _ROLE_WORD.finditer(text, *span):
        role = _role_of(match.lastgroup)
        distance = start - match.end() if match.end() <= start else match.start() - end
        distance += _WEAK if role == "gain" else 0
        if distance < nearest[0]:
            nearest = (distance, role)
    return nearest[1]


def roles_agree(one: Role, other: Role) -> bool:
    return not one or not other or one == other or frozenset({one, other}) in _SAME_ROLE


def _role_of(name: str | None) -> Role:
    return next((role for role in _ROLES if role == name), "")


_COUNTED = re.compile(
    r"^[\s-]*(?:\w+\s){0,2}?(?P<noun>passenger|people|person|booking|flight|bag|piece|suitcase|letter|seat|segment|"
    r"night|"
    r"call|case|code|minute|volunteer|leg|hour|bag)s?\b",
    re.I,
)


def counted_at(text: str, end: int) -> str:
    """What a bare number counts: 'passenger', 'booking', 'bag'; '' when the next words do not tell."""
    found = _COUNTED.match(text[end : end + 40])
    return _SYNONYMS.get(found["noun"].lower(), found["noun"].lower()) if found else ""


_SYNONYMS = {"people": "passenger", "person": "passenger", "suitcase": "bag", "piece": "bag", "leg": "flight"}
