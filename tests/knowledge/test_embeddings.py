"""Vectors are unit length, do not depend on their neighbours, and come from the file we measured."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.embeddings import EmbeddingModelError, MiniLM, load_minilm


def test_each_text_becomes_a_unit_vector(embedder: MiniLM) -> None:
    vectors = embedder.embed(["Can I cancel?", "How many bags?", ""])
    assert vectors.shape == (3, embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_text_becomes_no_vector(embedder: MiniLM) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_a_text_has_the_same_vector_alone_and_among_others(embedder: MiniLM) -> None:
    alone = embedder.embed(["My flight is late"])[0]
    among = embedder.embed(["word " * 300, "My flight is late"])[1]
    np.testing.assert_array_equal(alone, among)


def test_alike_sentences_are_nearer_than_unlike_ones(embedder: MiniLM) -> None:
    refund, money_back, dog = embedder.embed(["I want a refund", "Give me my money back", "May my dog come along?"])
    assert refund @ money_back > refund @ dog + 0.3


def test_words_past_the_length_of_the_model_are_ignored(embedder: MiniLM) -> None:
    short, long = embedder.embed(["word " * 254, "word " * 254 + "cancel"])
    np.testing.assert_array_equal(short, long)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match="cannot be read"):
        load_minilm(tmp_path / "model.onnx")


def test_another_file_than_the_expected_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"other")
    with pytest.raises(EmbeddingModelError, match="SHA-256"):
        load_minilm(tmp_path / "model.onnx")
