"""A sentence in one of six other languages, with its figure words put into English, so that one reader reads them all.

Only figures are put over: number words, months, weekdays, units and the ways to write a time. What the person reads is
never changed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from agent.claims.numerals import Tongue, number_words
from tools.extract.found import words

_COMMON: Mapping[str, frozenset[str]] = {
    "en": words(
        "the a an is are was were be been of to for and or in on at you your i we it this that will have has "
        "not no with if can may please would by from than as do does what which per there back here thank sorry"
    ),
    "de": words(
        "der die das den dem des ein eine einen einem einer ist sind war wurde wurden wird werden haben hat "
        "habe hatte sie ihr ihre ihren ihnen ich wir es und oder nicht kein keine mit für von zu zum zur auf "
        "aus bei bis im am an wenn dass leider bitte nach pro über uhr darf können kann sehr auch nur noch "
        "steht stehen zurück er"
    ),
    "fr": words(
        "le la les un une des du de au aux est sont était sera êtes avez avons vous votre vos nous notre je j "
        "il elle ce cette et ou ne pas pour par avec sans sur dans si que qui à en plus été fait pouvez peut "
        "droit d l c n y vol"
    ),
    "es": words(
        "el la los las un una unos del de al es son está están será ha han he hemos usted su sus le les lo yo "
        "nosotros y o no para por con sin sobre en si que puede pueden tiene tienen derecho hasta vuelo más muy "
        "también ya se"
    ),
    "it": words(
        "il lo la gli le un una uno del della dei delle di da al alla è sono sarà ha hanno ho abbiamo lei suo "
        "sua suoi vi ci si e o non per con senza su nel nella se che può possono diritto fino volo più anche "
        "già stata stato"
    ),
    "nl": words(
        "de het een is zijn was werd wordt worden heeft hebben heb u uw ik wij we en of niet geen met voor van "
        "naar op uit bij tot in als dat kunt kan mag recht per terug vlucht meer ook al krijgt er om te"
    ),
    "pt": words(
        "o a os as um uma do da dos das de ao é são está será foi tem têm temos você seu sua seus lhe eu nós e "
        "ou não para por com sem em no na se que pode podem direito até voo mais também já"
    ),
}
_MONTHS: Mapping[str, str] = {
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_ENGLISH_MONTHS = "January February March April May June July August September October November December"
_WEEKDAYS: Mapping[str, str] = {
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
}
_ENGLISH_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_UNITS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "hours": "stunde stunden std",
        "minutes": "minute minuten",
        "days": "tag tage tagen werktage arbeitstage",
        "weeks": "woche wochen",
        "months": "monat monate monaten",
        "years": "jahr jahre jahren",
        "percent": "prozent",
        "miles": "meilen",
        "pounds": "pfund",
        "today": "heute",
        "tomorrow": "morgen",
        "kg": "kilo kilogramm",
    },
    "fr": {
        "hours": "heure heures",
        "minutes": "minute minutes",
        "days": "jour jours",
        "weeks": "semaine semaines",
        "months": "mois",
        "years": "an ans année années",
        "miles": "miles",
        "pounds": "livres",
        "tomorrow": "demain",
        "today": "aujourd'hui",
        "kg": "kilos kilogrammes",
    },
    "es": {
        "hours": "hora horas",
        "minutes": "minuto minutos",
        "days": "día días",
        "weeks": "semana semanas",
        "months": "mes meses",
        "years": "año años",
        "miles": "millas",
        "pounds": "libras",
        "today": "hoy",
        "tomorrow": "mañana",
        "kg": "kilo kilos kilogramos",
    },
    "it": {
        "hours": "ora ore",
        "minutes": "minuto minuti",
        "days": "giorno giorni",
        "weeks": "settimana settimane",
        "months": "mese mesi",
        "years": "anno anni",
        "miles": "miglia",
        "pounds": "sterline",
        "today": "oggi",
        "tomorrow": "domani",
        "kg": "chilo chili",
    },
    "nl": {
        "hours": "uur uren",
        "minutes": "minuut minuten",
        "days": "dag dagen werkdagen",
        "weeks": "week weken",
        "months": "maand maanden",
        "years": "jaar jaren",
        "percent": "procent",
        "miles": "mijlen",
        "pounds": "pond",
        "today": "vandaag",
        "tomorrow": "morgen",
        "kg": "kilo",
    },
    "pt": {
        "hours": "hora horas",
        "minutes": "minuto minutos",
        "days": "dia dias",
        "weeks": "semana semanas",
        "months": "mês meses",
        "years": "ano anos",
        "miles": "milhas",
        "pounds": "libras",
        "today": "hoje",
        "tomorrow": "amanhã",
        "kg": "quilo quilos",
    },
}
_PER_CENT = re.compile(r"\b(?:pour|por|per)[\s-](?:cent[oi]?|ciento)\b", re.I)
_PHRASES = (
    (re.compile(r"(?<![\w.,:])(\d{1,2})\s?[hH]\s?(\d\d)\b"), r"\1:\2"),
    (re.compile(r"\b(\d{1,2}):(\d\d)\s(?:uhr|uur)\b", re.I), r"\1:\2"),
    (re.compile(r"\b(\d{1,2})\s(?:uhr)\b", re.I), r"\1:00"),
    (re.compile(r"(?<=\d)\.(?=\s[^\W\d_]{3,})"), ""),
    (re.compile(r"(\d)\s(?:de|di)\s(?=[^\W\d_]{3,})"), r"\1 "),
)
READ = frozenset({"en", *_UNITS})
"""The languages whose numbers are read."""
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 7


def tongue_of(text: str) -> tuple[str, bool]:
    """en, de, fr, es, it, nl or pt by the small words of a text, '' when none of them tells; and whether that is
    sure."""
    seen = _WORD.findall(text.lower())
    votes = {
        tongue: sum(word in common or word in _lexicon(tongue) for word in seen) for tongue, common in _COMMON.items()
    }
    best = max(votes, key=lambda tongue: (votes[tongue], tongue == "en"))
    found = best if votes[best] else _by_number_word(seen)
    return found, votes[best] > 1 or len(seen) < 3 or found == "en"


def in_english(text: str, tongue: str) -> str:
    """The same text with the figure words of its language in English: 'zwei Stunden' -> '2 hours'."""
    if tongue not in _UNITS:
        return text
    plain = _put_over(_PER_CENT.sub("%", text.replace("ß", "ss")), tongue)
    for pattern, put in _PHRASES:
        plain = pattern.sub(put, plain)
    return plain


def _by_number_word(seen: Sequence[str]) -> str:
    told = (tongue for tongue in _UNITS if any(word in _numbers(tongue) and len(word) > 3 for word in seen))
    return next(told, "")


def _put_over(text: str, tongue: str) -> str:
    """Word by word; of number words the longest run that is one number."""
    spoken = list(_TOKEN.finditer(text))
    out: list[str] = []
    at = place = 0
    while place < len(spoken):
        count, word = _read(spoken[place : place + _LONGEST], text, tongue)
        start, end = spoken[place].start(), spoken[place + count - 1].end()
        out += [text[at:start], word or text[start:end]]
        at, place = end, place + count
    return "".join([*out, text[at:]])


def _read(run: Sequence[re.Match[str]], text: str, tongue: str) -> tuple[int, str | None]:
    numbers = _numbers(tongue)
    for count in range(len(run), 0, -1):
        said = text[run[0].start() : run[count - 1].end()].lower().replace("-", " ")
        if said in numbers:
            return count, str(numbers[said])
    return 1, _lexicon(tongue).get(run[0][0].lower())


@lru_cache(maxsize=8)
def _lexicon(tongue: str) -> Mapping[str, str]:
    if tongue not in _UNITS:
        return {}
    pairs: Iterable[tuple[str, str]] = (
        *zip(_MONTHS[tongue].split(), _ENGLISH_MONTHS.split(), strict=True),
        *zip(_WEEKDAYS[tongue].split(), _ENGLISH_WEEKDAYS.split(), strict=True),
        *((word, unit) for unit, forms in _UNITS[tongue].items() for word in forms.split()),
    )
    return dict(pairs)


def _numbers(tongue: str) -> Mapping[str, int]:
    known: Tongue = tongue  # type: ignore[assignment]
    return number_words(known)
