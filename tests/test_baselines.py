# Baselines are sealed files that notice a change; acknowledgements have a reason, an owner and an end.

import datetime as dt
import gzip
from dataclasses import replace

import pytest

from drift.baselines import (
    INDEX,
    Acknowledgement,
    accept_baseline,
    acknowledge,
    baseline_name,
    file_name,
    find_baseline,
    read_acknowledgements,
    read_baselines,
    verify_baseline,
)
from drift.errors import ConfigError, UnmeasuredError, UsageError
from drift.model import Run

TODAY = dt.date(2026, 11, 24)
RUN = Run(
    id="run000000001",
    target="anthropic/claude-a",
    requested_model="claude-a",
    platform="anthropic",
    status="complete",
    created_at="2026-11-24T00:00:00+00:00",
    samples=2,
    seal="a" * 64,
    suite="smoke",
    suite_hash="b" * 64,
)
ENTRY = Acknowledgement(
    fingerprint="123456789012",
    rule="text-markdown-fence-added",
    reason="handled since 1.8.2",
    owner="billing",
    until=dt.date(2027, 2, 1),
)


def accept(folder, run=RUN, text='{"a": 1}\n', reason="reviewed by hand", **more):
    return accept_baseline(
        folder,
        run,
        lambda file: file.write(text),
        reason=reason,
        accepted_at="2026-11-24T00:00:00+00:00",
        **more,
    )


def test_an_accepted_baseline_is_found_again_with_all_its_facts(tmp_path):
    accepted = accept(tmp_path, by="ana", control="run000000002")
    assert read_baselines(tmp_path) == [accepted]
    assert find_baseline(tmp_path, "anthropic/claude-a") == accepted
    assert find_baseline(tmp_path, "anthropic/claude-b") is None
    path = verify_baseline(tmp_path, accepted)
    assert gzip.decompress(path.read_bytes()) == b'{"a": 1}\n'


def test_the_same_export_gives_the_same_bytes(tmp_path):
    first, second = (verify_baseline(folder, accept(folder)) for folder in (tmp_path / "a", tmp_path / "b"))
    assert first.read_bytes() == second.read_bytes()


def test_another_run_takes_the_place_of_the_baseline_and_leaves_the_others(tmp_path):
    accept(tmp_path)
    other = accept(tmp_path, replace(RUN, target="openai/gpt-a"))
    moved = accept(tmp_path, replace(RUN, id="run000000009"), text="{}\n", reason="the model moved, we agree")
    assert read_baselines(tmp_path) == [moved, other]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "anthropic--claude-a.jsonl.gz",
        INDEX,
        "openai--gpt-a.jsonl.gz",
    ]


@pytest.mark.parametrize("status", ["running", "incomplete"])
def test_only_a_complete_run_is_accepted(tmp_path, status):
    with pytest.raises(UsageError, match=f"is {status}"):
        accept(tmp_path, replace(RUN, status=status, seal=None))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("reason", ["", "  ", "TODO", "todo", "two\nlines", "half \ud800 a letter"])
def test_a_reason_has_to_say_something(tmp_path, reason):
    with pytest.raises(UsageError):
        accept(tmp_path, reason=reason)
    assert not list(tmp_path.iterdir())


def test_an_export_that_fails_leaves_the_old_baseline(tmp_path):
    accepted = accept(tmp_path)

    def fail(file):
        file.write("half")
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        accept_baseline(tmp_path, RUN, fail, reason="again", accepted_at="2026-11-25T00:00:00+00:00")
    assert read_baselines(tmp_path) == [accepted]
    assert verify_baseline(tmp_path, accepted)


DAMAGES = {
    "gone": (lambda path: path.unlink(), "is not at"),
    "other content": (lambda path: path.write_bytes(gzip.compress(b'{"a": 2}\n')), "was changed after"),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-9]), "cannot be read"),
    "no gzip": (lambda path: path.write_bytes(b"no gzip"), "cannot be read"),
    "a flipped byte": (
        lambda path: path.write_bytes(bytes([*path.read_bytes()[:12], 255, 255, 255])),
        "cannot be read",
    ),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES)
def test_a_changed_file_is_noticed_and_never_compared_with(tmp_path, damage, words):
    accepted = accept(tmp_path)
    damage(tmp_path / accepted.file)
    with pytest.raises(UnmeasuredError, match=words) as caught:
        verify_baseline(tmp_path, accepted)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("file: anthropic--claude-a.jsonl.gz", "file: ../../x.gz", "is no plain file name"),
        ("file: anthropic--claude-a.jsonl.gz", "file: .hidden", "is no plain file name"),
        ("samples: 2", "samples: two", "samples is missing or of the wrong kind"),
        ("run: run000000001", "", "run is missing or of the wrong kind"),
        ("reason:", "raison:", "unknown key 'raison'; did you mean 'reason'?"),
    ],
)
def test_a_damaged_list_is_an_error_with_its_line(tmp_path, before, after, words):
    accept(tmp_path)
    text = (tmp_path / INDEX).read_text()
    assert before in text
    (tmp_path / INDEX).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigError, match=words) as caught:
        read_baselines(tmp_path)
    assert f"{INDEX}:" in caught.value.where


