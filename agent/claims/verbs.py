"""What an airline does for a person, by verb, in seven languages: the words behind 'I have cancelled' and 'we will
call'."""

from collections.abc import Mapping
from functools import lru_cache

from tools.extract.found import words

_REGULAR: Mapping[str, str] = {
    "cancel": "cancel void annul revoke",
    "pay": "refund reimburse credit compensate transfer deposit wire return",
    "change": "change move switch shift reschedule modify rebook reroute postpone amend",
    "book": "book reserve secure block purchase assign",
    "confirm": "confirm",
    "upgrade": "upgrade",
    "add": "add",
    "include": "include",
    "correct": "correct fix",
    "send": "email e-mail mail text",
    "open": "open file register report log submit raise create lodge start initiate launch trigger",
    "handoff": "hand pass connect escalate forward transfer",
    "update": "update save store note record unsubscribe subscribe flag",
    "erase": "erase delete remove",
    "waive": "waive",
    "give": "grant award issue offer provide gift credit",
    "contact": "call phone contact reach notify inform message alert",
    "arrange": "arrange organise organize",
    "prepare": "prepare",
    "deliver": "deliver ship return",
    "repair": "repair mend",
    "replace": "replace",
    "search": "search trace locate",
    "process": "process handle complete finalise finalize finish sort resolve settle execute expedite",
    "approve": "approve authorise authorize accept",
    "verify": "verify",
    "charge": "charge debit deduct",
    "sell": "sell",
}
_IRREGULAR: Mapping[str, str] = {
    "pay": "pay pays paid paying repay repays repaid repaying",
    "book": "hold holds held holding buy buys bought buying",
    "send": "send sends sent sending",
    "contact": "ring rings rang rung ringing write writes wrote written writing",
    "give": "give gives gave given giving",
    "deliver": "bring brings brought bringing",
    "cancel": "canceled canceling",
    "change": "rebooking",
    "update": "withdraw withdraws withdrew withdrawn withdrawing",
    "process": "done",
    "put": "put puts putting",
    "make": "make makes made making",
    "keep": "keep keeps kept keeping",
    "charge": "kept",
    "find": "find finds found finding",
    "see": "see sees saw seen seeing",
    "get": "get gets got getting",
}
_DOUBLED = frozenset({"transfer", "submit", "log", "ship", "flag", "cancel"})
BENIGN = words(
    "check look see help need try ask explain show find search wait start go walk guide tell read review "
    "understand know want like love think suggest recommend use stay be continue begin describe list summarise "
    "summarize focus stick listen note prepare draft tell double-check then first verify"
)
"""What somebody may say they will do, and it commits the airline to nothing."""
BENIGN_PAST = words(
    "found checked looked understood seen read searched been had tried got reviewed noticed heard learned come "
    "shown listed explained answered mentioned said told taken limited gone verified matched known wanted "
    "needed thought several asked-for received"
)
REPLY = words("reply answer respond help look take be assist join continue see read speak talk")
"""What a colleague will do once the conversation is handed over."""
ALSO_PRESENT = frozenset({"put", "read", "set", "held", "had"})
"""Past forms that are a present too."""
BEFALLS = words(
    "delayed cancelled damaged lost missed affected denied stolen disrupted diverted misplaced told asked promised"
)
"""What happens to a journey, whoever tells it."""
ORDINARY = frozenset({"search", "find", "see", "get", "keep", "make", "prepare", "verify", "process"})
"""What may be said to go on, and commits nobody."""
STATES = frozenset(
    {"cancel", "book", "confirm", "change", "upgrade", "add", "open", "update", "approve", "waive", "correct"}
)
WRITES = frozenset(
    {
        "cancel",
        "pay",
        "change",
        "book",
        "upgrade",
        "add",
        "correct",
        "update",
        "waive",
        "give",
        "charge",
        "approve",
    }
)

