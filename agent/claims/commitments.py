"""What a sentence commits the airline to: deeds told as done, promises and entitlements, in active, passive and
idiom, and in the main words of six languages beside English."""

import re
from collections.abc import Iterator
from functools import lru_cache

from agent.claims import verbs
from agent.claims.contrasts import NEGATION
from agent.claims.deeds import Deed
from agent.claims.done import done
from agent.claims.promised import promised
from agent.claims.rights import foreign_rights, free_and_full, rights
from agent.claims.things import thing_in

_AUX_DONE = {
    "de": r"habe|haben|hat|wurden?|worden|ist|sind",
    "fr": r"ai|avons|a|ont|est|sont|été",
    "es": r"he|hemos|ha|han|está|están|sido|fue|fueron",
    "it": r"ho|abbiamo|ha|hanno|è|sono|stat[aoei]",
    "nl": r"heb|hebben|heeft|is|zijn|werd|werden",
    "pt": r"foi|foram|está|estão|tem|têm|cancelei|reembolsei|enviei|reservei|alterei|adicionei",
}
_AUX_WILL = {
    "de": r"wird|werden|werde|wir|ich|kollegin|kollege|team|mitarbeiter\w*|jemand",
    "fr": r"allons|vais|va|vont|sera|serez|seront|\w+r(?:ons|ai|ont|a)",
    "es": r"vamos|voy|va|van|será|serán|\w+r(?:emos|é|án|á)",
    "it": r"sarà|saranno|verrà|verranno|\w+r(?:emo|ò|anno|à)",
    "nl": r"zal|zullen|wordt|worden|wij|we|ik|collega|iemand",
    "pt": r"vamos|vou|vai|vão|será|serão|\w+r(?:emos|ei|ão|á)",
}
_TO_THEIRS = re.compile(
    r"\b(?:ihre?\w?|ihnen)\b.*\b(?:wurden?|worden)\b.*\b\w+(?:t|en)\b|\bvotre\b.*\b(?:a|ont) été\b|"
    r"\bsus?\b.*\bha[n]? sido\b|"
    r"\b(?:la sua|il suo)\b.*\bè stat[oa]\b|\buw\b.*\b(?:is|werd)\s\w*ge\w+\b|\b(?:sua|seu)\b.*\bfoi\b"
)
_BEFALLEN = re.compile(
    r"verspätet|beschädigt|verloren|annulliert|gestrichen|retardé|endommagé|perdu|annulé|retrasad|dañad|perdid|"
    r"cancelad|"
    r"ritardat|danneggiat|pers[oa]|vertraagd|beschadigd|geannuleerd|atrasad|danificad"
)
_CONDITION = re.compile(
    r"\b(?:wenn|sobald|falls|si|quand|lorsque|dès que|cuando|quando|als|zodra|wanneer)\b[^,.;]*", re.I
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@lru_cache(maxsize=4096)
def deeds_of(text: str, tongue: str) -> tuple[Deed, ...]:
    """text: as the reading has it, figures in English."""
    if tongue in _AUX_DONE:
        return (*_foreign(text.lower(), tongue), *foreign_rights(text), *free_and_full(text))
    return (*done(text), *promised(text), *rights(text), *free_and_full(text))


def _foreign(text: str, tongue: str) -> Iterator[Deed]:
    """By the stem of the verb and the helping verb beside it; a condition is no deed."""
    text = _CONDITION.sub(" ", text)
    said = [word for word in _WORD.findall(text) if not thing_in(word)]
    acts = frozenset(act for word in said for act in verbs.foreign_acts(word, tongue))
    if NEGATION.search(text):
        return
    if _TO_THEIRS.search(text) and not acts and not _BEFALLEN.search(text):
        acts = frozenset({"~unknown"})
    future = re.search(rf"\b(?:{_AUX_WILL[tongue]})\b", text)
    past = re.search(rf"\b(?:{_AUX_DONE[tongue]})\b|\bj['’]ai\b", text)
    if acts and past and not (tongue == "de" and re.search(r"\bwird\b|\bwerden\b", text)):
        yield Deed(mood="done", acts=acts, words=text.strip())
    elif acts and future:
        yield Deed(mood="will", acts=acts, words=text.strip())
