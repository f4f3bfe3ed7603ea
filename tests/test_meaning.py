# Other words and another content told apart by a small embedding model, which is made here.
# Owns: a world of topics and synonyms. Refuses to know: which tests and findings there are beside.
import json
import random
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift import stats
from drift.cli import main
from drift.errors import UsageError
from drift.meaning import Meaning

TOPICS, WORDS = 6, 10


def word(topic: int, number: int) -> str:
    return f"{'abcdef'[topic]}word{number}"


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A Model2Vec model in which the words of one topic are nearly synonyms; returns its folder."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    rng = np.random.default_rng(1)
    vocabulary = {"[UNK]": 0}
    vectors = [np.zeros(16)]
    for topic in range(TOPICS):
        for number in range(WORDS):
            vocabulary[word(topic, number)] = len(vocabulary)
            vectors.append(np.eye(16)[topic] + rng.normal(0, 0.05, 16))
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    folder = tmp_path_factory.mktemp("model") / "tiny"
    StaticModel(np.array(vectors, np.float32), tokenizer).save_pretrained(folder)
    return folder


def again(topic):
    return topic


def another(topic):
    return (topic + 1) % TOPICS


@pytest.fixture
def ask(tmp_path, capsys):
    """Return what runs a command on a database of its own and returns its JSON document."""

    def run(*argv):
        assert main([*map(str, argv), "-d", str(tmp_path / "talk.db"), "--json"]) in {0, 1}
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def record(tmp_path, ask):
    """Return what imports a run: answers of 24 prompts, each about a topic, in words from `words`."""

    def run(label, *, words=(0, 5), topic=again, length=30, epochs=6):
        rng = random.Random(label)
        file = tmp_path / f"{label}.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            for number, epoch in product(range(24), range(epochs)):
                about = topic(number % TOPICS)
                line = {
                    "dataset": "talk",
                    "target": "acme/model",
                    "version_label": label,
                    "probe_id": f"p{number}",
                    "sample": epoch,
                    "prompt": f"Tell me of {number}.",
                    "purpose": "prose",
                    "output_text": " ".join(word(about, rng.randrange(*words)) for _ in range(length)),
                }
                lines.write(json.dumps(line) + "\n")
        ask("import", file)

    return run


SIDES = ("diff", "talk:acme/model@one", "talk:acme/model@two")


def explanation(document, rule):
    (found,) = [found["explanation"] for found in document["findings"] if found["rule"] == rule]
    return found


def test_other_words_for_the_same_are_told_from_another_content(ask, record, model):
    record("one")
    record("two", words=(5, 10))
    record("three", topic=another)
    said = explanation(ask(*SIDES, "--meaning", model), "text-distribution-shifted")
    assert "The same is said, as far as embeddings tell" in said
    said = explanation(
        ask("diff", "talk:acme/model@one", "talk:acme/model@three", "--meaning", model),
        "text-distribution-shifted",
    )
    assert "Something else is said as well" in said
    assert "furthest apart in p" in said


def test_without_a_finding_nothing_is_said_about_content(ask, record, model):
    record("one")
    record("two")
    document = ask(*SIDES, "--meaning", model)
    assert document["findings"] == []
    assert "embeddings" not in json.dumps(document)


def test_one_answer_a_prompt_is_held_against_a_repeat_where_there_is_one(ask, record, model):
    record("one", epochs=1)
    record("repeat", epochs=1)
    record(
        "two", epochs=1, topic=another, length=60
    )  # the length is the finding beside which content is asked
    alone = explanation(ask(*SIDES, "--meaning", model), "output-length-shifted")
    assert "without repeats there is nothing to hold that against" in alone
    held = ask(*SIDES, "--meaning", model, "--control", "talk:acme/model@repeat")
    controlled = explanation(held, "output-length-shifted")
    assert "Something else is said as well" in controlled
    assert "those of one model by" in controlled


def test_the_folder_may_stand_in_the_settings(tmp_path, ask, record, model):
    (tmp_path / "drift.yaml").write_text(f"meaning: {model}\n", encoding="utf-8")
    record("one")
    record("two", words=(5, 10))
    document = ask(*SIDES, "-c", tmp_path / "drift.yaml")
    assert "embeddings" in explanation(document, "text-distribution-shifted")


def test_a_vector_has_length_one_and_hostile_text_is_only_text(model):
    meaning = Meaning(model)
    known, unknown, hostile, empty = meaning.vectors(
        [word(1, 2), "nothing of it", f"\ud800 {word(1, 2)} \x00", ""]
    )
    assert sum(value * value for value in known) == pytest.approx(1)
    assert hostile == pytest.approx(known)
    assert not any(unknown)
    assert not any(empty)


def test_a_folder_without_a_model_is_named_and_nothing_is_downloaded(tmp_path, model):
    with pytest.raises(UsageError, match="holds no embedding model; name the folder of a Model2Vec model"):
        Meaning(Path("minishlab/potion-base-2M"))
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (broken / name).write_bytes((model / name).read_bytes()[:40])
    with pytest.raises(UsageError, match="cannot be read"):
        Meaning(broken).vectors(["text"])


def test_the_missing_package_is_named_with_its_extra(monkeypatch, model):
    monkeypatch.setitem(sys.modules, "model2vec", None)
    with pytest.raises(
        UsageError, match=r"needs the package model2vec; pip install 'model-drift-tracker\[semantic\]'"
    ):
        Meaning(model)


# ---------------------------------------------------------------- the test behind it


def unit(rng, centre, count):
    vectors = np.asarray(centre) + rng.normal(0, 0.5, (count, len(centre)))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).tolist()


def test_vectors_of_one_distribution_are_silent_and_of_another_are_not():
    rng = np.random.default_rng(4)
    centres = rng.normal(0, 1, (8, 5))
    ps = []
    for seed in range(100):
        sides = [[unit(rng, centre, 4) for centre in centres] for _ in range(2)]
        ps.append(stats.vector_mmd(*sides, resamples=200, seed=seed).p)
    assert np.mean(np.array(ps) <= 0.05) <= 0.12
    assert np.mean(np.array(ps) <= 0.5) == pytest.approx(0.5, abs=0.2)
    moved = stats.vector_mmd(
        [unit(rng, centre, 4) for centre in centres], [unit(rng, -centre, 4) for centre in centres]
    )
    assert moved.p < 0.01
    assert moved.effect > 0.5


@given(seed=st.integers(0, 10_000), n1=st.integers(2, 5), n2=st.integers(2, 5))
@settings(max_examples=25, deadline=None)
def test_the_effect_is_the_textbook_estimate_and_has_no_side(seed, n1, n2):
    rng = np.random.default_rng(seed)
    first, second = unit(rng, [1, 0, 0], n1), unit(rng, [0, 1, 0], n2)
    result = stats.vector_mmd([first], [second], resamples=20)

    def among(side):
        return np.mean([np.dot(a, b) for i, a in enumerate(side) for j, b in enumerate(side) if i != j])

    across = np.mean([np.dot(a, b) for a in first for b in second])
    assert result.effect == pytest.approx(among(first) + among(second) - 2 * across)
    assert stats.vector_mmd([second], [first], resamples=20).effect == pytest.approx(result.effect)


def test_texts_without_a_known_word_are_no_certainty():
    nothing = [[[0.0, 0.0]] * 3] * 4
    assert stats.vector_mmd(nothing, nothing).p == 1.0
    with pytest.raises(ValueError, match="against"):
        stats.vector_mmd(nothing, nothing[:1])
    with pytest.raises(ValueError, match="two"):
        stats.vector_mmd([[[1.0]]], [[[1.0]]])
