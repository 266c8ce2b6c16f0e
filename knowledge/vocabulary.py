"""The fact vocabulary: the only names a rule may use, each with its type, unit, meaning and source.

A fact's source says who vouches for it: `service` a system of record, `clock` computed from it and the present moment,
`request` an argument naming an object the executor has read, `stated` the person's own words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, TypeVar, get_args

from knowledge.values import Kind

Source: TypeAlias = Literal["service", "clock", "request", "stated"]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One name of the vocabulary. `field` is the record field it is read or computed from."""

    name: str
    type: Kind
    unit: str
    meaning: str
    source: Source
    field: str


# name | type | source | field of the record | unit | meaning
_TABLE = """
booking.age | duration | clock | Booking.booked_at | | time since the booking was made
booking.booked_on | timestamp | service | Booking.booked_at | | when the booking was made
booking.time_to_departure | duration | clock | Segment.departs_at | | time until the first flight not flown departs
booking.status | string | service | Booking.status | | state of the booking: confirmed or cancelled
booking.fare_family | string | service | Fare.family | | fare family: light, classic or flex
booking.total_paid | int | service | Booking.total_paid_minor | minor units | price paid for the whole booking, taxes included
booking.taxes | int | service | Booking.taxes_minor | minor units | airport taxes and charges within the price
booking.refunded | int | service | Booking.refunded_minor | minor units | what has been refunded already
booking.unused_value | int | service | Segment.fare_minor | minor units | price of the flights not flown yet, taxes included
booking.unused_taxes | int | service | Segment.taxes_minor | minor units | taxes of the flights not flown yet
booking.extras_paid | int | service | Ancillary.price_minor | minor units | price of bags, seats and other extras
booking.currency | string | service | Booking.currency | | currency of the booking (ISO 4217)
booking.group_size | int | service | Booking.passengers | passengers | number of passengers in the booking
booking.any_flown | bool | service | Segment.status | | some flight of the booking has been flown
booking.any_no_show | bool | service | Segment.status | | some flight of the booking was missed without notice
booking.unaccompanied_minor | bool | service | Ssr.code | | a child of the booking travels alone (UMNR)

flight.departure | timestamp | service | Segment.departs_at | | scheduled departure
flight.time_to_departure | duration | clock | Segment.departs_at | | time until the scheduled departure
flight.time_since_departure | duration | clock | Segment.departs_at | | time since the scheduled departure
flight.departed | bool | clock | Segment.departs_at | | the scheduled departure has passed
flight.status | string | service | Segment.status | | state of the flight in the booking: confirmed, cancelled, flown or no_show
flight.event | string | service | FlightStatus.state | | what happened to the flight: none, delayed, cancelled, denied_boarding, downgraded, missed_connection, brought_forward, schedule_change, diverted or tarmac_delay
flight.carrier | string | service | Segment.operating_carrier | | operating carrier's code
flight.carrier_region | string | service | Segment.operating_carrier | | where the operating carrier is licensed: EU, UK, US, CA or other
flight.carrier_size | string | service | Segment.operating_carrier | | large or small, as Canada's regulations divide carriers
flight.origin | string | service | Segment.origin | | airport of departure (IATA)
flight.destination | string | service | Segment.destination | | airport of the final destination (IATA)
flight.origin_country | string | service | Segment.origin | | country of departure (ISO 3166)
flight.destination_country | string | service | Segment.destination | | country of the final destination (ISO 3166)
flight.origin_regions | strings | service | Segment.origin | | law regions of the airport of departure: EU, EU261, FR-OVERSEAS, UK, US, CA, MC99
flight.destination_regions | strings | service | Segment.destination | | law regions of the final destination
flight.connection_regions | strings | service | Segment.origin | | law regions of the connecting airports, empty without any
flight.international | bool | service | Segment.origin | | departure and final destination lie in different countries
flight.distance_km | double | service | Segment.origin | km | great circle from first departure to final destination
flight.cabin | string | service | Segment.cabin | | cabin booked: economy, premium_economy or business
flight.departure_delay | duration | service | FlightStatus.estimated_departure | | departure after the timetable
flight.arrival_delay | duration | service | FlightStatus.estimated_arrival | | arrival at the final destination after the timetable, doors open
flight.tarmac_delay | duration | service | FlightStatus.state | | time held aboard on the ground
flight.notice | duration | service | FlightStatus.announced_at | | how long before departure the passenger was told
flight.extraordinary | bool | service | FlightStatus.extraordinary | | extraordinary circumstances that no reasonable measure could avoid
flight.cause | string | service | FlightStatus.cause | | cause given by operations control
flight.control | string | service | FlightStatus.cause | | whose control the cause lay in: within_control, within_control_safety or outside_control
flight.stops | int | service | Booking.segments | connections | connections on the journey
flight.one_booking | bool | service | Booking.segments | | all flights of the journey stand in one booking
flight.price | int | service | Segment.fare_minor | minor units | price of the affected flight without taxes, one passenger
flight.unused_price | int | service | Segment.fare_minor | minor units | price of the unused part of the journey, taxes included, one passenger
flight.one_way_fare | int | service | Segment.fare_minor | minor units | one-way fare to the destination, taxes included, one passenger
flight.duration | duration | service | Segment.arrives_at | | scheduled flying time of the longest flight
flight.aircraft_seats | int | service | Segment.flight_number | seats | seats the aircraft is designed for
flight.oversale_exempt | bool | service | FlightStatus.cause | | too few seats only because a smaller aircraft or a weight limit was needed for safety

reroute.offered | bool | service | Booking.segments | | another way to the destination was offered
reroute.accepted | bool | service | Booking.segments | | the passenger travels on the alternative
reroute.departs_earlier | duration | service | Booking.segments | | how much earlier than booked the alternative departs
reroute.arrives_later | duration | service | Booking.segments | | how much later than booked the alternative arrives
reroute.next_departure | duration | service | FlightStatus.scheduled_departure | | wait from the booked departure to the next flight offered
reroute.more_connections | bool | service | Booking.segments | | the alternative has more connections than booked
reroute.other_airport | bool | service | Booking.segments | | the alternative leaves from or arrives at another airport
reroute.lower_cabin | bool | service | Booking.segments | | the alternative is in a lower cabin than booked
reroute.shift | duration | request | FlightStatus.scheduled_departure | | time between the booked departure and the flight wished
reroute.same_route | bool | request | FlightStatus.origin | | the flight wished joins the same airports
reroute.seats_left | int | request | FlightStatus.seats_left | seats | seats left on the flight wished

passenger.age_years | int | service | Passenger.birth_date | years | age on the day of travel
passenger.type | string | service | Passenger.type | | kind of passenger: adult, child or infant
passenger.with_adult | bool | service | Booking.passengers | | an adult travels in the same booking
passenger.assistance | strings | service | Ssr.code | | service codes of the passenger (WCHR, WCHS, WCHC, BLND, DEAF, UMNR ...)
passenger.tier | string | service | Profile.tier | | status in the loyalty programme: none, silver, gold or platinum
passenger.miles | int | service | Profile.miles | miles | miles in the account
benefit.kind | string | request | Profile.tier | | the benefit wished: lounge, priority, upgrade, fast_track, retro_miles or award
benefit.age | duration | clock | Segment.departs_at | | time since the flight or the last activity in the account
passenger.volunteer | bool | service | Segment.status | | gave up the seat for agreed benefits
passenger.on_time | bool | service | Segment.status | | presented in time for check-in and boarding, with valid papers
passenger.fare_public | bool | service | Fare.basis | | travels on a fare open to the public, or on an award
passenger.refused_for_cause | bool | service | Segment.status | | boarding was refused for health, safety, security or missing papers

change.fare_difference | int | request | FlightStatus.price_minor | minor units | new price less the old one, not below zero
change.time_to_departure | duration | clock | Segment.departs_at | | time until the flight to be changed departs
name.letters_changed | int | request | Passenger.surname | letters | letters that differ between the name booked and the name wished
name.reason | string | request | Passenger.surname | | reason of the correction: typing_error, legal_change or other_person
extra.kind | string | request | Ancillary.kind | | the extra wished: bag, seat, meal, lounge, assistance, sport or pet
extra.price | int | request | Ancillary.price_minor | minor units | price of the extra wished
extra.code | string | request | Ssr.code | | service code wished: WCHR, WCHS, WCHC, BLND, DEAF, DPNA, MAAS, MEDA, OXYG, STCR, WCBD, UMNR or a meal code
offer.total | int | request | FlightStatus.price_minor | minor units | price of the flights wished, all passengers

baggage.kind | string | request | Ancillary.kind | | kind of baggage: cabin, personal, checked, sport, instrument, mobility, child_item or special
baggage.item | string | request | Ancillary.description | | what it is: ski, bike, golf, surfboard, lithium_battery, power_bank, firearm, medicine ...
baggage.weight_kg | double | request | Ancillary.description | kg | weight of the piece
baggage.sum_cm | int | request | Ancillary.description | cm | length, width and height together
baggage.longest_cm | int | request | Ancillary.description | cm | longest side
baggage.pieces | int | request | Booking.ancillaries | pieces | pieces of the passenger, this one included
baggage.watt_hours | int | request | Ancillary.description | Wh | capacity of a battery
baggage.event | string | request | Claim.kind | | what happened to the bag: lost, delayed or damaged
baggage.delay | duration | service | Claim.opened_at | | time from leaving the aircraft to getting the bag
baggage.missing_for | duration | clock | Claim.opened_at | | time since the bag should have arrived
baggage.reported_after | duration | clock | Claim.opened_at | | time from receiving the bag, or getting it back, to the complaint
baggage.loss_xdr | int | service | Claim.amount_minor | minor units of XDR | proven loss in special drawing rights
baggage.declared_value_xdr | int | service | Claim.amount_minor | minor units of XDR | value declared against a fee at check-in, 0 without any
baggage.loss | int | service | Claim.amount_minor | minor units | proven loss in the currency of the booking
baggage.fault | bool | service | Claim.kind | | the damage to a cabin bag was the carrier's fault
baggage.inherent_defect | bool | service | Claim.kind | | the damage came from a defect of the bag itself
baggage.reckless | bool | service | Claim.kind | | the damage was done with intent, or recklessly and knowingly
baggage.checked | bool | service | Ancillary.kind | | the bag was checked in
baggage.fee_paid | int | service | Ancillary.price_minor | minor units | fee paid for the bag, one passenger
baggage.file_number | bool | service | Case.case_id | | a property report (PIR) was made at the airport

claim.regime | string | request | Claim.kind | | law the claim is made under: any, EC261, UK261, US-DOT, APPR or MC99
claim.question | string | request | Claim.kind | | what is claimed: compensation, refund, care, reroute, downgrade, denied_boarding, baggage_limit, claim_deadline, tarmac, fee_refund or delay_damages
claim.age | duration | clock | Claim.opened_at | | time from arrival, or planned arrival, to the claim
claim.damage_xdr | int | service | Claim.amount_minor | minor units of XDR | proven damage in special drawing rights
claim.wants_refund | bool | request | Claim.kind | | the passenger chose the money back instead of travelling
claim.paid_already | bool | service | Claim.status | | compensation for this flight was paid before

payment.method | string | service | Booking.payment | | way of payment: card, voucher, miles, invoice or other
payment.refund_due_for | duration | clock | Claim.opened_at | | time since the refund became due
voucher.age | duration | clock | Claim.opened_at | | time since the voucher was issued
voucher.value | int | service | Claim.amount_minor | minor units | value left on the voucher
voucher.transferable | bool | service | Claim.kind | | the voucher names no holder
voucher.other_person | bool | request | Claim.customer_id | | the voucher is to be used for another person than its holder
goodwill.value | int | request | Claim.amount_minor | minor units | value of the voucher offered
goodwill.miles | int | request | Claim.amount_minor | miles | miles offered
goodwill.given_before | int | service | Claim.kind | gestures | gestures of goodwill in the last twelve months
staff.role | string | service | Speaker.roles | | role of the member of staff: none, agent or supervisor
staff.own_case | bool | service | Case.customer_id | | the member of staff is a party to the case

pet.kind | string | request | Ancillary.description | | the animal: cat, dog, assistance_dog or other
pet.weight_kg | double | request | Ancillary.description | kg | weight of the animal with its carrier
pet.age_weeks | int | request | Ancillary.description | weeks | age of the animal
pet.in_cabin | bool | request | Ancillary.kind | | the animal is to travel in the cabin
pet.booked_before | int | service | Booking.ancillaries | animals | animals booked in the cabin already
health.weeks_pregnant | int | request | Ssr.text | weeks | weeks of pregnancy on the day of travel
health.multiple_pregnancy | bool | request | Ssr.text | | twins or more
health.certificate | bool | request | Ssr.text | | a doctor's certificate of fitness to fly is held
assistance.notice | duration | clock | Segment.departs_at | | time between the request and departure
assistance.battery | string | request | Ssr.text | | battery of the mobility aid: none, dry, spillable or lithium

identity.level | string | service | Grant.level | | how well the person is known: anonymous, booking, verified, authenticated, agent or supervisor
identity.codes_last_hour | int | service | Grant.level | codes | one-time codes sent to this contact in the last hour
identity.contact_changed_for | duration | clock | Contact.changed_at | | time since the contact was changed
consent.purpose | string | request | Consent.purpose | | purpose of the consent: marketing, personalisation, social_profile, partner_sharing or service_notifications
consent.granted | bool | service | Consent.granted | | a live consent for the purpose and channel exists
consent.wish | string | request | Consent.granted | | what is wished: grant or withdraw
notice.channel | string | request | Consent.channel | | channel of the message: email, sms, whatsapp or phone
notice.purpose | string | request | Consent.purpose | | purpose of the message: service, marketing or safety
notice.local_time | duration | clock | Profile.time_zone | | time of day where the customer is, since midnight
notice.approved | bool | service | NotificationReceipt.template | | the text is an approved template
profile.field | string | request | Profile.version | | what is to be changed: email, phone, language, home_airport, given_name, surname or birth_date
data.request | string | request | Profile.version | | what is asked for: export, erasure, correction or objection
data.request_age | duration | clock | Case.opened_at | | time since the request was received
data.open_claim | bool | service | Claim.status | | a claim of the person is still open

stated.reason | string | stated | | | why the person asks: bereavement, serious_illness, military, visa_refused, change_of_plans or other
stated.can_prove | bool | stated | | | the person says that a document proves the reason
stated.gave_up_travel | bool | stated | | | the person says that they no longer travel because of the disruption
"""  # noqa: E501 - one fact a row


def _rows() -> Iterator[Fact]:
    for line in _TABLE.splitlines():
        if line:
            name, kind, source, field, unit, meaning = (cell.strip() for cell in line.split("|"))
            yield Fact(
                name=name,
                type=_one_of(kind, get_args(Kind)),
                source=_one_of(source, get_args(Source)),
                field=field,
                unit=unit,
                meaning=meaning,
            )


def _one_of(text: str, allowed: tuple[T, ...]) -> T:
    return next(choice for choice in allowed if choice == text)


FACTS: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in _rows()})

ACTIONS = frozenset(
    {
        # What tools do.
        *("book_flight", "cancel_booking", "change_flight", "rebook_disrupted", "add_ancillary", "correct_name"),
        *("request_refund", "claim_compensation", "report_baggage", "send_notification", "update_profile"),
        *("set_consent", "issue_goodwill", "expedite_refund"),
        # What people ask for, decided the same way.
        *("accept_baggage", "accept_pet", "accept_passenger", "carry_item", "provide_care", "access_data"),
        *("file_claim", "claim_baggage", "claim_damages", "verify_identity", "use_benefit", "redeem_voucher"),
        *("take_payment", "pay_refund"),
    }
)
"""Everything a clause may govern."""
