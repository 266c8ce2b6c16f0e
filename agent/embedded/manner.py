"""How a message is put: as an order, a wish, a question of amount, of permission, of fact, or none of these.

'add a bag' and 'how much is a bag' mean nearly the same to an embedding; the manner tells a wish from a question.
"""

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

_OPENING = (
    r"^(?:(?:please|pls|plz|hi|hello|hey|good \w+|ok|and|also|kindly|just|(?:can|could|would|will) (?:you|u))[,!. ]+)*"
)
_ORDERS = ["add", "book", "cancel", "change", "move", "show", "list", "send", "resend", "email", "text", "give", "get", "put", "make", "reserve", "order", "buy", "refund", "report", "claim", "file", "open", "check", "find", "look", "tell", "update", "set", "stop", "turn", "switch", "unsubscribe", "subscribe", "correct", "fix", "rebook", "reroute", "call", "connect", "transfer", "let", "remove", "delete", "take", "pull", "request", "arrange", "note", "sign", "enable", "disable", "cxl", "drop", "search", "write", "play", "sing", "help", "reimburse", "return", "pay", "start", "submit", "amend", "swap", "need", "want"]  # fmt: skip
_MANNERS: Final = (
    rf"{_OPENING}(?:please )?(?:{'|'.join(_ORDERS)})\b",
    r"\b(?:i|we|id|my \w+) ?(?:'d|would)? ?(?:want|need|like|wish|would like|prefer|am looking|demand|request|require)\b|"
    r"\bi(?:'d| would) (?:like|love|prefer)\b|\bwanna\b|\bi'll take\b|\b(?:please|pls|plz)\b",
    r"\bhow (?:much|many|long|early|late|big|heavy|old|far|large|often)\b|\bprice\b|\bcost|\bfee\b|\bdeadline\b|\brules?\b|"
    r"\bpolicy\b|\bwhat (?:size|age|time|is the (?:fee|price|cost|limit|maximum))",
    r"\b(?:can|may|could|am|are|is|do|does|will|should|must) (?:i|we|my|a|an|the|you|it|there|one|they|children|pets)\b",
    r"\b(?:what|which|when|where|who|why|how)\b",
)
_PATTERNS = tuple(re.compile(pattern) for pattern in _MANNERS)


def manner(text: str) -> NDArray[np.float32]:
    """A vector of length 1 over the manners; the last place is 'none of these'."""
    plain = text.lower()
    found = [bool(pattern.search(plain)) for pattern in _PATTERNS]
    vector = np.array([*found, not any(found)], dtype=np.float32)
    unit: NDArray[np.float32] = vector / np.float32(np.linalg.norm(vector))
    return unit
