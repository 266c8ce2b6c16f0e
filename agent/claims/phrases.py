"""The few fixed sentences that stand in for what nothing backs, in the languages whose figures are read."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """quote: with the clause's title and its words, which stay as the clause has them."""

    no_figure: str
    no_promise: str
    not_yet: str
    quote: str


_ENGLISH = Phrases(
    no_figure="I would rather not give you a figure here that I cannot back with our policy.",
    no_promise="I cannot confirm that: nothing I have in front of me says so.",
    not_yet="Nothing has been done yet. It happens only when you confirm the card.",
    quote='Our policy "{}" says: {}',
)
_OTHERS: Mapping[str, Phrases] = {
    "de": Phrases(
        no_figure="Ich möchte hier keine Zahl nennen, die ich nicht mit unseren Regeln belegen kann.",
        no_promise="Das kann ich nicht bestätigen: Mir liegt nichts vor, was das sagt.",
        not_yet="Noch ist nichts geschehen. Es geschieht erst, wenn Sie die Karte bestätigen.",
        quote="In unserer Regel „{}“ heißt es: {}",
    ),
    "fr": Phrases(
        no_figure="Je préfère ne pas donner ici un chiffre que nos règles ne confirment pas.",
        no_promise="Je ne peux pas le confirmer : rien de ce que j'ai sous les yeux ne le dit.",
        not_yet="Rien n'est encore fait. Cela ne se fera que si vous confirmez la carte.",
        quote="Notre règle « {} » dit : {}",
    ),
    "es": Phrases(
        no_figure="Prefiero no dar aquí una cifra que nuestras normas no confirman.",
        no_promise="No puedo confirmarlo: nada de lo que tengo delante lo dice.",
        not_yet="Todavía no se ha hecho nada. Solo se hará cuando confirme la tarjeta.",
        quote="Nuestra norma «{}» dice: {}",
    ),
    "it": Phrases(
        no_figure="Preferisco non dare qui una cifra che le nostre regole non confermano.",
        no_promise="Non posso confermarlo: niente di ciò che ho davanti lo dice.",
        not_yet="Non è ancora stato fatto nulla. Avverrà solo quando conferma la scheda.",
        quote="La nostra regola «{}» dice: {}",
    ),
    "nl": Phrases(
        no_figure="Ik noem hier liever geen bedrag of getal dat onze regels niet bevestigen.",
        no_promise="Dat kan ik niet bevestigen: niets van wat ik voor me heb zegt dat.",
        not_yet="Er is nog niets gebeurd. Het gebeurt pas als u de kaart bevestigt.",
        quote='Onze regel "{}" zegt: {}',
    ),
    "pt": Phrases(
        no_figure="Prefiro não indicar aqui um valor que as nossas regras não confirmam.",
        no_promise="Não posso confirmar isso: nada do que tenho à frente o diz.",
        not_yet="Ainda não foi feito nada. Só será feito quando confirmar o cartão.",
        quote="A nossa regra «{}» diz: {}",
    ),
}


def phrases_in(tongue: str) -> Phrases:
    return _OTHERS.get(tongue, _ENGLISH)
