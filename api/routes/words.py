"""Text as people may send it: what a message is, and the sentence that says so when it is not one."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST_MESSAGE = 4000
_LAYOUT = frozenset("\n\r\t")


def _readable(text: str) -> str:
    if not text.strip():
        raise ValueError("A message needs some text.")
    if len(text) > LONGEST_MESSAGE:
        raise ValueError(f"A message has at most {LONGEST_MESSAGE:,} characters; this one has {len(text):,}.")
    return _printable(text)


def _printable(text: str) -> str:
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in _LAYOUT for sign in text):
        raise ValueError("The text contains control characters, which cannot be read.")
    return text


MessageText = Annotated[
    str, AfterValidator(_readable), Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_MESSAGE})
]
ShortText = Annotated[str, AfterValidator(_printable), Field(max_length=1000)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
