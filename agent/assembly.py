"""From parts to engine: tools, executor, graph, Concierge and the desk, each given what it needs and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from agent.board import Board
from agent.conversing import Conversing, Work
from agent.desk.deciding import Deciding
from agent.desk.desk import Desk
from agent.desk.hub import Hub
from agent.ladder import Ladder
from agent.loop import Loop
from agent.order import LocalOrder, Order
from agent.resolution.projecting import ProjectedOptions, project
from agent.resolution.resolving import Resolver
from agent.store.stores import Stores
from agent.telemetry.traced import TracedExecution, TracedExecutor, TracedPolicy
from agent.turn import Concierge
from knowledge.pack import PolicyPack
from knowledge.search import KnowledgeBase
from tools.booking import booking_tools
from tools.cases import case_tools, open_rescue
from tools.compensation import compensation_tools
from tools.consent import consent_tools
from tools.context import TurnContext
from tools.domain.hours import ServiceHours
from tools.domain.records import Booking
from tools.execution import Execution
from tools.executor import Executor
from tools.extras import extra_tools
from tools.journeys import journey_tools
from tools.notification import notification_tools
from tools.offers import offer_tools
from tools.own_cases import own_case_tools
from tools.payment import payment_tools
from tools.policies import policy_tools
from tools.policy import Policy
from tools.ports import Services
from tools.profile import profile_tools
from tools.resolutions import resolution_tools
from tools.step_up import StepUp, step_up_tools
from tools.tool import Tool


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the engine is made of; agent/bootstrap.py builds them. identity_key: hashes codes and attempt counters."""

    stores: Stores
    services: Services
    knowledge: KnowledgeBase
    pack: PolicyPack
    ladder: Ladder
    count: Callable[[str], int]
    clock: Callable[[], datetime]
    new_code: Callable[[], str]
    identity_key: bytes
    hours: ServiceHours
    stock_agent: bool = False
    hub: Hub = field(default_factory=Hub)
    board: Board = field(default_factory=Board)
    order: Order = field(default_factory=LocalOrder)


@dataclass(frozen=True, kw_only=True)
class Engine:
    concierge: Concierge
    desk: Desk
    deciding: Deciding
    resolver: Resolver
    executor: Executor
    execution: Execution


def assemble(parts: Parts) -> Engine:
    policy = TracedPolicy(pack=parts.pack, services=parts.services)

    async def options(booking: Booking, turn: TurnContext) -> ProjectedOptions:
        return project(*await resolver.for_customer(booking, turn))

    async def refresh(turn: TurnContext) -> TurnContext:
        return await conversing.refresh(turn)

    tools = (*_tools(parts, policy), *resolution_tools(options))
    executor = TracedExecutor(tools=tools, services=parts.services, policy=policy)
    execution = TracedExecution(
        executor=executor,
        store=parts.stores.proposals,
        clock=parts.clock,
        rescue=partial(open_rescue, parts.services),
    )
    resolver = Resolver(executor=executor, services=parts.services)
    loop = Loop(ladder=parts.ladder, executor=executor, refresh=refresh)
    conversing = Conversing(
        stores=parts.stores,
        loop=_in_a_graph(loop, parts.ladder) if parts.stock_agent else loop,
        executor=executor,
        execution=execution,
        count=parts.count,
        clock=parts.clock,
        order=parts.order,
        board=parts.board,
    )
    desk = Desk(services=parts.services, stores=parts.stores, conversing=conversing, hub=parts.hub, clock=parts.clock)
    deciding = Deciding(
        desk=desk,
        resolver=resolver,
        executor=executor,
        execution=execution,
        services=parts.services,
        stores=parts.stores,
        conversing=conversing,
        clock=parts.clock,
    )
    concierge = Concierge(
        stores=parts.stores,
        conversing=conversing,
        execution=execution,
        deciding=deciding,
        clock=parts.clock,
        desk=desk,
    )
    return Engine(
        concierge=concierge,
        desk=desk,
        deciding=deciding,
        resolver=resolver,
        executor=executor,
        execution=execution,
    )


def _in_a_graph(loop: Loop, ladder: Ladder) -> Work:
    from agent.graph import Graph  # noqa: PLC0415 imports LangGraph, some 10 MB

    return Graph(model=ladder.first_model, loop=loop)


def _tools(parts: Parts, policy: Policy) -> tuple[Tool, ...]:
    services = parts.services
    step_up = StepUp(services=services, store=parts.stores.identities, key=parts.identity_key, new_code=parts.new_code)
    return (
        *policy_tools(parts.knowledge),
        *step_up_tools(step_up),
        *booking_tools(services, policy),
        *journey_tools(services),
        *extra_tools(services),
        *payment_tools(services),
        *compensation_tools(services),
        *notification_tools(services),
        *profile_tools(services),
        *consent_tools(services),
        *offer_tools(services),
        *own_case_tools(services),
        *case_tools(services, parts.hours),
    )
