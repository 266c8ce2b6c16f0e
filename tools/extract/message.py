"""All that can be read in one message of a person, typed, with the words it was read from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tools.domain.money import Money
from tools.domain.records import Channel, Purpose
from tools.extract.baggage import bag_tags, loyalty_numbers, seats
from tools.extract.codes import codes
from tools.extract.consents import Withdrawal, channels, purposes, withdrawals
from tools.extract.contacts import emails, phones
from tools.extract.dates import dates
from tools.extract.durations import durations, percentages
from tools.extract.flights import flights
from tools.extract.found import Found, outside
from tools.extract.languages import languages
from tools.extract.locators import locators
from tools.extract.money import amounts
from tools.extract.names import corrected_names, surnames
from tools.extract.needs import needs
from tools.extract.numbers import numbers
from tools.extract.places import Route, places, route


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """Each tuple is in the order of the text."""

    locators: tuple[Found[str], ...]
    flights: tuple[Found[str], ...]
    dates: tuple[Found[date], ...]
    amounts: tuple[Found[Money], ...]
    numbers: tuple[Found[Decimal], ...]
    percentages: tuple[Found[Decimal], ...]
    durations: tuple[Found[str], ...]
    emails: tuple[Found[str], ...]
    phones: tuple[Found[str], ...]
    surnames: tuple[Found[str], ...]
    corrected_names: tuple[Found[str], ...]
    seats: tuple[Found[str], ...]
    bag_tags: tuple[Found[str], ...]
    loyalty_numbers: tuple[Found[str], ...]
    needs: tuple[Found[str], ...]
    purposes: tuple[Found[Purpose], ...]
    channels: tuple[Found[Channel], ...]
    withdrawals: tuple[Found[Withdrawal], ...]
    codes: tuple[Found[str], ...]
    languages: tuple[Found[str], ...]
    places: tuple[Found[str], ...]
    route: Route


def extract(text: str, *, today: date) -> Extracted:
    """Pure: the same words on the same day give the same values."""
    named = locators(text)
    tags, members, addresses = bag_tags(text), loyalty_numbers(text), emails(text)
    return Extracted(
        locators=outside(named, addresses, tags, members),
        flights=outside(flights(text), named, tags, members),
        dates=dates(text, today=today),
        amounts=amounts(text),
        numbers=numbers(text),
        percentages=percentages(text),
        durations=durations(text),
        emails=addresses,
        phones=outside(phones(text), tags, members),
        surnames=surnames(text),
        corrected_names=corrected_names(text),
        seats=seats(text),
        bag_tags=tags,
        loyalty_numbers=members,
        needs=needs(text),
        purposes=purposes(text),
        channels=channels(text),
        withdrawals=withdrawals(text),
        codes=outside(codes(text), tags, members),
        languages=languages(text),
        places=places(text),
        route=route(text),
    )
