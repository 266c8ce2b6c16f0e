"""Documents are cut where their headings are, and never longer than the limit unless one sentence is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.chunks import Document, cut


class Words:
    """Counts words, which is enough to see where the cuts fall."""

    def count(self, text: str) -> int:
        return len(text.split())

    def encode(self, text: str) -> list[int]:
        return list(range(self.count(text)))


def pieces(body: str, limit: int = 6) -> list[tuple[str, str]]:
    document = Document(id="D", title="Title", body=body)
    return [(chunk.heading, chunk.text) for chunk in cut([document], Words(), limit=limit)]


def test_each_heading_starts_a_chunk() -> None:
    assert pieces("Before.\n\n# One\nfirst\n\n## Two ##\nsecond") == [
        ("", "Before."),
        ("One", "first"),
        ("Two", "second"),
    ]


def test_a_long_section_is_cut_between_paragraphs() -> None:
    assert pieces("a b c\n\nd e f\n\ng h i") == [("", "a b c\n\nd e f"), ("", "g h i")]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    assert pieces("a b c d. e f g h. i j") == [("", "a b c d."), ("", "e f g h. i j")]


def test_an_empty_document_has_no_chunk() -> None:
    assert pieces(" \n\n") == []


def test_title_and_heading_are_embedded_with_the_text() -> None:
    document = Document(id="D", title="Pets", body="# In the cabin\nA carrier is needed.")
    (chunk,) = cut([document], Words())
    assert chunk.embedded_text == "Pets: In the cabin\nA carrier is needed."


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=12), min_size=1, max_size=8))
def test_no_word_is_lost_whatever_the_cuts(paragraphs: list[list[str]]) -> None:
    body = "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)
    assert " ".join(text for _, text in pieces(body)).split() == body.split()


def test_a_long_list_is_cut_between_lines() -> None:
    assert pieces("- a b\n- c d\n- e f") == [("", "- a b\n- c d"), ("", "- e f")]


def test_a_sentence_longer_than_the_limit_stays_whole() -> None:
    assert pieces("a b c d e f g h. i") == [("", "a b c d e f g h."), ("", "i")]
