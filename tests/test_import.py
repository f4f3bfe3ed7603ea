# Recorded outputs become runs; a bad file leaves nothing.

import gzip
import io
import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.canonical import canonical
from drift.errors import ImportFormatError, UsageError
from drift.importers import FORMATS, Imported, import_files
from drift.importers.recorded import MAX_LISTED
from drift.model import Exchange, Expect, Message, Tool
from drift.store import Store
from tests.store_support import RUN_ID, add, database_rows, line, make_probe, make_run, write_lines

pytest_plugins = ["tests.store_fixtures"]


@pytest.fixture
def bring(store, tmp_path):
    """Import lines (or raw bytes) as one file and return its runs."""

    def bring(*content, notices: list | None = None) -> list[Imported]:
        path = tmp_path / "in.jsonl"
        if isinstance(content[0], bytes):
            path.write_bytes(b"".join(content))
        else:
            write_lines(path, list(content))
        return import_files(store, [path], notice=(notices if notices is not None else []).append)

    return bring


def only(store: Store, imported: list[Imported]):
    (entry,) = imported
    return store.snapshot(entry.run)


# Runs


def test_dataset_target_and_label_name_a_run(store, bring):
    runs = bring(
        line(),
        line(version_label="v2"),
        line(target="vendor/model-2"),
        line(dataset="other"),
        line(probe_id="p2"),
        line(version_label=None),
    )
    assert [(entry.target, entry.version_label, entry.samples, entry.new) for entry in runs] == [
        ("vendor/model-1", "v1", 2, True),
        ("vendor/model-1", "v2", 1, True),
        ("vendor/model-2", "v1", 1, True),
        ("vendor/model-1", "v1", 1, True),
        ("vendor/model-1", None, 1, True),
    ]
    assert store.run(runs[3].run).dataset == "other"
    assert store.verify() == []


def test_what_the_lines_say_about_their_run(store, bring):
    run = only(
        store,
        bring(
            line(recorded_at="2025-01-02T12:00:00+09:00", platform="bedrock", api_version="2023-06-01"),
            line(sample=1, recorded_at="2025-01-02T04:00:00", platform="bedrock", api_version="2023-06-01"),
            line(sample=2, recorded_at=None, platform="bedrock", api_version="2023-06-01"),
        ),
    ).run
    assert (run.dataset, run.target, run.label) == ("set", "vendor/model-1", "v1")
    assert (run.requested_model, run.platform, run.api_version) == ("model-1", "bedrock", "2023-06-01")
    assert run.created_at == "2025-01-02T03:00:00+00:00", "the earlier instant, though the later text"
    assert run.finished_at == "2025-01-02T04:00:00+00:00"
    assert (run.status, run.samples, run.params, run.meta) == ("complete", 3, {"temperature": 0}, {})
    assert (run.vendor, run.suite, run.suite_hash, run.epochs) == (None, None, None, None)


@pytest.mark.parametrize(
    ("target", "model"),
    [
        ("openai/gpt-4", "gpt-4"),
        ("openrouter/anthropic/claude", "anthropic/claude"),
        ("gpt-4o", "gpt-4o"),
        ("odd/", "odd/"),
        ("/odd", "odd"),
    ],
)
def test_the_requested_model_is_what_follows_the_first_part_of_the_target(store, bring, target, model):
    assert only(store, bring(line(target=target))).run.requested_model == model


def test_values_that_samples_do_not_share_stay_with_them(store, bring):
    snapshot = only(
        store,
        bring(
            line(platform="a", api_version="1", params={"temperature": 0, "seed": 1, "top": [1]}),
            line(sample=1, platform="b", api_version="1", params={"temperature": 0, "seed": 2, "top": [1]}),
            line(sample=2, platform="a", api_version=None, params={"temperature": 0, "seed": 1}),
        ),
    )
    assert (snapshot.run.platform, snapshot.run.api_version) == ("recorded", None)
    assert snapshot.run.params == {"temperature": 0}
    assert snapshot.run.meta == {"params": {"seed": [1, 2], "top": [[1]]}}
    assert snapshot.samples[1].document["recorded"]["params"]["seed"] == 2