HOSTILE = [
    "anthropic/claude-a",
    "anthropic/Claude-A",
    "anthropic/claude-a.",
    "anthropic/claude--a",
    "anthropic--claude-a",
    "../../../etc/passwd",
    "/etc/passwd",
    "a/..",
    ".",
    "",
    "con/nul",
    "a/b\x00c",
    "a/b\nc",
    "ünï/cödé",
    "a/" + "x" * 500,
    "a/" + "x" * 501,
    "data:openai/gpt-4@v1",
    "-rf/x",
    "a/b c",
    "a/b%2e",
    "🚲/🚲",
]


def test_hostile_names_become_safe_and_different_files():
    names = [file_name(target) for target in HOSTILE]
    assert len({name.lower() for name in names}) == len(HOSTILE)
    for name in names:
        assert name.isascii()
        assert len(name) <= 120
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        assert not name.startswith((".", "-"))


def test_an_import_is_accepted_under_its_data_set():
    assert baseline_name(RUN) == "anthropic/claude-a"
    assert baseline_name(replace(RUN, dataset="prime")) == "prime:anthropic/claude-a"


def test_an_acknowledgement_is_read_back_as_written(tmp_path):
    path = tmp_path / "acknowledged.yaml"
    acknowledge(path, ENTRY, today=TODAY)
    narrow = replace(ENTRY, targets=("anthropic/claude-a",), reason="only there: yes #1")
    acknowledge(path, narrow, today=TODAY)
    assert read_acknowledgements(path) == (ENTRY, narrow)


def test_a_second_acknowledgement_of_a_finding_replaces_the_first(tmp_path):
    path = tmp_path / "acknowledged.yaml"
    acknowledge(path, ENTRY, today=TODAY)
    later = replace(ENTRY, reason="still true", until=dt.date(2027, 3, 1))
    acknowledge(path, later, today=TODAY)
    assert read_acknowledgements(path) == (later,)


def test_nobody_acknowledged_anything_without_a_file(tmp_path):
    assert read_acknowledgements(tmp_path / "none.yaml") == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": "TODO"}, "is not a reason"),
        ({"reason": " "}, "is not a reason"),
        ({"owner": ""}, "is not an owner"),
        ({"until": dt.date(2026, 11, 23)}, "is past"),
        ({"until": dt.date(2027, 3, 25)}, "more than 120 days ahead; choose 2027-03-24 or earlier"),
        ({"fingerprint": "text-markdown-fence-added"}, "is no fingerprint"),
        ({"fingerprint": "12345"}, "is no fingerprint"),
    ],
)
def test_an_acknowledgement_that_says_too_little_is_refused(tmp_path, change, words):
    with pytest.raises(UsageError, match=words):
        acknowledge(tmp_path / "acknowledged.yaml", replace(ENTRY, **change), today=TODAY)
    assert not list(tmp_path.iterdir())


LINES = {
    "fingerprint": "'123456789012'",
    "rule": "text-markdown-fence-added",
    "reason": "handled",
    "owner": "billing",
    "until": "2027-02-01",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": "TODO"}, "reason is still TODO"),
        ({"reason": "''"}, "reason is missing"),
        ({"owner": None}, "owner is missing"),
        ({"owner": "7"}, "owner is no text"),
        ({"until": "soon"}, "until is no day"),
        ({"until": None}, "until is no day"),
        ({"fingerprint": "123456789012"}, "fingerprint is no text; put it in quotes"),
        ({"fingerprint": "'xyz'"}, "is no fingerprint"),
        ({"targets": "anthropic/claude-a"}, "targets is no list"),
        ({"message": "text"}, "unknown key 'message'"),
    ],
)
def test_a_file_with_an_incomplete_entry_is_an_error_with_its_line(tmp_path, change, words):
    path = tmp_path / "acknowledged.yaml"
    fields = {key: value for key, value in {**LINES, **change}.items() if value is not None}
    path.write_text(
        "- " + "\n  ".join(f"{key}: {value}" for key, value in fields.items()) + "\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=words) as caught:
        read_acknowledgements(path)
    assert f"{path}:" in caught.value.where


def test_the_same_finding_twice_is_an_error(tmp_path):
    path = tmp_path / "acknowledged.yaml"
    entry = "- " + "\n  ".join(f"{key}: {value}" for key, value in LINES.items()) + "\n"
    path.write_text(entry * 2, encoding="utf-8")
    with pytest.raises(ConfigError, match="is acknowledged twice"):
        read_acknowledgements(path)