_STEMS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "cancel": "stornier gestrich annullier",
        "pay": "erstatt überwies überweis gutgeschrieb gutschreib zurückgezahlt zurückzahl rückerstatt ausgezahlt "
        "bezahl zahl entschädig",
        "book": "gebucht buch reservier",
        "change": "umgebucht umbuch geänder änder verschob verschieb verleg",
        "send": "gesendet gesandt send geschickt schick gemailt mail",
        "open": "aufgenomm gemeldet eröffnet eingereicht erfass registrier angelegt",
        "add": "hinzugefügt hinzufüg ergänz",
        "correct": "korrigier berichtig",
        "handoff": "weitergeleitet weiterleit übergeb weitergegeb verbind verbund",
        "confirm": "bestätig",
        "update": "aktualisier gespeichert notier vermerk abgemeldet",
        "waive": "erlass verzicht",
        "approve": "genehmig bewillig",
        "process": "veranlass erledig bearbeit kümmer",
        "give": "ausgestellt ausstell geschenkt gewähr",
        "contact": "rufen ruft rufe zurückruf angerufen anruf kontaktier informier benachrichtig melden meldet melde",
        "upgrade": "upgegradet hochgestuft",
    },
    "fr": {
        "cancel": "annul",
        "pay": "rembours vers crédit indemnis",
        "book": "réserv",
        "change": "modifi chang déplac reprogramm",
        "send": "envoy enverr adress",
        "open": "enregistr ouvert ouvr signal déclar dépos",
        "add": "ajout",
        "correct": "corrig",
        "handoff": "transmis transmett transfér",
        "confirm": "confirm",
        "update": "mis-à-jour not",
        "approve": "approuv accept",
        "process": "trait effectu",
        "give": "offert offr accord",
        "contact": "rappel appel contact inform préviend écri",
        "upgrade": "surclass",
    },
    "es": {
        "cancel": "cancel anul",
        "pay": "reembols devolv devuelt abon pag indemniz compens",
        "book": "reserv",
        "change": "cambi modific",
        "send": "envi mand",
        "open": "registr abiert abr present",
        "add": "añad",
        "correct": "correg",
        "handoff": "transfer pas",
        "confirm": "confirm",
        "update": "actualiz anot",
        "approve": "aprob",
        "process": "tramit proces gestion",
        "give": "ofrec conced regal",
        "contact": "llam contact inform avis escrib",
    },
    "it": {
        "cancel": "cancell annull",
        "pay": "rimbors pag accredit vers risarc",
        "book": "prenot riserv",
        "change": "modific cambi spost",
        "send": "invi mand sped",
        "open": "registr apert apr segnal",
        "add": "aggiun",
        "correct": "corre",
        "handoff": "trasfer pass inoltr",
        "confirm": "conferm",
        "update": "aggiorn",
        "approve": "approv",
        "process": "elabor gest",
        "give": "offert offr conces",
        "contact": "richiam chiam contatt inform avvis scriv",
    },
    "nl": {
        "cancel": "geannuleerd annuleer annuleren",
        "pay": "terugbetaal betaal vergoed overgemaakt gecrediteerd",
        "book": "geboekt boek gereserveerd reserveer",
        "change": "gewijzigd wijzig omgeboekt omboek veranderd",
        "send": "verstuurd stuur sturen gestuurd verzend verzonden gemaild",
        "open": "geregistreerd registreer gemeld ingediend geopend",
        "add": "toegevoegd toevoeg",
        "correct": "gecorrigeerd corriger",
        "handoff": "doorgegeven doorverb overgedragen doorgestuurd",
        "confirm": "bevestigd bevestig",
        "update": "bijgewerkt genoteerd",
        "approve": "goedgekeurd",
        "process": "verwerkt geregeld afgehandeld",
        "give": "geschonken gegeven",
        "contact": "bel bellen belt terugbel gebeld contact informeer",
    },
    "pt": {
        "cancel": "cancel anul",
        "pay": "reembols devolv pag credit indemniz",
        "book": "reserv",
        "change": "alter mud",
        "send": "envi mand",
        "open": "regist abert abr",
        "add": "adicion acrescent",
        "correct": "corrig",
        "handoff": "transfer encaminh pass",
        "confirm": "confirm",
        "update": "atualiz",
        "approve": "aprov",
        "process": "process trat",
        "give": "oferec conced",
        "contact": "lig contact inform avis escrev telefon",
    },
}


@lru_cache(maxsize=1)
def english() -> Mapping[str, frozenset[str]]:
    """Every form of every verb, with the acts it may mean."""
    forms: dict[str, frozenset[str]] = {}
    for act, verbs in _REGULAR.items():
        for verb in verbs.split():
            for form in _inflected(verb):
                forms[form] = forms.get(form, frozenset()) | {act}
    for act, said in _IRREGULAR.items():
        for form in said.split():
            forms[form] = forms.get(form, frozenset()) | {act}
    return forms


@lru_cache(maxsize=1)
def participles() -> frozenset[str]:
    """Past forms among them."""
    regular = {form for form in english() if form.endswith("ed")}
    return frozenset(regular | set(_PARTICIPLES.split()))


def acts_of(word: str) -> frozenset[str]:
    """The acts an English word may mean; the word's own stem when it is none we know."""
    known = english().get(word)
    return known if known else frozenset({f"~{stem(word)}"})


def foreign_acts(word: str, tongue: str) -> frozenset[str]:
    """The acts that a word of another language may mean, by its stem."""
    return frozenset(act for act, starts in _STEMS.get(tongue, {}).items() if word.startswith(tuple(starts.split())))


def stem(word: str) -> str:
    for ending in ("ing", "ied", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def _inflected(verb: str) -> tuple[str, ...]:
    if verb.endswith("e"):
        return (verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing")
    if verb.endswith("y"):
        return (verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
    plural = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x")) else f"{verb}s"
    root = f"{verb}{verb[-1]}" if verb in _DOUBLED else verb
    return (verb, plural, f"{root}ed", f"{root}ing")


_PARTICIPLES = (
    "paid repaid held bought sent rang rung wrote written gave given brought did done put made kept found saw seen got "
    "withdrew withdrawn told taken took been had understood heard read left lost won built set let come gone spoken "
    "spoke "
    "chosen chose begun began known shown cut met said thought felt drawn drew"
)