def test_true_and_one_are_two_values(store, bring):
    run = only(store, bring(line(params={"x": 1}), line(sample=1, params={"x": True}))).run
    assert run.params == {}
    assert repr(run.meta["params"]) == "{'x': [1, True]}"


def test_params_that_are_null_in_one_sample_are_shared_by_none(store, bring):
    run = only(store, bring(line(), line(sample=1, params=None))).run
    assert run.params == {}
    assert run.meta == {"params": {"temperature": [0]}}


def test_the_list_of_varying_values_is_bounded(store, bring):
    run = only(store, bring(*(line(sample=n, params={"seed": n}) for n in range(MAX_LISTED + 30)))).run
    assert len(run.meta["params"]["seed"]) == MAX_LISTED


def test_an_undated_run_has_the_time_of_its_import(store, bring):
    from datetime import UTC, datetime, timedelta

    run = only(store, bring(line(recorded_at=None))).run
    assert datetime.now(UTC) - datetime.fromisoformat(run.created_at) < timedelta(minutes=5)


@pytest.mark.parametrize("text", ["yesterday", "2025", "", "0001-01-01T00:00:00+14:00", "2025-13-01"])
def test_a_date_that_is_none_is_kept_as_text_and_told(store, bring, text):
    notices: list[str] = []
    snapshot = only(store, bring(line(recorded_at=text), line(sample=1), notices=notices))
    assert snapshot.samples[0].recorded_at == text
    assert snapshot.run.created_at == "2025-01-02T03:04:05+00:00"
    assert notices == ["'set:vendor/model-1@v1' has 1 value of recorded_at that is no ISO 8601 date."]


# Identity


LINES = [
    line(probe_id=f"p{number}", sample=sample, output_text=f"{number} {sample}", version_label=label)
    for number in range(6)
    for sample in range(3)
    for label in ("v1", None)
]


def shuffled(seed: int) -> list[dict]:
    mixed = random.Random(seed)
    lines = [dict(mixed.sample(list(entry.items()), len(entry))) for entry in LINES]
    mixed.shuffle(lines)
    return lines


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_lines_and_keys_does_not_matter(tmp_path, store, bring, seed):
    first = {entry.run for entry in bring(*LINES)}
    with Store.open(tmp_path / "shuffled.db") as other:
        again = import_files(other, [write_lines(tmp_path / "s.jsonl", shuffled(seed))])
        assert {entry.run for entry in again} == first
        for run_id in first:
            assert other.snapshot(run_id) == store.snapshot(run_id)


def test_importing_twice_adds_nothing(store, bring):
    bring(*LINES)
    before = database_rows(store.path)
    notices: list[str] = []
    assert [entry.new for entry in bring(*shuffled(5), notices=notices)] == [False, False]
    assert database_rows(store.path) == before
    assert notices == []


def test_other_content_under_the_same_name_is_another_run_and_told(store, bring):
    (first,) = bring(line())
    notices: list[str] = []
    (second,) = bring(line(output_text="No"), notices=notices)
    assert second.new
    assert second.run != first.run
    (notice,) = notices
    assert notice == (
        f"'set:vendor/model-1@v1' was imported before with other content (run {first.run}): "
        f"the name means run {second.run} from now on."
    )
    assert store.resolve("vendor/model-1").id == second.run


def test_the_same_content_under_two_names_is_two_runs_with_shared_documents(store, bring):
    runs = bring(line(), line(target="vendor/model-2"))
    assert len({entry.run for entry in runs}) == 2
    assert len(database_rows(store.path)["documents"]) == 1
    assert store.verify() == []


