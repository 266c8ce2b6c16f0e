"""When colleagues are on duty. Pure: the moment is an argument."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d) ([A-Za-z]+(?:/[A-Za-z_]+)*)")


@dataclass(frozen=True, kw_only=True)
class ServiceHours:
    """Every day from opens, until before closes, on the clocks of a place (IANA time zone); past midnight too."""

    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def read(cls, written: str) -> "ServiceHours":
        """`06:00-22:00 Europe/Vienna`. Raises ValueError when it is something else."""
        found = _WRITTEN.fullmatch(written.strip())
        if found is None:
            raise ValueError(f"'{written}' is not written like 06:00-22:00 Europe/Vienna")
        try:
            zone = ZoneInfo(found[3])
        except KeyError:
            raise ValueError(f"there is no time zone {found[3]}") from None
        return cls(opens=time.fromisoformat(found[1]), closes=time.fromisoformat(found[2]), zone=zone)

    def on_duty(self, now: datetime) -> bool:
        clock = now.astimezone(self.zone).time()
        if self.opens == self.closes:
            return True
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes

    def in_words(self) -> str:
        if self.opens == self.closes:
            return "at any hour"
        place = self.zone.key.rpartition("/")[2].replace("_", " ")
        return f"every day from {self.opens:%H:%M} to {self.closes:%H:%M} ({place} time)"
