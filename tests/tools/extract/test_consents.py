import pytest

from tools.extract.consents import channels, purpose_of, withdrawals


@pytest.mark.parametrize(
    ("text", "purpose", "channel"),
    [
        ("stop emailing me offers", "marketing", "email"),
        ("unsubscribe me from marketing", "marketing", None),
        ("can you stop texting me promotions?", "marketing", "sms"),
        ("please don't share my data with third parties", "partner_sharing", None),
        ("I revoke my consent to the use of my social media profile", "social_profile", None),
        ("I don't want personalised recommendations any longer", "personalisation", None),
        ("turn off whatsapp messages about my flights", "service_notifications", "whatsapp"),
        ("I no longer want marketing calls", "marketing", "phone"),
        ("take me off your mailing list", "marketing", None),
        ("Thanks for the flight. No more spam!", "marketing", None),
        ("no more emails about my flights please", "service_notifications", "email"),
        ("stop personal recommendations", "personalisation", None),
        ("I want no more emails about my trip", "service_notifications", "email"),
        ("I wish to receive no more offers", "marketing", None),
    ],
)
def test_a_withdrawal_is_read_in_the_persons_own_words(text: str, purpose: str, channel: str | None) -> None:
    assert [(w.value.purpose, w.value.channel) for w in withdrawals(text)] == [(purpose, channel)]


@pytest.mark.parametrize(
    "text",
    [
        "don't stop sending me offers",
        "how do I unsubscribe from marketing?",
        "why did you stop emailing me offers",
        "I never got the newsletter",
        "I don't get your offers",
        "I no longer receive your newsletter",
        "never mind, send me the offers",
        "I get no more emails about my flights",
        "you send no more emails about my flights, please fix that",
        "there are no more emails about my flights",
        "the emails about my flights no longer arrive",
        "I have no more emails about my flight, can you send me the confirmation",
        "I want recommendations but no more than two",
        "I wish no more emails about my flights were lost",
        "if I unsubscribe from the newsletter, what happens",
        "stop. cancel my booking",
        "I don't want to miss your offers",
        "I want to stop my trip",
        "please send me offers by email",
    ],
)
def test_a_question_a_complaint_and_a_grant_withdraw_nothing(text: str) -> None:
    assert withdrawals(text) == ()


def test_the_narrower_purpose_wins_beside_offers() -> None:
    assert purpose_of("you can use my data to personalise offers") == "personalisation"
    assert purpose_of("sign me up for the newsletter") == "marketing"
    assert purpose_of("cancel my booking") is None


def test_channels() -> None:
    assert [c.value for c in channels("by e-mail, SMS or Whats App, or call me")] == [
        "email",
        "sms",
        "whatsapp",
        "phone",
    ]