def test_two_files_are_two_transactions(store, tmp_path):
    good = write_lines(tmp_path / "good.jsonl", [line()])
    bad = write_lines(tmp_path / "bad.jsonl", [line(version_label="v2"), {"x": 1}])
    with pytest.raises(ImportFormatError, match=r"bad\.jsonl:2"):
        import_files(store, [good, bad])
    assert [run.label for run in store.runs()] == ["v1"]


# Probes


def test_a_probe_is_what_was_asked(store, bring):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    tools = [
        {"name": "plain", "description": "d", "input_schema": {"type": "object"}},
        {"type": "function", "function": {"name": "wrapped", "parameters": {"type": "object"}}},
        {"name": "bare"},
        {"no": "name"},
        "text",
        {"name": ""},
    ]
    snapshot = only(store, bring(line(family="primes", purpose="label", tools=tools, output_schema=schema)))
    probe = snapshot.probes["p1"]
    assert probe.exchanges == (
        Exchange(
            messages=(Message("user", "Is 7 prime?"),),
            tools=(
                Tool("plain", "d", {"type": "object"}),
                Tool("wrapped", "", {"type": "object"}),
                Tool("bare", "", {}),
            ),
            output_schema=schema,
        ),
    )
    assert probe.expect == Expect(schema=schema)
    assert (probe.id, probe.template, probe.family, probe.purpose) == ("p1", "p1", "primes", "label")
    assert snapshot.samples[0].document["recorded"]["tools"] == tools, "whatever else the source sent is kept"


def test_a_probe_of_which_little_is_told(store, bring):
    probe = only(store, bring(line(prompt=None))).probes["p1"]
    assert (probe.family, probe.purpose, probe.exchanges, probe.tags) == ("set", "unknown", (), ())


def test_an_aggregate_is_tagged_and_counts_as_a_response(store, bring):
    labels = {"aggregate": True, "metric": "accuracy", "value": 0.5}
    snapshot = only(store, bring(line(prompt=None, output_text=None, labels=labels)))
    assert snapshot.probes["p1"].tags == ("aggregate",)
    assert snapshot.samples[0].outcome == "response"


def test_the_sample_with_the_lowest_number_speaks_for_its_probe(store, bring):
    notices: list[str] = []
    snapshot = only(
        store,
        bring(
            line(sample=2, prompt="third"),
            line(sample=0, prompt="first"),
            line(sample=1, prompt="first"),
            line(probe_id="p2"),
            line(probe_id="p2", sample=1),
            notices=notices,
        ),
    )
    assert snapshot.probes["p1"].exchanges[0].messages == (Message("user", "first"),)
    assert snapshot.samples[2].document["recorded"]["prompt"] == "third"
    (notice,) = notices
    assert notice == (
        "'set:vendor/model-1@v1' asks 1 probe with more than one prompt: "
        "it keeps that of its first sample, and the others stay with their samples."
    )


# Samples


def test_a_document_is_the_line_without_its_identity(store, bring):
    given = line(
        labels={"correct": True}, usage={"n": 1}, own={"x": [None, 1.5]}, events=[{"e": 1}], sample=4
    )
    (sample,) = only(store, bring(given)).samples
    identity = {"dataset", "target", "version_label", "probe_id", "sample"}
    assert sample.document == {
        "recorded": {key: value for key, value in given.items() if key not in identity}
    }
    assert (sample.epoch, sample.dialect, sample.recorded_at) == (5, "recorded", "2025-01-02T03:04:05")


@pytest.mark.parametrize("sample", [{}, {"sample": None}, {"sample": 0}])
def test_no_number_is_the_first_sample(store, bring, sample):
    given = line()
    del given["sample"]
    (stored,) = only(store, bring({**given, **sample})).samples
    assert stored.epoch == 1


