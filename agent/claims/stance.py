"""How a sentence stands to what it says: of this person or of anybody, on a condition, as a question, as their own
words."""

import re
from dataclasses import dataclass

from agent.claims.reading import Reading


@dataclass(frozen=True, slots=True)
class Stance:
    """personal: it speaks of this person's case, so a decision or a record must back it; a clause does not.
    on_confirmation: it says what happens once the person confirms. general_if: it states a rule's own condition.
    question: it asks. quoting: it repeats what the person said, and grants nothing. hedged: it leaves open whether.
    leans: it means nothing without the sentence before ('That is 250 EUR.')."""

    personal: bool
    on_confirmation: bool
    general_if: bool
    question: bool
    quoting: bool
    hedged: bool
    leans: bool


_YOUR_OWN = (
    r"\bin your case\b|\bfor you\b|\b(?:both|all) of you\b|\b(?:in total|altogether|together,? (?:you|that|this|it))\b|"
    r"\byour (?:own |new |next |extra |light |classic |flex |total )*(?:refund|compensation|booking|reservation|trip|"
    r"ticket|flight|fee|"
    r"fare|claim|money|change|journey|total|voucher|credit|cost|price|seat|delay|case)\b|"
    r"(?<!what )(?<!way )(?<!which )(?<!amount )\byou (?:booked|paid|owe|flew|arrived|fly|bought|are flying|"
    r"were delayed)\b|"
    r"\b(?:we|i) (?:owe|refund|pay|give|offer|transfer) you\b|\b(?:because|since) you\b|(?:^|,\s)as you (?:have |"
    r"are |were )?(?!like|wish|want|can)\w+"
)
_YOU_GET = (
    r"\byou(?:['’]ll| will| would|['’]d| then| also)? (?:(?:get|receive)(?! (?:it|them|to)\b)|be (?:given|paid|"
    r"refunded|reimbursed|"
    r"compensated|credited|charged)|"
    r"pay|have (?:your|the) (?:money|refund)|have to pay)\b|\byou(?:['’]re| are) (?:\w+ )?(?:entitled|owed|due|"
    r"eligible|refunded)\b|"
    r"\byou qualify\b|\b(?:gives|makes|gets) you\b"
)
_FOREIGN_OWN = (
    r"\b(?:sie|ihnen) (?:erhalten|bekommen|haben anspruch|würden|steh\w+)|\b(?:ihre?[nmrs]?) (?:buchung|flug|"
    r"erstattung|entschädigung|ticket|"
    r"tarif|geld|rückerstattung)|steh(?:t|en) ihnen|ihnen steh|erhalten sie|bekommen sie|"
    r"\bvous (?:recevrez|recevez|avez droit|récup\w+|obt\w+|serez)|\bvotre (?:réservation|vol|remboursement|"
    r"indemni\w+|billet|tarif)|"
    r"\b(?:recibirá|tiene derecho|recupera\w*|su (?:reserva|vuelo|reembolso|billete))|"
    r"\b(?:riceverà|ha diritto|la sua (?:prenotazione)|il suo (?:volo|rimborso))|"
    r"\b(?:u (?:krijgt|ontvangt|heeft recht)|uw (?:boeking|vlucht|ticket))|\b(?:receberá|tem direito|a sua reserva|"
    r"o seu voo)"
)
_PERSONAL = re.compile(f"{_YOUR_OWN}|{_FOREIGN_OWN}", re.I)
_PERSONAL_GET = re.compile(_YOU_GET, re.I)
_CONFIRMING = re.compile(
    r"\b(?:if|once|when|as soon as|after|until|before) you(?:['’]ve| have)? (?:confirm|press|accept|agree|type|enter|"
    r"typed|entered|say yes|"
    r"click|go ahead)\w*|\bwenn sie (?:\w+ )?(?:bestätigen|jetzt)|\bsobald sie bestätigen|\bsi vous confirmez|"
    r"\bdès que vous confirmez|"
    r"\bif you (?:want|like|wish|would like)\b|\bplease confirm\b|\bif you cancel (?:now|it|this|today)\b",
    re.I,
)
_GENERAL_IF = re.compile(
    r"\b(?:if|when|whenever|unless|in case|as long as|provided|while|whoever|wenn|falls|sofern|lorsque|quand|cuando|"
    r"quando|wanneer)\b|"
    r"(?:^|[,;]\s)(?:si|se|als)\b",
    re.I,
)
_BAND = re.compile(
    r"\bfor (?:other |all other |longer |shorter |long |short |all )?(?:flights|distances|journeys|trips)\b|"
    r"\bon (?:a |other |all other |longer |shorter |long |short |all )?(?:flights?|light|classic|flex)\b|"
    r"\b(?:with|for|on) (?:a |an |the )?(?:light|classic|flex|business)\b|\b(?:in|im|en) (?:economy|business|"
    r"premium)\b|"
    r"(?<!your )\b(?:light|classic|flex)[ -](?:fares?|tickets?|tarif\w*|bookings?)\b|\bmembers\b|\bevery passenger\b|"
    r"\beach (?:flight|passenger|bag)\b|"
    r"\bbei flügen|\bauf (?:\w+ )?flügen|\bpour les (?:autres )?vols|\bsur les vols|\bpara vuelos|\bper i voli|"
    r"\bvoor vluchten|"
    r"\b(?:light|classic|flex)\*\*|\b(?:light|classic|flex|business|economy)(?=:|\s(?:you|is|are|there|gets?|"
    r"costs?)\b)",
    re.I,
)
_MAY = re.compile(
    r"\byou (?:can|may|could|might|must|should|need to|cannot|want)\b|\bmay\b|\b(?:darf|dürfen|kann|können|pouvez|"
    r"peut|puede|può|kunt|mag|"
    r"pode)\b",
    re.I,
)
_ASKS = re.compile(r"\?[\"')\]*\s]*$")
_OFFERS = re.compile(
    r"^\W*(?:(?:and|or|so|then|now|otherwise|alternatively|if not)\W+)?(?:would|could|can|shall|should|do|did|does|"
    r"is|are|which|what|when|"
    r"where|who|how|may|möchten|soll|wollen|voulez|souhaitez|desea|quiere|desidera|wilt)\b",
    re.I,
)
_QUOTES = re.compile(
    r"\b(?:you|your message) (?:said|mentioned|wrote|told me|asked|say|mention|write|ask|gave|typed|describe\w*)\b|"
    r"\byour friend|"
    r"\bwhether\b",
    re.I,
)
_HEDGE = re.compile(
    r"\b(?:may|might|could|whether|possibly|perhaps|depends|let me (?:check|see|look)|not sure|cannot (?:confirm|"
    r"promise|"
    r"guarantee|tell|say)|can['’]t (?:confirm|promise|guarantee|tell|say)|don['’]t (?:know|want)|do not know)\b",
    re.I,
)
_LEANS = re.compile(
    r"^\W*(?:(?:so|and|which|then|also|altogether)\W+)*(?:that|this|it|these|they|the (?:total|amount|sum|whole)|yes|"
    r"right|correct|exactly|"
    r"indeed|in total|minus|plus|less|of that|[€$£]?\d|[-*•])",
    re.I,
)
_AGREES = re.compile(r"^\W*(?:yes|right|correct|exactly|indeed|that['’]s right|sure|ja|oui|sí|sì|sim)\b", re.I)


