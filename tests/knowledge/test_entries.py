"""Every text to embed has an id that changes when its words or its version do, and never otherwise."""

from knowledge.chunks import Chunk, Document
from knowledge.entries import Entry, entries_of


def entries(version: int = 1, text: str = "same", audience: str = "customer", asked: str = "why") -> list[Entry]:
    document = Document(id="D", title="T", body=text, version=version, audience=audience, asked=(asked,))
    chunks = [Chunk(document=document, ordinal=number, heading="", text=text) for number in range(2)]
    return list(entries_of(chunks, ["elsewhere"]))


def test_wording_phrasings_and_what_lies_outside_are_entries() -> None:
    assert [(entry.kind, entry.chunk) for entry in entries()] == [
        ("wording", 0),
        ("asked", 0),
        ("wording", 1),
        ("outside", None),
    ]


def test_ids_are_unique() -> None:
    assert len({entry.id for entry in entries()}) == 4


def test_an_id_changes_only_with_words_or_version() -> None:
    first = entries()[0].id
    assert entries(audience="staff")[0].id == first
    assert entries(asked="how")[0].id == first
    assert entries(version=2)[0].id != first
    assert entries(text="other")[0].id != first
    assert entries(asked="how")[1].id != entries()[1].id