@pytest.mark.parametrize("status_of_line", [{}, {"version_label": None}])
def test_no_label_is_none(store, bring, status_of_line):
    given = line()
    del given["version_label"]
    (entry,) = bring({**given, **status_of_line})
    assert entry.version_label is None


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, "response"),
        ({"outcome": "failed", "status": 200}, "failed"),
        ({"outcome": None, "status": 200}, "response"),
        ({"status": 204}, "response"),
        ({"status": 400}, "rejected"),
        ({"status": 404}, "rejected"),
        ({"status": 422}, "rejected"),
        ({"status": 401}, "failed"),
        ({"status": 403}, "failed"),
        ({"status": 408}, "failed"),
        ({"status": 409}, "failed"),
        ({"status": 429}, "failed"),
        ({"status": 500}, "failed"),
        ({"status": 529}, "failed"),
        ({"status": 302}, "failed"),
        ({"error": "timeout"}, "failed"),
        ({"error": ""}, "response"),
        ({"error": {"type": "invalid_request_error", "message": "x"}}, "rejected"),
        ({"error": {"type": "overloaded_error"}}, "failed"),
        ({"error": {"code": 400, "message": "x"}}, "rejected"),
        ({"error": {"status": 429}}, "failed"),
        ({"error": {"code": "context_length_exceeded"}}, "failed"),
        ({"error": {"code": True}}, "failed"),
        ({"status": 200, "error": {"message": "cut"}}, "response"),
        ({"labels": {"aggregate": True, "metric": "m", "value": 1}}, "response"),
    ],
    ids=str,
)
def test_the_outcome_is_told_or_follows_from_status_and_error(store, bring, fields, outcome):
    assert only(store, bring(line(**fields))).samples[0].outcome == outcome


@pytest.mark.parametrize(
    ("fields", "latency"),
    [
        ({}, None),
        ({"latency_ms": 12}, 12.0),
        ({"latency_ms": 0.5, "usage": {"latency_s": 9}}, 0.5),
        ({"usage": {"latency_s": 1.25}}, 1250.0),
        ({"usage": {"latency_s": None}}, None),
        ({"usage": {"latency_s": "fast"}}, None),
        ({"usage": {"latency_s": -1}}, None),
        ({"usage": {"latency_s": True}}, None),
    ],
    ids=str,
)
def test_the_latency_is_in_milliseconds(store, bring, fields, latency):
    assert only(store, bring(line(**fields))).samples[0].latency_ms == latency


def test_unknown_fields_are_kept_counted_and_named_once(store, bring):
    notices: list[str] = []
    bring(
        line(harness_commit="abc"),
        line(sample=1, harness_commit="abc"),
        line(sample=2, **{"\x1b[31m": 1}),
        notices=notices,
    )
    assert notices == [
        'Unknown field kept: "\\u001b[31m" (1 line).',
        'Unknown field kept: "harness_commit" (2 lines).',
    ]


def test_the_list_of_unknown_fields_is_bounded(store, bring):
    notices: list[str] = []
    bring(line(**{f"field{number}{'x' * 500}": 1 for number in range(100)}), notices=notices)
    assert len(notices) == MAX_LISTED
    assert max(map(len, notices)) < 100


# Files


def packed(*lines: dict) -> bytes:
    return gzip.compress("".join(json.dumps(entry) + "\n" for entry in lines).encode())


def plain(*lines: dict) -> bytes:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in lines).encode()


@pytest.mark.parametrize(
    "content",
    [
        plain(*LINES),
        packed(*LINES),
        packed(*LINES[:5]) + packed(*LINES[5:]),
        b"\xef\xbb\xbf" + plain(*LINES),
        gzip.compress(b"\xef\xbb\xbf" + plain(*LINES)),
        plain(*LINES).replace(b"\n", b"\r\n"),
        b"\n\n  \n" + plain(*LINES).replace(b"\n", b"\n\n \t\r\n"),
        plain(*LINES).rstrip(b"\n"),
    ],
    ids=["plain", "gzip", "two gzip members", "BOM", "BOM in gzip", "CRLF", "empty lines", "no last newline"],
)
def test_every_way_to_write_a_file_gives_the_same_runs(tmp_path, store, bring, content):
    first = {entry.run for entry in bring(*LINES)}
    with Store.open(tmp_path / "other.db") as other:
        path = tmp_path / "misleading.txt"
        path.write_bytes(content)
        assert {entry.run for entry in import_files(other, [path])} == first


