"""The names of things. An id is opaque text; only its maker may look inside."""

from typing import NewType

RecordLocator = NewType("RecordLocator", str)
CustomerId = NewType("CustomerId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
ProposalId = NewType("ProposalId", str)
CaseId = NewType("CaseId", str)
