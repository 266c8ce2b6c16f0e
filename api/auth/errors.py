"""Why a bearer token was not accepted.

ConciergeError
├── SignInRefused       the token, or what it says, is not good enough: 401
└── SignInUnavailable   the identity provider's keys cannot be read: 503
"""

from tools.domain.errors import ConciergeError


class SignInRefused(ConciergeError):
    """The message is for the caller. It never repeats the token."""


class SignInUnavailable(ConciergeError):
    pass