@pytest.mark.parametrize(
    "text", ["\u2028 and \u2029 and \x85 and \x0c", "\x00", "\ud800", "\U0001f600 中文 é", '\\ " \n']
)
def test_any_text_survives(store, bring, text):
    (sample,) = only(store, bring(line(output_text=text, prompt=text, params={text: text}))).samples
    assert sample.document["recorded"]["output_text"] == text
    assert store.verify() == []


def test_a_line_of_fifty_megabytes_is_one_sample(store, bring):
    text = "x" * 50_000_000
    (sample,) = only(store, bring(line(output_text=text))).samples
    assert sample.document["recorded"]["output_text"] == text


NAN = json.dumps(line(usage={"x": 1})).replace('"x": 1', '"x": NaN').encode()
INFINITE = json.dumps(line(usage={"x": 1})).replace('"x": 1', '"x": 1e400').encode()
INFINITE_PARAM = json.dumps(line(params={"x": 1})).replace('"x": 1', '"x": -1e999').encode()
TWICE = json.dumps(line()).replace("{", '{"prompt": "other", ', 1).encode()
DEEP = (
    json.dumps(line(output_raw=1))
    .replace('"output_raw": 1', '"output_raw": ' + "[" * 300 + "]" * 300)
    .encode()
)
DIGITS = json.dumps(line(usage={"x": 1})).replace('"x": 1', '"x": ' + "9" * 5000).encode()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"not json", "not JSON"),
        (b'{"dataset": "cut', "not JSON"),
        (b'"text"', "a line has to be a JSON object"),
        (b"[]", "a line has to be a JSON object"),
        (b"null", "a line has to be a JSON object"),
        (b"{}", "dataset is missing"),
        (NAN, "NaN is not JSON"),
        (INFINITE, "cannot be kept as JSON"),
        (INFINITE_PARAM, "cannot be kept as JSON"),
        (TWICE, "a key occurs twice"),
        (DEEP, "not JSON"),
        (DIGITS, "not JSON"),
        (b'{"x": "\xff"}', "not UTF-8"),
        ('{"x": "é"}'.encode("utf-16"), "not UTF-8"),
        (b'{"x": "\xed\xa0\x80"}', "not UTF-8"),
    ],
    ids=[
        "text",
        "cut",
        "string",
        "list",
        "null",
        "empty",
        "NaN",
        "1e400",
        "-1e999 in params",
        "key twice",
        "too deep",
        "too many digits",
        "latin-1",
        "UTF-16",
        "encoded surrogate",
    ],
)
def test_a_line_that_is_no_strict_json_object_is_named(store, bring, bad, words):
    before = database_rows(store.path)
    with pytest.raises(ImportFormatError, match=rf"in\.jsonl:3: .*({words}).*") as caught:
        bring(plain(line()), b"\n", bad, b"\n", plain(line(sample=1)))
    assert caught.value.line == 3
    assert database_rows(store.path) == before, "nothing is half imported"


def test_the_error_of_a_bad_line_keeps_other_data_of_the_database(store, bring):
    store.begin_run(make_run(), [make_probe()], {})
    add(store, RUN_ID, "json.plain/01", 1)
    bring(line())
    before = database_rows(store.path)
    for wrong in (line(probe_id=""), line(sample=-1)):
        with pytest.raises(ImportFormatError):
            bring(line(output_text="new"), line(version_label="v9"), wrong)
    assert database_rows(store.path) == before
    assert store.verify() == []
    (entry,) = bring(line(output_text="the database can be used as before"))
    assert entry.new


