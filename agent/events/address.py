"""Where the hub is. Data only: what speaks to it is imported when there is one (agent/events/hub.py)."""

from dataclasses import dataclass, field

BALANCING_SECONDS = 5.0
OWNERSHIP_SECONDS = 18.0
"""A killed reader's partitions are free after this, and are claimed at the next balancing: within 30 seconds."""


@dataclass(frozen=True, kw_only=True)
class HubAddress:
    """connection_string, or namespace (`name.servicebus.windows.net`) with the identity the process runs as."""

    hub: str
    connection_string: str | None = field(default=None, repr=False)
    namespace: str | None = None
    endpoint: str | None = None
    """`sb://host:port` when the namespace is reached through another address, such as a private endpoint."""
    ca_file: str | None = None
    consumer_group: str = "$Default"
    balancing_seconds: float = BALANCING_SECONDS
    ownership_seconds: float = OWNERSHIP_SECONDS
