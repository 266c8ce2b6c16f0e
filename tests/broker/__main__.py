"""`python -m tests.broker --port 5672 --hub events:4 --folder DIR`: the broker alone, until it is told to stop."""

import argparse
import asyncio
from pathlib import Path

from tests.broker.broker import Broker, hubs_of


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hub", action="append", default=[])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    broker = Broker(hubs_of(given.hub or ["events:4"], given.folder))
    await broker.start(given.port)
    print(broker.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
