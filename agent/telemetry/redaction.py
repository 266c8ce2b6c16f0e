"""What no log line may hold: shapes of personal data and of secrets, taken out before a line is written."""

import re

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("token", re.compile(r"\beyJ[\w-]+\.[\w-]*\.?[\w-]*|(?i:bearer)\s+\S+")),
    ("url-login", re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")),
    ("key", re.compile(r"(?i)\b(?:password|secret|api[_-]?key|sharedaccesskey|accountkey|sig)\b\s*[=:]\s*\S+")),
    ("e-mail", re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")),
    ("iban", re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b")),
    ("card", re.compile(r"\b\d(?:[ -]?\d){12,18}\b")),
    ("customer", re.compile(r"\b(?:customer:)?C\d{6}\b")),
    ("document", re.compile(r"\b[A-Z]{1,2}\d{6,8}\b")),
    ("phone", re.compile(r"(?<![\w.])(?:\+|00)\d(?:[ ()./-]{0,2}\d){6,14}\b|\(0\d{1,5}\)[ ]?\d[\d ]{4,}\b")),
    ("birth date", re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d(?![T\d])|\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d\b")),
    ("address", re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b", re.IGNORECASE)),
    ("locator", re.compile(r"\b(?=[A-Z0-9]{6}\b)(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6}\b")),
    ("code", re.compile(r"\b\d{6}\b")),
    ("secret", re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{40,}(?![\w-])")),
)


def redact(text: str) -> str:
    for name, shape in _SHAPES:
        text = shape.sub(f"[{name}]", text)
    return text
