"""Azure Event Hubs, by connection string or by managed identity: one place that knows how to reach it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from azure.eventhub import TransportType
from azure.eventhub.aio import CheckpointStore, EventHubConsumerClient, EventHubProducerClient
from azure.identity.aio import DefaultAzureCredential

from tools.domain.errors import SettingsError

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

    def producer(self) -> EventHubProducerClient:
        return self._client(EventHubProducerClient)  # type: ignore[no-any-return]

    def consumer(self, store: CheckpointStore | None = None) -> EventHubConsumerClient:
        return self._client(  # type: ignore[no-any-return]
            EventHubConsumerClient,
            consumer_group=self.consumer_group,
            checkpoint_store=store,
            load_balancing_interval=self.balancing_seconds,
            partition_ownership_expiration_interval=self.ownership_seconds,
        )

    def _client(self, kind: Any, **options: object) -> Any:
        options = {**_PATIENCE, **self._route(), **options}
        if self.connection_string is not None:
            return kind.from_connection_string(self.connection_string, eventhub_name=self.hub, **options)
        if self.namespace is None:
            raise SettingsError("CONCIERGE_EVENTHUB_NAMESPACE: neither a namespace nor a connection string is set")
        return kind(
            fully_qualified_namespace=self.namespace,
            eventhub_name=self.hub,
            credential=DefaultAzureCredential(),
            **options,
        )

    def _route(self) -> Mapping[str, object]:
        if self.endpoint is None:
            return {}
        verify = {"connection_verify": self.ca_file} if self.ca_file else {}
        return {"custom_endpoint_address": self.endpoint, "transport_type": TransportType.Amqp, **verify}


_PATIENCE = {"retry_total": 8, "retry_backoff_factor": 0.2, "retry_backoff_max": 5, "auth_timeout": 20}