@pytest.mark.parametrize("field", ["dataset", "target", "probe_id"])
@pytest.mark.parametrize("value", [..., None, "", 7, [], {"a": 1}, True, "\ud800"], ids=repr)
def test_a_line_without_identity_is_named(store, bring, field, value):
    given = line()
    if value is ...:
        del given[field]
    else:
        given[field] = value
    with pytest.raises(ImportFormatError, match=rf"in\.jsonl:2: {field} (is missing|has to be a text)"):
        bring(line(probe_id="good"), given)
    assert store.runs() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version_label", 1), ("version_label", "\udfff"), ("sample", "1"), ("sample", -1), ("sample", 1.0),
        ("sample", True), ("sample", 2**60), ("recorded_at", 1_700_000_000), ("recorded_at", "\ud800"),
        ("prompt", ["text"]), ("params", "text"), ("params", []), ("output_text", 3), ("output_text", {"t": 1}),
        ("tool_calls", {"name": "f"}), ("tool_calls", ["f"]), ("tool_calls", [{"name": 3}]), ("usage", 3),
        ("labels", []), ("labels", {"judges": []}), ("family", ""), ("family", 3), ("family", "\ud800"),
        ("purpose", "chat"), ("outcome", "ok"), ("outcome", True), ("status", "200"), ("status", True),
        ("status", 200.0), ("response_model", 1), ("api_version", 2023), ("api_version", ""), ("platform", []),
        ("latency_ms", "1"), ("latency_ms", -1), ("latency_ms", True), ("latency_ms", 10**400), ("tools", {}),
        ("output_schema", "x"), ("output_schema", 1), ("events", {}), ("label_roles", {"a": 1}), ("label_roles", []),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_known_field_of_a_wrong_type_is_named(store, bring, field, value):
    with pytest.raises(ImportFormatError, match=rf"in\.jsonl:2: {field} has to be ") as caught:
        bring(line(), line(sample=1) | {field: value})
    assert caught.value.line == 2
    assert store.runs() == []


@pytest.mark.parametrize(
    "field",
    [
        "version_label", "sample", "recorded_at", "prompt", "params", "output_text", "output_raw", "tool_calls",
        "usage", "labels", "family", "purpose", "outcome", "status", "error", "response_model", "api_version",
        "platform", "latency_ms", "tools", "output_schema", "events", "label_roles",
    ],
)  # fmt: skip
def test_every_other_field_may_be_null_or_absent(store, bring, field):
    absent = line(probe_id="absent")
    absent.pop(field, None)
    (entry, *_) = bring(line(probe_id="null") | {field: None}, absent)
    assert entry.new
    assert store.verify() == []


def test_a_sample_that_occurs_twice_names_both_lines(store, bring):
    with pytest.raises(ImportFormatError) as caught:
        bring(line(), line(sample=1), line(version_label="v2"), line(output_text="again"))
    text = str(caught.value)
    assert "in.jsonl:4: probe_id 'p1', sample 0 stands already in " in text
    assert "in.jsonl:1; nothing of this file was imported" in text
    assert store.runs() == []


def test_absent_and_zero_are_the_same_sample(store, bring):
    given = line()
    del given["sample"]
    with pytest.raises(ImportFormatError, match=r"sample 0 stands already in .*in\.jsonl:1"):
        bring(line(), given)


