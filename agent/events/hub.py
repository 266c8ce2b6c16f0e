"""Azure Event Hubs, by connection string or by managed identity: one place that knows how to reach it."""

from collections.abc import Mapping
from typing import Any

from azure.eventhub import TransportType
from azure.eventhub.aio import CheckpointStore, EventHubConsumerClient, EventHubProducerClient
from azure.identity.aio import DefaultAzureCredential

from agent.events.address import HubAddress
from tools.domain.errors import SettingsError

_PATIENCE = {"retry_total": 8, "retry_backoff_factor": 0.2, "retry_backoff_max": 5, "auth_timeout": 20}


def producer_for(address: HubAddress) -> EventHubProducerClient:
    return _client(EventHubProducerClient, address)  # type: ignore[no-any-return]


def consumer_for(address: HubAddress, store: CheckpointStore | None = None) -> EventHubConsumerClient:
    return _client(  # type: ignore[no-any-return]
        EventHubConsumerClient,
        address,
        consumer_group=address.consumer_group,
        checkpoint_store=store,
        load_balancing_interval=address.balancing_seconds,
        partition_ownership_expiration_interval=address.ownership_seconds,
    )


def _client(kind: Any, address: HubAddress, **options: object) -> Any:
    options = {**_PATIENCE, **_route(address), **options}
    if address.connection_string is not None:
        return kind.from_connection_string(address.connection_string, eventhub_name=address.hub, **options)
    if address.namespace is None:
        raise SettingsError("CONCIERGE_EVENTHUB_NAMESPACE: neither a namespace nor a connection string is set")
    return kind(
        fully_qualified_namespace=address.namespace,
        eventhub_name=address.hub,
        credential=DefaultAzureCredential(),
        **options,
    )


def _route(address: HubAddress) -> Mapping[str, object]:
    if address.endpoint is None:
        return {}
    verify = {"connection_verify": address.ca_file} if address.ca_file else {}
    return {"custom_endpoint_address": address.endpoint, "transport_type": TransportType.Amqp, **verify}
