"""What a deed is done to, and what a person may be given: the nouns of commitments and entitlements."""

import re
from collections.abc import Mapping

_THINGS: Mapping[str, str] = {
    "flight": r"flights?|vols?|vuelos?|voli?|vluchten|vlucht|flüge?|voos?",
    "booking": r"bookings?|reservations?|trips?|journeys?|tickets?|buchung(?:en)?|réservations?|reservas?|"
    r"prenotazion[ei]|"
    r"boeking(?:en)?|billets?",
    "hotel": r"hotels?",
    "seat": r"seats?",
    "bag": r"bags?|suitcases?|luggage|baggage",
    "voucher": r"vouchers?|gutscheine?",
    "miles": r"miles|points",
    "name": r"names?",
    "claim": r"claims?|complaints?|reports?",
    "contact": r"contact details|e-?mail address|phone number|address",
    "code": r"codes?",
    "confirmation": r"confirmations?",
    "car": r"cars?|taxis?|transfers?",
    "list": r"waiting list|list",
}
_THING = re.compile("|".join(rf"(?P<{name}>\b(?:{pattern})\b)" for name, pattern in _THINGS.items()), re.I)


def thing_in(text: str) -> str:
    """The first of these nouns in a text."""
    found = _THING.search(text)
    return found.lastgroup or "" if found else ""


def things_in(text: str) -> frozenset[str]:
    return frozenset(match.lastgroup for match in _THING.finditer(text) if match.lastgroup)


_PERKS: Mapping[str, str] = {
    "refund": r"(?<!non-)(?<!non)refund\w*|money back|reimburs\w+|erstatt\w+|rückerstatt\w+|rembours\w+|reembols\w+|"
    r"rimbors\w+|"
    r"geld zurück|terugbetal\w+|price back|amount back|(?:paid|pay|pays) back|goes? back|back to the way you paid|"
    r"comes? back",
    "compensation": r"compensat\w+|entschädigung\w*|indemni\w+|compensaci\w+|risarciment\w+|vergoeding",
    "voucher": r"vouchers?|gutschein\w*|bons?|vales?",
    "hotel": r"hotels?|accommodation",
    "meal": r"meals?|refreshments|verpflegung",
    "upgrade": r"upgrade\w*",
    "lounge": r"lounges?",
    "miles": r"miles|points",
    "discount": r"discounts?|rabatt|remise|descuento|sconto|korting|desconto|% off|percent off",
    "exception": r"exceptions?",
    "free": r"(?<!feel )(?<!duty-)free|complimentary|at our (?:expense|cost)|on the house|no (?:\w+ )?(?:fee|charge|"
    r"cost)s?|without (?:a |"
    r"any )?(?:\w+ )?(?:fee|charge)s?|"
    r"at no (?:extra )?(?:cost|charge)|not (?:cost|charge)\w* (?:you )?anything|nothing to pay|fee (?:is |"
    r"has been )?waived|waived|"
    r"kostenlos\w*|kostenfrei|gebührenfrei|gratis|gratuit\w*|sans frais|sin coste|gratuitamente|senza costi",
    "half": r"half (?:of )?(?:it|the|your|that)|halved|half back",
    "full": r"full (?:\w+ )?(?:refund|price|amount|fare|cost|sum|value)|in full|fully refund\w*|entire (?:amount|"
    r"price|fare)|"
    r"all of (?:it|your money)|every (?:cent|euro)|(?:the )?full \d[\d.,]*|vollen? (?:preis|betrag)|voll erstattet|"
    r"vollständig|"
    r"intégral\w*|íntegro|totalidad|totale",
}
PERK = re.compile("|".join(rf"(?P<{name}>(?<!\w)(?:{pattern})(?!\w))" for name, pattern in _PERKS.items()), re.I)