@pytest.mark.parametrize(
    "content", [b"", b"\n \r\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)], ids=repr
)
def test_an_empty_file_is_an_error(store, bring, content):
    with pytest.raises(ImportFormatError, match=r"in\.jsonl: holds no sample"):
        bring(content)


@pytest.mark.parametrize("cut", [3, 11, 200, -5])
def test_a_cut_gzip_file_is_an_error(store, bring, cut):
    with pytest.raises(ImportFormatError, match=r"gzip data is broken or cut.*; fetch it again"):
        bring(packed(*LINES)[:cut])
    assert store.runs() == []


def test_a_damaged_gzip_file_is_an_error(store, bring):
    content = bytearray(packed(*LINES))
    content[60:70] = b"\x00" * 10
    with pytest.raises(ImportFormatError, match=r"gzip data is broken or cut|not UTF-8|not JSON"):
        bring(bytes(content))
    assert store.runs() == []


def test_a_file_that_cannot_be_read_is_a_usage_error(store, tmp_path):
    with pytest.raises(UsageError, match=r"missing\.jsonl cannot be read: No such file"):
        import_files(store, [tmp_path / "missing.jsonl"])
    with pytest.raises(UsageError, match="is a folder; name its files"):
        import_files(store, [tmp_path])


def test_an_unknown_format_is_a_usage_error(store, tmp_path):
    with pytest.raises(UsageError, match="there is no format 'csv'; use one of auto, jsonl"):
        import_files(store, [], fmt="csv")
    assert set(FORMATS) >= {"auto", "jsonl"}


def test_many_interleaved_runs_are_all_sealed(store, bring):
    lines = [
        line(version_label=f"v{run}", probe_id=f"p{probe}", output_text=f"{run} {probe}")
        for probe in range(10)
        for run in range(150)
    ]
    imported = bring(*lines)
    assert len({entry.run for entry in imported}) == 150
    assert all(store.run(entry.run).seal for entry in imported)
    assert {entry.samples for entry in imported} == {10}
    assert store.verify() == []


def test_a_file_is_never_in_memory_as_a_whole(store, tmp_path):
    import tracemalloc

    path = tmp_path / "large.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(1500):
            file.write(json.dumps(line(probe_id=f"p{number}", output_text=f"{number} " * 1000)) + "\n")
    tracemalloc.start()
    import_files(store, [path])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < path.stat().st_size / 4


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
hostile_text = st.text(st.characters(exclude_categories=()))
names = st.text(min_size=1, max_size=8)
recorded_lines = st.fixed_dictionaries(
    {"dataset": names, "target": names, "probe_id": names},
    optional={
        "version_label": st.none() | st.text(max_size=5),
        "sample": st.none() | st.integers(0, 3),
        "recorded_at": st.none() | st.text(max_size=8),
        "prompt": st.none() | hostile_text,
        "params": st.none() | st.dictionaries(hostile_text, json_values, max_size=3),
        "output_text": st.none() | hostile_text,
        "output_raw": json_values,
        "usage": st.none() | st.dictionaries(hostile_text, json_values, max_size=3),
        "labels": st.none()
        | st.dictionaries(hostile_text.filter(lambda key: key != "judges"), json_values, max_size=3),
        "tools": st.none() | st.lists(json_values, max_size=3),
        "output_schema": st.none() | st.booleans() | st.dictionaries(hostile_text, json_values, max_size=3),
        "error": json_values,
        "events": st.none() | st.lists(json_values, max_size=2),
        "unknown \ud800": json_values,
    },
)


def _key(entry: dict) -> tuple:
    names = (entry["dataset"], entry["target"], entry.get("version_label"), entry["probe_id"])
    return (*names, entry.get("sample") or 0)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(recorded_lines, min_size=1, max_size=6, unique_by=_key),
    random=st.randoms(use_true_random=False),
)
def test_whatever_a_line_holds_it_comes_out_as_it_went_in(lines, random):
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "drift.db") as store:
        runs = import_files(store, [write_lines(Path(name) / "in.jsonl", lines)])
        out = io.StringIO()
        store.export_runs([run.run for run in runs], out)
        went = [json.loads(text) for text in out.getvalue().splitlines()]
        assert sorted(map(canonical, went)) == sorted(map(canonical, lines))
        assert store.verify() == []
        random.shuffle(lines)
        again = import_files(store, [write_lines(Path(name) / "in.jsonl", lines)])
        assert {run.run for run in again} == {run.run for run in runs}
        assert not any(run.new for run in again)


def test_an_export_may_be_a_stream(store, bring):
    (entry,) = bring(line())
    file = io.StringIO()
    store.export_runs([entry.run], file)
    assert json.loads(file.getvalue()) == line()
