"""The people a demonstration is given with. Names, subjects and record locators are the same in every generation."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import Tier
from tools.ports import Subject

DECOY = RecordLocator("K7XQ2P")
"""Compared in place of a booking that does not exist, so that the answer takes as long."""


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    subject: Subject
    """As the services read it: customer:C000001, staff:agent-anna."""
    name: str
    role: Literal["customer", "agent", "supervisor", "evaluator"]
    story: str
    record_locator: RecordLocator | None = None

    @property
    def id(self) -> str:
        """The subject without its kind: C000001, agent-anna."""
        return self.subject.partition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Persona:
    """A demo customer, as the profile service knows them."""

    number: int
    given_name: str
    surname: str
    birth_date: date
    story: str
    locator: str
    tier: Tier = "none"
    miles: int = 0
    interests: tuple[str, ...] = ()

    @property
    def customer_id(self) -> CustomerId:
        return CustomerId(f"C{self.number:06}")

    @property
    def email(self) -> str:
        plain = "".join(letter for letter in self.surname.lower() if letter.isalpha())
        return f"{self.given_name.lower()}.{plain}@example.com"

    @property
    def loyalty_number(self) -> str | None:
        return f"GM{self.number:08}" if self.tier != "none" else None

    @property
    def phone(self) -> str:
        """From the range that Ofcom keeps for fiction."""
        return f"+447700900{self.number + 100}"


ADA = Persona(
    number=1,
    given_name="Ada",
    surname="Lindqvist",
    birth_date=date(1988, 3, 14),
    story="A flexible fare to Barcelona that she wants to cancel.",
    locator="K7XQ2P",
)
MARCO = Persona(
    number=2,
    given_name="Marco",
    surname="Ferri",
    birth_date=date(1993, 7, 2),
    story="A light fare booked a few hours ago, travel in three weeks: still free to cancel.",
    locator="M4RC7F",
)
JONAS = Persona(
    number=3,
    given_name="Jonas",
    surname="Weber",
    birth_date=date(1979, 11, 23),
    story="A light fare booked a month ago: not refundable.",
    locator="J8NW3B",
)
SOFIA = Persona(
    number=4,
    given_name="Sofia",
    surname="Almeida",
    birth_date=date(1990, 1, 30),
    story="Arrived in Lisbon four hours late after a technical fault.",
    locator="S5FA2L",
)
EMMA = Persona(
    number=5,
    given_name="Emma",
    surname="Novak",
    birth_date=date(1985, 9, 9),
    story="Her flight to Paris was cancelled three hours ago, at short notice.",
    locator="E6MN4V",
)
LIAM = Persona(
    number=6,
    given_name="Liam",
    surname="O'Brien",
    birth_date=date(1982, 5, 17),
    story="Back from Athens; his checked bag is not.",
    locator="L9BG8T",
)
HANNAH = Persona(
    number=7,
    given_name="Hannah",
    surname="Gruber",
    birth_date=date(1981, 2, 11),
    story="Guardian of Mia, who flies to Zurich alone.",
    locator="H3GM7U",
)
MIA = Persona(
    number=8,
    given_name="Mia",
    surname="Gruber",
    birth_date=date(2013, 8, 21),
    story="Aged twelve or so, an unaccompanied minor to Zurich.",
    locator="H3GM7U",
)
CLARA = Persona(
    number=9,
    given_name="Clara",
    surname="Jensen",
    birth_date=date(1975, 6, 5),
    story="Gold member on her way to New York; shares her interests.",
    locator="C2GD9J",
    tier="gold",
    miles=84_300,
    interests=("jazz", "running", "museums"),
)
PAUL = Persona(
    number=10,
    given_name="Paul",
    surname="Moreau",
    birth_date=date(1969, 12, 1),
    story="Has withdrawn every consent but e-mail about his flights.",
    locator="P7WD4C",
)
NADIA = Persona(
    number=11,
    given_name="Nadia",
    surname="Haddad",
    birth_date=date(1995, 4, 26),
    story="A classic fare to Madrid that she wants to move.",
    locator="N5CH8X",
)
TOM = Persona(
    number=12,
    given_name="Tom",
    surname="Baker",
    birth_date=date(1984, 10, 19),
    story="A family of four from Copenhagen to Athens through Vienna, and back.",
    locator="T4FM6W",
    tier="silver",
    miles=21_500,
)
INGRID = Persona(
    number=13,
    given_name="Ingrid",
    surname="Solberg",
    birth_date=date(1958, 8, 8),
    story="Cancelled weeks ago; the refund is overdue.",
    locator="R6VD2S",
)
VIKTOR = Persona(
    number=14,
    given_name="Viktor",
    surname="Petrov",
    birth_date=date(1991, 3, 3),
    story="A light fare whose booking remark tries to give orders.",
    locator="V8NJ3K",
)
YUKI = Persona(
    number=15,
    given_name="Yuki",
    surname="Tanaka",
    birth_date=date(1987, 12, 24),
    story="Two bookings: one flexible to London, one classic to Amsterdam.",
    locator="Y2TA4N",
)
GRACE = Persona(
    number=16,
    given_name="Grace",
    surname="Okafor",
    birth_date=date(1949, 5, 29),
    story="From London in a wheelchair; assistance is booked one way only.",
    locator="G3WC5A",
)
LUCA = Persona(
    number=17,
    given_name="Luca",
    surname="Rossi",
    birth_date=date(1998, 7, 13),
    story="Missed his outbound flight; the return is still ahead.",
    locator="B9NS2X",
)
ELENA = Persona(
    number=18,
    given_name="Elena",
    surname="Kovács",
    birth_date=date(1992, 9, 16),
    story="Changed her phone number this morning.",
    locator="D4KC7E",
)
OMAR = Persona(
    number=19,
    given_name="Omar",
    surname="Hassan",
    birth_date=date(1977, 1, 8),
    story="His flight to Dublin is delayed by five hours because of snow, and has not left yet.",
    locator="W3DW6H",
)
PERSONAS = (
    ADA,
    MARCO,
    JONAS,
    SOFIA,
    EMMA,
    LIAM,
    HANNAH,
    MIA,
    CLARA,
    PAUL,
    NADIA,
    TOM,
    INGRID,
    VIKTOR,
    YUKI,
    GRACE,
    LUCA,
    ELENA,
    OMAR,
)

_STAFF = (
    DemoPerson(
        subject=Subject("staff:agent-anna"), name="Anna Berger", role="agent", story="Works the contact-centre queue."
    ),
    DemoPerson(
        subject=Subject("staff:agent-ben"), name="Ben Carter", role="agent", story="Takes over what Anna gives back."
    ),
    DemoPerson(
        subject=Subject("staff:supervisor-carla"),
        name="Carla Nunes",
        role="supervisor",
        story="Approves what an agent may not decide alone.",
    ),
    DemoPerson(
        subject=Subject("staff:evaluator-dan"),
        name="Dan Fischer",
        role="evaluator",
        story="Runs the suites before anything ships.",
    ),
)


def demo_people() -> tuple[DemoPerson, ...]:
    customers = (
        DemoPerson(
            subject=Subject(f"customer:{persona.customer_id}"),
            name=f"{persona.given_name} {persona.surname}",
            role="customer",
            story=persona.story,
            record_locator=RecordLocator(persona.locator),
        )
        for persona in PERSONAS
    )
    return (*customers, *_STAFF)
