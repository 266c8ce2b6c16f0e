"""What the agent refuses to do for its caller, on top of tools/domain/errors.py.

ConciergeError
├── StoreUnavailable        our database cannot be reached: 503
└── CallerError             the caller must do something else; api turns each into a problem document
    ├── UnknownConversation     no such conversation, or not yours: 404
    ├── UnknownCase, UnknownOption  no such case or option: 404
    ├── CaseTaken               somebody else has the case: 409
    ├── UnknownProposal         no such proposal, or not yours: 404
    ├── BadMessage              empty, too long, control characters: 422
    ├── KeyReused               the Idempotency-Key came with another body: 422
    ├── ProposalGone            expired, declined or superseded: 409, with the new proposal if there is one
    └── Forbidden               this speaker may not do that: 403
"""

from agent.answers import ShownProposal
from tools.domain.errors import ConciergeError


class StoreUnavailable(ConciergeError):
    pass


class CallerError(ConciergeError):
    """The message of each is a sentence for a person."""


class UnknownConversation(CallerError):
    pass


class UnknownProposal(CallerError):
    pass


class UnknownCase(CallerError):
    pass


class UnknownOption(CallerError):
    pass


class CaseTaken(CallerError):
    pass


class BadMessage(CallerError):
    pass


class KeyReused(CallerError):
    pass


class Forbidden(CallerError):
    pass


class ProposalGone(CallerError):
    def __init__(self, reason: str, proposal: ShownProposal | None = None) -> None:
        super().__init__(reason)
        self.proposal = proposal
