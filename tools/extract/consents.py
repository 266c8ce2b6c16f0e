"""Consent purposes and channels in plain words, and a withdrawal that needs no confirmation."""

import re
from dataclasses import dataclass

from tools.domain.records import Channel, Purpose
from tools.extract.found import Found, disjoint, found

_PURPOSES: tuple[tuple[Purpose, str], ...] = (
    ("partner_sharing", r"partners?\b|third[ -]part(?:y|ies)|shar(?:e|ing) (?:my |of my )?(?:data|details|"
                        r"information|info|personal data)|other companies|sell(?:ing)? my data"),
    ("social_profile", r"social(?: media| network\w*| profiles?)?|instagram|facebook|linkedin|tiktok|twitter"),
    ("personalisation", r"personali[sz]\w+|tailor\w*|recommendations?|profiling|target(?:ed|ing) (?:ads?|"
                        r"advert\w*|offers?)|track(?:ing)? my (?:behaviou?r|habits)"),
    ("marketing", r"marketing|newsletters?|offers?|promo(?:tion)?s?|promotional|deals?|advert\w*|ads|spam\w*|"
                  r"mailing lists?|sales (?:calls?|e-?mails?)|junk|discounts|commercial"),
    ("service_notifications", r"(?:flight|trip|booking|delay|gate|travel|service|status|schedule|check-?in) "
                              r"(?:notifications?|updates?|alerts?|messages?|changes?|reminders?|texts?|"
                              r"info\w*)|notifications?|alerts?|(?:messages?|updates?|texts?|e-?mails?|mails?|"
                              r"sms|calls?|whatsapps?) about (?:my|the|our) (?:flights?|trips?|bookings?|travels?|"
                              r"journeys?)|updates"),
)  # fmt: skip
_CHANNELS: tuple[tuple[Channel, str], ...] = (
    ("whatsapp", r"whats ?app|wa messages?"),
    ("email", r"e-?mail(?:s|ing|ed)?|mails?(?! list)|inbox"),
    ("sms", r"sms|text(?:s|ing|ed)?(?: messages?)?"),
    ("phone", r"phone(?: ?calls?)?|call(?:s|ing|ed)?(?= me| us|$| (?:with|about|from))|ring(?:ing)? me|"
              r"telephone|by call"),
)  # fmt: skip
_QUOTED = re.compile(r'"[^"\n]{12,}"|“[^”\n]{12,}”|„[^“”\n]{12,}[“”]|«[^»\n]{12,}»|^\s*>.*$', re.M)
"""Some words in quotation marks, or a line that a mail program marked as another's."""
_STOP = re.compile(
    r"\b(?:stop|quit|cease|(?:don'?t|do not|never) (?:ever |you )?(?:want|wish|send|e-?mail|mail|text|call|"
    r"ring|message|contact|use|share|sell|look|track|bother|spam|give|personali\w+|target|show|put|allow|"
    r"consent|agree)|no longer|no more|not? (?:any ?more|any longer)|unsubscribe|opt(?:ing)? (?:me )?out|"
    r"withdraw|revoke|"
    r"(?:remove|take|delete) (?:me|my \w+) (?:from|off)|turn (?:\w+ )?off|switch (?:\w+ )?off|disable|cancel "
    r"my (?:newsletter|subscription)|"
    r"leave me alone|off (?:your|the) (?:mailing )?list|without my permission|not allowed to|no consent|anymore)\b",
    re.I,
)
_ASKING = re.compile(
    r"^\s*(?:how|what|why|when|where|who|which|did|does|do you|do i|am i|is|are|if|whether|have i|has|will)\b", re.I
)
_POLITE = re.compile(r"^\s*(?:can|could|will|would) you (?:please |kindly )?", re.I)
_KEEP = re.compile(
    r"\b(?:don'?t|do not|never|not) (?:want (?:you )?to |please )?(?:stop|unsubscribe|opt out|turn off|disable|"
    r"remove|withdraw|cancel)\b|\bunless\b|\bmiss(?:ed|ing)?\b|"
    r"(?<!\bto )\b(?:get|gets|getting|got|receiv(?:e|es|ed|ing)|have|has|had|see|sees|is|are|were|sends?|sent|come|comes)"
    r" no (?:more|longer)\b|\bno (?:more|longer) (?:gets?|getting|receiv\w+|sees?|arriv\w+|comes?|coming|reach\w*|"
    r"than|space|room)\b|\bi wish(?! to)\b|"
    r"\bhow (?:do|can|would)\b|\bwhat (?:happens|if)\b|\bif i\b|\bdidn'?t\b|\bcan'?t\b|\bnever (?:got|received|"
    r"get|arriv)|don'?t (?:get|receive|see|have|know|understand|find)\b|"
    r"\bnot? (?:getting|receiving|received|got|arriv\w+)",
    re.I,
)
_SENDING = re.compile(
    r"\b(?:send|sending|e-?mail|mail|text|call|ring|messag|contact|spam|use|using|share|sharing|look|track|"
    r"bother|want|receive|get|subscri|consent|permission|marketing|newsletter|"
    r"whats ?app|sms|profil|personali|recommend|tailor|promo|offers?|deals?|ads|social|partner|third|alerts?|notification)",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """channel None: the purpose on every channel."""

    purpose: Purpose
    channel: Channel | None


def purposes(text: str) -> tuple[Found[Purpose], ...]:
    """The first that fits each stretch of words, the more particular purpose first."""
    values: list[Found[Purpose]] = []
    for purpose, words in _PURPOSES:
        for match in re.finditer(rf"\b(?:{words})", text, re.I):
            if not any(value.start < match.end() and match.start() < value.end for value in values):
                values.append(found(match, purpose))
    return tuple(sorted(values, key=lambda value: value.start))


def channels(text: str) -> tuple[Found[Channel], ...]:
    return disjoint([found(m, name) for name, words in _CHANNELS for m in re.finditer(rf"\b(?:{words})\b", text, re.I)])


def purpose_of(text: str) -> Purpose | None:
    """The purpose a request is about. A narrower purpose beside 'offers' wins: 'personalised offers'."""
    ranked = [purpose for purpose, _ in _PURPOSES]
    named = {value.value for value in purposes(text)}
    return next((purpose for purpose in ranked if purpose in named), None)


def withdrawals(text: str) -> tuple[Found[Withdrawal], ...]:
    """Consents the person takes back in their own words, sentence by sentence: 'stop emailing me offers'. What they quote
    of somebody else is not theirs."""
    own = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    plain = (own if re.search(r"\w", own) else text).replace("’", "'")
    values = (_withdrawal(match) for match in re.finditer(r"[^.!?;\n]+[.!?;]?", plain))
    return tuple(value for value in values if value)


def _withdrawal(match: re.Match[str]) -> Found[Withdrawal] | None:
    sentence = _POLITE.sub("", match[0])
    if not _STOP.search(sentence) or not _SENDING.search(sentence):
        return None
    if _ASKING.search(sentence) or _KEEP.search(sentence):
        return None
    purpose = purpose_of(sentence)
    channel = next((value.value for value in channels(sentence)), None)
    if purpose is None:
        return None
    return found(match, Withdrawal(purpose=purpose, channel=channel))
