"""Languages by their English or own name, as BCP 47 tags."""

import re

from tools.extract.found import Found, scan

_TAGS = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es", "español": "es",
    "italian": "it", "italiano": "it", "portuguese": "pt", "dutch": "nl", "polish": "pl", "swedish": "sv", "danish": "da",
    "norwegian": "no", "finnish": "fi", "czech": "cs", "greek": "el", "hungarian": "hu", "romanian": "ro",
    "croatian": "hr", "turkish": "tr", "arabic": "ar", "hebrew": "he", "japanese": "ja", "chinese": "zh", "korean": "ko",
}  # fmt: skip
_PATTERN = re.compile(r"\b(" + "|".join(sorted(_TAGS, key=len, reverse=True)) + r")\b(?! airlines)", re.I)


def languages(text: str) -> tuple[Found[str], ...]:
    """'write to me in German' -> de."""
    return scan(_PATTERN, text, lambda match: _TAGS[match[1].lower()])
