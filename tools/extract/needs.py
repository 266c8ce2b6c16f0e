"""Special service requests as people put them, by their IATA four-letter code."""

import re

from tools.extract.found import Found, disjoint, found, words

_NEEDS: tuple[tuple[str, str], ...] = (
    ("WCHC", r"(?:cannot|can't|can not|unable to) (?:walk|move)(?: at all)?(?! far)|paraly[sz]ed|wheelchair "
             r"(?:to|into) (?:the |my |her |his )?seat"),
    ("WCHS", r"(?:cannot|can't|can not|unable to) (?:manage|climb|do|take|use|go up)(?: the)? (?:stairs|steps)"),
    ("WCHR", r"wheel ?-?chairs?|(?:cannot|can't|can not) walk far|walking (?:frame|stick)|rollator"),
    ("BLND", r"blind|visually impaired|partially sighted"),
    ("DEAF", r"deaf|hard of hearing|hearing impaired"),
    ("DPNA", r"dementia|alzheimer'?s?|autis(?:m|tic)|learning disabilit(?:y|ies)|hidden disabilit(?:y|ies)"),
    ("SVAN", r"(?:guide|service|assistance|hearing) dogs?"),
    ("UMNR", r"unaccompanied (?:minor|child)|(?:child|kid|son|daughter) (?:is )?(?:travell?ing|fl(?:y|ies|"
             r"ying)) alone"),
    ("PETC", r"(?:cat|dog|pet|rabbit) in (?:the )?cabin"),
    ("MEDA", r"oxygen|stretcher|medical clearance"),
    ("BSCT", r"bassinet|baby cot|cradle"),
    ("MAAS", r"meet(?: and|[- ]&)? assist(?:ance)?|(?:somebody|someone) (?:to "
             r")?(?:meet|guide|help)"),
    ("VGML", r"vegans?"),
    ("VLML", r"vegetarians?|veggie"),
    ("KSML", r"kosher"),
    ("MOML", r"halal|muslim meal"),
    ("HNML", r"hindu(?: meal)?|no beef"),
    ("GFML", r"gluten[ -]?(?:free|intoleran\w+)|coeliac|celiac"),
    ("DBML", r"diabetic"),
    ("LSML", r"low[ -]?(?:salt|sodium)"),
    ("NLML", r"(?:lactose|dairy)[ -]?(?:free|intoleran\w+)"),
    ("CHML", r"(?:child(?:ren)?(?:'?s)?|kids?(?:'?s)?) meals?"),
    ("BBML", r"baby (?:meal|food)"),
    ("SPML", r"(?:nut|peanut|egg|fish|food|soy) allerg\w+|allerg\w+"),
)  # fmt: skip
_PATTERN = re.compile("|".join(rf"(?P<{code}>\b(?:{words})\b)" for code, words in _NEEDS), re.I)
MEALS = words("VGML VLML KSML MOML HNML GFML DBML LSML NLML CHML BBML SPML")


_WHEELCHAIRS = ("WCHC", "WCHS", "WCHR")
"""To the seat, up the stairs, to the aircraft: each serves who needs the next one too."""


def needs(text: str) -> tuple[Found[str], ...]:
    """'a vegan meal and a wheelchair' -> VGML, WCHR; 'a wheelchair, I can't climb stairs' -> WCHS."""
    named = disjoint([found(m, m.lastgroup) for m in _PATTERN.finditer(text) if m.lastgroup])
    strongest = next((code for code in _WHEELCHAIRS if any(need.value == code for need in named)), None)
    return tuple(need for need in named if need.value not in _WHEELCHAIRS or need.value == strongest)
