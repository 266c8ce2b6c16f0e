"""The case service over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.clients.shapes import CASE, NOTE, PACKET
from tools.clients.wire import Wire
from tools.domain.ids import CaseId, CustomerId, RecordLocator
from tools.domain.records import Case, CaseNote, Severity
from tools.ports import Subject, Write

_CASES = "/case/v1/cases"
_SYSTEM = Subject("system")


@dataclass(frozen=True)
class HttpCases:
    wire: Wire

    async def get(self, case: CaseId, *, subject: Subject | None = None) -> Case:
        return await self.wire.read(CASE.one, self._path(case), subject=subject or _SYSTEM)

    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Case, ...]:
        found = await self.wire.read(
            CASE.many,
            _CASES,
            subject=subject or Subject(f"customer:{customer}"),
            params={"customer_id": customer},
        )
        return found.items

    async def queue(self) -> tuple[Case, ...]:
        return (await self.wire.read(CASE.many, _CASES, subject=_SYSTEM, params={"status": "queued"})).items

    async def assigned(self) -> tuple[Case, ...]:
        return (await self.wire.read(CASE.many, _CASES, subject=_SYSTEM, params={"status": "assigned"})).items

    async def packet(self, case: CaseId) -> Mapping[str, object]:
        return await self.wire.read(PACKET.one, f"{self._path(case)}/packet", subject=_SYSTEM)

    async def notes(self, case: CaseId) -> tuple[CaseNote, ...]:
        return (await self.wire.read(NOTE.many, f"{self._path(case)}/notes", subject=_SYSTEM)).items

    async def open(
        self,
        *,
        kind: str,
        severity: Severity,
        summary: str,
        packet: Mapping[str, object],
        customer: CustomerId | None,
        locator: RecordLocator | None,
        conversation_id: str | None,
        write: Write,
    ) -> Case:
        body = {
            "kind": kind,
            "severity": severity,
            "summary": summary,
            "packet": dict(packet),
            "customer_id": customer,
            "record_locator": locator,
            "conversation_id": conversation_id,
        }
        return await self.wire.write(CASE.one, "POST", _CASES, body, write=write)

    async def update(self, case: CaseId, *, status: str, assignee: str | None, write: Write) -> Case:
        body = {"status": status, "assignee": assignee}
        return await self.wire.write(CASE.one, "PATCH", self._path(case), body, write=write)

    async def add_note(self, case: CaseId, text: str, *, write: Write) -> CaseNote:
        return await self.wire.write(NOTE.one, "POST", f"{self._path(case)}/notes", {"text": text}, write=write)

    async def move(self, case: CaseId, customer: CustomerId, *, write: Write) -> Case:
        body = {"customer_id": customer}
        return await self.wire.write(CASE.one, "PUT", f"{self._path(case)}/customer", body, write=write)

    def _path(self, case: CaseId) -> str:
        return f"{_CASES}/{self.wire.segment(case)}"
