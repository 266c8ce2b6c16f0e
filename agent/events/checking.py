"""Whether the hub can be reached with what is set, for `concierge doctor`."""

import asyncio

from azure.core.exceptions import AzureError
from azure.eventhub.exceptions import EventHubError

from agent.events.address import HubAddress
from agent.events.hub import consumer_for
from tools.domain.errors import ServiceUnavailable

_SECONDS = 15.0


async def count_partitions(address: HubAddress) -> int:
    """Raises ServiceUnavailable with the reason in `detail`."""
    try:
        async with asyncio.timeout(_SECONDS), consumer_for(address) as client:
            return len(await client.get_partition_ids())
    except TimeoutError:
        raise ServiceUnavailable("event hub", f"no answer came within {_SECONDS:.0f} seconds") from None
    except (EventHubError, AzureError, OSError, ValueError) as error:
        raise ServiceUnavailable("event hub", f"{type(error).__name__}: {str(error).splitlines()[0][:160]}") from None