def stance_of(reading: Reading, *, cited: bool, before: Stance | None) -> Stance:
    """before: the stance of the sentence it follows."""
    text = reading.plain
    confirming = bool(_CONFIRMING.search(text))
    named = any(figure.kind in ("locator", "flight") for figure in reading.figures)
    general_if = not confirming and bool(_GENERAL_IF.search(text))
    general = general_if or bool(_BAND.search(text))
    leans = bool(_LEANS.search(text))
    money = any(figure.kind in ("money", "percent") for figure in reading.figures)
    own = named or bool(_PERSONAL.search(text)) or (money and _fragment(text, cited=cited))
    gets = bool(_PERSONAL_GET.search(text)) and not _MAY.search(text)
    inherited = leans and before is not None and before.personal and not general
    asks = bool(_ASKS.search(text))
    return Stance(
        personal=named or inherited or ((own or gets) and not (general and not _decided(text))),
        on_confirmation=confirming,
        general_if=general_if,
        question=asks and (bool(_OFFERS.search(text)) or ";" in text or "," in text),
        quoting=bool(_QUOTES.search(text)),
        hedged=bool(_HEDGE.search(text)),
        leans=leans,
    )


def _fragment(text: str, *, cited: bool) -> bool:
    """'Yes, 600 euros.' answers for this person."""
    return not cited and (bool(_AGREES.search(text)) or len(text.split()) <= 3)


def _decided(text: str) -> bool:
    """What no condition makes general again."""
    return bool(
        re.search(
            r"\bin your case\b|\b(?:because|since) you\b|(?:^|,\s)as you (?!like|wish|want|can)|\byou (?:booked|paid|"
            r"flew|arrived)\b",
            text,
            re.I,
        )
    )
