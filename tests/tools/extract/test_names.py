import pytest

from tools.extract.names import bare_surname, corrected_names, surnames


@pytest.mark.parametrize(
    ("text", "surname"),
    [
        ("Booking reference is B9 N3 KF, name Okonkwo", "Okonkwo"),
        ("K7XQ2P (Lindqvist)", "Lindqvist"),
        ("my surname is van der Berg", "van der Berg"),
        ("K7XQ2P O'Brien", "O'Brien"),
        ("lindqvist k7xq2p", "lindqvist"),
        ("it's under Silva, W6DQ4T", "Silva"),
        ("Name's Adeyemi.", "Adeyemi"),
        ("passenger Hoffmann", "Hoffmann"),
        ("hi my name is Anna Ferreira, booking number D7VY3H", "Ferreira"),
        ("in the name of Grünwald", "Grünwald"),
        ("Cancel D6FW4X. Brennan, D6FW4X.", "Brennan"),
        ("for Mrs Nakamura on D2VK8Y", "Nakamura"),
        ("surname okonkwo", "okonkwo"),
        ("K7XQ2P under O'Neill please", "O'Neill"),
        ("cancel my booking ABC123 Smith", "Smith"),
        ("the name on the booking is Paris, K7XQ2P", "Paris"),
        ("K7XQ2P. Regards, Anna Weber", "Weber"),
    ],
)
def test_a_surname_is_read_by_its_cue(text: str, surname: str) -> None:
    assert [found.value for found in surnames(text)] == [surname]


@pytest.mark.parametrize(
    "text",
    [
        "my name is spelt wrong on K7XQ2P",
        "name correction please",
        "how do name corrections work",
        "refund when passenger dies",
        "what are passenger rights",
        "please cancel K7XQ2P",
        "K7XQ2P please",
        "cxl K7XQ2P",
        "vegan for me, normal for the husband",
        "move K7XQ2P for Tuesday",
        "send K7XQ2P by WhatsApp",
        "is my trip K7XQ2P covered by EU 261",
        "my booking K7XQ2P is for Lisbon",
        "Urgent, K7XQ2P",
    ],
)
def test_words_beside_a_cue_are_no_names(text: str) -> None:
    assert surnames(text) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the ticket says Jon, should be John", "John"),
        ("please correct the surname from Petersen to Pedersen", "Pedersen"),
        ("they write Mohamad but my passport says Mohammed", "Mohammed"),
        ("correct the name to Anna Schmidt", "Anna Schmidt"),
        ("the name is Nguyen, not Nguen", "Nguyen"),
    ],
)
def test_the_right_spelling_is_read(text: str, name: str) -> None:
    assert [found.value for found in corrected_names(text)] == [name]


def test_no_spelling_is_read_where_no_name_is_spoken_of() -> None:
    assert corrected_names("I want to fly to Rome, it's Friday") == ()


def test_a_bare_answer_is_a_name_unless_it_asks_or_says_something() -> None:
    assert bare_surname("Lindqvist") == "Lindqvist"
    assert bare_surname("it's O'Brien") == "O'Brien"
    assert bare_surname("why do you need that?") is None
    assert bare_surname("I do not know") is None
