# Runs out as lines and in again: the same runs, the same bytes.

import io
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from drift.errors import ImportFormatError, UsageError
from drift.http.events import parse_json
from drift.importers import import_files
from drift.importers.fields import complaint, unknown_fields
from drift.model import Event, Exchange, Expect, Message
from drift.store import Store
from tests.store_support import (
    RUN_ID,
    WEATHER,
    database_rows,
    line,
    make_probe,
    make_run,
    reply,
    store_run,
    write_lines,
)

pytest_plugins = ["tests.store_fixtures"]

OTHER_ID = "zzz0123456789"

PROBES = (
    make_probe(
        "tools.call/02",
        family="tool_calls",
        purpose="tool_call",
        exchanges=(
            Exchange(
                system="Be brief.",
                messages=(Message("user", "Weather?"),),
                tools=(WEATHER,),
                tool_choice="any",
            ),
            Exchange(
                messages=(Message("assistant", replay=0), Message("user", tool_results="sunny")),
                tools=(WEATHER,),
                params={"seed": 1},
                overrides={"openai-chat": {"x": None}},
                headers={"x-a": ""},
            ),
        ),
        expect=Expect(
            call="weather", status=(400, 401), checks={"words": 3}, must="answer", labels=("a", "b")
        ),
        why=(Event("2026-01", "something moved", "https://example.org/x"),),
        epochs=2,
        tags=("cosmetic",),
        dialects=("anthropic",),
    ),
    make_probe(
        "json.plain/01",
        exchanges=(Exchange(messages=(Message("user", "JSON \ud800!"),), output_schema={"type": "object"}),),
    ),
)


@pytest.fixture
def empty(tmp_path: Path):
    with Store.open(tmp_path / "empty.db") as opened:
        yield opened


def live_run(store: Store, run_id: str = RUN_ID, **fields):
    """Store a live run with every kind of sample that the form of a document knows."""
    store.begin_run(make_run(run_id, **fields), PROBES, {"tools.call/02": 2, "json.plain/01": 5})
    call = reply("x")
    call["exchanges"][0]["body"]["content"] = [
        {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Bern"}}
    ]
    stream = reply("x")
    stream["exchanges"][0] |= {
        "body": None,
        "events": [
            {
                "event": "message_start",
                "data": {
                    "type": "message_start",
                    "message": {
                        "type": "message",
                        "model": "claude-x-1",
                        "content": [],
                        "usage": {"input_tokens": 4},
                    },
                },
            },
            {
                "event": "content_block_start",
                "data": {
                    "type": "content_block_start",
                    "index": 0,
                    "content_block": {"type": "text", "text": ""},
                },
            },
            {
                "event": "content_block_delta",
                "data": {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "text_delta", "text": "streamed \udfff"},
                },
            },
            {"event": "message_stop", "data": {"type": "message_stop"}},
        ],
    }
    nothing = reply("x")
    nothing["exchanges"][0] |= {
        "status": None,
        "body": None,
        "error": {"kind": "connect", "message": "refused"},
    }
    page = reply("x")
    page["exchanges"][0] |= {"status": 502, "body": None, "text": "<html>bad gateway"}
    for probe_id, epoch, outcome, document in (
        ("json.plain/01", 1, "response", reply('{"a": "\ud800"}')),
        ("json.plain/01", 2, "rejected", reply("max_tokens is no more", status=400)),
        ("json.plain/01", 3, "failed", nothing),
        ("json.plain/01", 4, "response", stream),
        ("json.plain/01", 5, "failed", page),
        (
            "tools.call/02",
            1,
            "response",
            {"exchanges": [call["exchanges"][0], reply("done")["exchanges"][0]]},
        ),
        ("tools.call/02", 2, "response", {"shape": {"stop_reason": "end_turn"}, "observer": 1, "hashes": {}}),
    ):
        store.add_sample(
            run_id, probe_id, epoch, outcome, document, "anthropic", None if epoch == 2 else 0.1, None
        )
    return store.finish_run(run_id, "complete", {"cost": "0.02"})


def exported(store: Store, *run_ids: str) -> str:
    file = io.StringIO()
    store.export_runs(run_ids, file)
    return file.getvalue()


def brought(store: Store, tmp_path: Path, text: str) -> list:
    path = tmp_path / "export.jsonl"
    path.write_text(text, encoding="utf-8")
    return import_files(store, [path])


def lines_of(text: str) -> list[dict]:
    return [json.loads(part) for part in text.splitlines()]


def test_a_live_run_comes_back_whole(store, empty, tmp_path):
    run = live_run(store, label="nightly", control_of="base000000000", base_url="https://host.example")
    (imported,) = brought(empty, tmp_path, exported(store, RUN_ID))
    assert (imported.run, imported.samples, imported.new) == (RUN_ID, 7, True)
    assert (imported.target, imported.version_label) == ("anthropic/claude-x", "nightly")
    assert empty.run(RUN_ID) == run
    assert empty.snapshot(RUN_ID) == store.snapshot(RUN_ID), "probes, samples, documents and their ids"
    assert list(empty.probes(RUN_ID)) == ["tools.call/02", "json.plain/01"], "in the order of the suite"
    assert empty.verify() == []


def test_the_tables_of_the_copy_are_those_of_the_original(store, empty, tmp_path):
    live_run(store)
    brought(empty, tmp_path, exported(store, RUN_ID))
    ours, copy = database_rows(store.path), database_rows(empty.path)
    del ours["_sqlite_migrations"], copy["_sqlite_migrations"]
    assert copy == ours


def test_exporting_the_copy_gives_the_same_bytes(store, empty, tmp_path):
    live_run(store, RUN_ID)
    live_run(store, OTHER_ID, label="b", created_at="2026-11-02T02:00:00+00:00")
    first = exported(store, RUN_ID, OTHER_ID)
    brought(empty, tmp_path, first)
    assert exported(empty, OTHER_ID, RUN_ID) == first, "whatever the order in which runs are named"
    assert exported(empty, OTHER_ID, OTHER_ID, RUN_ID) == first


def test_the_lines_of_an_export_may_come_in_any_order(store, empty, tmp_path):
    live_run(store, RUN_ID)
    live_run(store, OTHER_ID)
    text = exported(store, RUN_ID, OTHER_ID)
    parts = text.splitlines(keepends=True)
    random.Random(7).shuffle(parts)
    brought(empty, tmp_path, "".join(parts))
    assert exported(empty, RUN_ID, OTHER_ID) == text
    assert empty.snapshot(RUN_ID) == store.snapshot(RUN_ID)


def test_importing_an_export_twice_adds_nothing(store, tmp_path):
    live_run(store)
    before = database_rows(store.path)
    (imported,) = brought(store, tmp_path, exported(store, RUN_ID))
    assert imported.new is False
    assert database_rows(store.path) == before


def test_the_deepest_reply_that_is_kept_survives_export_and_import(store, empty, tmp_path):
    body = parse_json('{"x": ' + "[" * 99 + "]" * 99 + "}")
    run = make_run()
    probe = make_probe()
    store.begin_run(run, (probe,), {probe.id: 1})
    document = reply("deep")
    document["exchanges"][0]["body"] = body
    store.add_sample(run.id, probe.id, 1, "response", document, "anthropic", 1.0, "2026-11-01T02:00:01+00:00")
    store.finish_run(run.id, "complete")
    brought(empty, tmp_path, exported(store, RUN_ID))
    assert empty.snapshot(RUN_ID) == store.snapshot(RUN_ID)


def test_a_line_of_a_live_run_reads_like_any_recorded_output(store):
    live_run(store, label="nightly")
    lines = {(entry["probe_id"], entry["sample"]): entry for entry in lines_of(exported(store, RUN_ID))}
    for entry in lines.values():
        assert complaint(entry) is None
        assert unknown_fields(entry) == {"drift"}
    plain = lines["json.plain/01", 0]
    assert plain["output_text"] == '{"a": "\ud800"}'
    assert plain["output_raw"]["type"] == "message"
    assert plain["usage"] == {"input_tokens": 11, "output_tokens": 3}
    assert (plain["response_model"], plain["status"], plain["outcome"]) == (
        "claude-x-20261101",
        200,
        "response",
    )
    assert (plain["family"], plain["purpose"], plain["platform"]) == ("json_format", "machine", "anthropic")
    assert (plain["prompt"], plain["output_schema"]) == ("JSON \ud800!", {"type": "object"})
    assert plain["latency_ms"] == 0.1
    rejected = lines["json.plain/01", 1]
    assert (rejected["outcome"], rejected["status"]) == ("rejected", 400)
    assert rejected["error"]["message"] == "max_tokens is no more"
    assert lines["json.plain/01", 2]["error"] == {"kind": "connect", "message": "refused"}
    assert lines["json.plain/01", 3]["output_text"] == "streamed \udfff"
    call = lines["tools.call/02", 0]
    assert call["output_text"] == "done", "the last exchange speaks"
    assert call["tools"] == [
        {"name": "weather", "description": "Weather of a city", "input_schema": WEATHER.input_schema}
    ]
    assert (call["prompt"], call["params"]) == (None, {"temperature": 0, "seed": 1})
    shape = lines["tools.call/02", 1]
    assert (shape["output_text"], shape["output_raw"], shape["usage"]) == (None, None, None)


def test_other_readers_see_one_run_under_one_name(store):
    live_run(store, RUN_ID, label="nightly")
    live_run(store, OTHER_ID, label="nightly")
    lines = lines_of(exported(store, RUN_ID, OTHER_ID))
    assert len(
        {(e["dataset"], e["target"], e["version_label"], e["probe_id"], e["sample"]) for e in lines}
    ) == len(lines)
    assert {entry["version_label"] for entry in lines} == {f"nightly {RUN_ID}", f"nightly {OTHER_ID}"}


def test_only_complete_runs_are_exported(store):
    store.begin_run(make_run(), [make_probe()], {})
    with pytest.raises(UsageError, match="is running; only complete runs can be exported"):
        exported(store, RUN_ID)
    with pytest.raises(UsageError, match="there is no run nowhere"):
        exported(store, "nowhere")


def test_a_run_with_a_dataset_that_was_no_import_keeps_its_id(store, empty, tmp_path):
    store_run(store, make_run(dataset="mine"))
    brought(empty, tmp_path, exported(store, RUN_ID))
    assert empty.snapshot(RUN_ID) == store.snapshot(RUN_ID)


def recorded(name: str, **fields) -> dict:
    return line(probe_id=name, **fields)


RECORDED = [
    recorded(
        "p1", output_raw={"choices": [{"message": {"content": "é\ud800"}}]}, own_field={"z": 1, "a": [None]}
    ),
    recorded(
        "p1",
        sample=1,
        output_text=None,
        tool_calls=[{"name": "f", "arguments": '{"x": 1.0}'}],
        usage={"n": 1},
    ),
    recorded("p2", version_label=None, labels={"correct": True, "judges": {"correct": {"judge": "exact"}}}),
    recorded("p2", dataset="else", prompt=None, params=None, recorded_at=None, latency_ms=5),
    recorded("p3", family="primes", purpose="label", outcome="rejected", status=400, error={"type": "x"}),
    recorded(
        "p4", params={"temperature": 0, "seed": 4}, events=[{"a": 1}], label_roles={"correct": "verdict"}
    ),
]


def test_an_imported_line_is_exported_as_it_came(store, tmp_path):
    spelled = [dict(entry) for entry in RECORDED]
    del spelled[2]["version_label"]
    del spelled[3]["sample"]
    spelled[4]["sample"] = None
    del spelled[5]["version_label"], spelled[5]["sample"]
    runs = [entry.run for entry in import_files(store, [write_lines(tmp_path / "in.jsonl", spelled)])]
    out = lines_of(exported(store, *runs))
    key = json.dumps
    assert sorted(key(entry, sort_keys=True) for entry in out) == sorted(
        key(entry, sort_keys=True) for entry in spelled
    )


def test_an_import_survives_export_and_import_with_ids_seals_and_bytes(store, empty, tmp_path):
    runs = [entry.run for entry in import_files(store, [write_lines(tmp_path / "in.jsonl", RECORDED)])]
    text = exported(store, *runs)
    again = brought(empty, tmp_path, text)
    assert {entry.run for entry in again} == set(runs)
    for run_id in runs:
        ours, theirs = store.snapshot(run_id), empty.snapshot(run_id)
        assert theirs.probes == ours.probes
        assert theirs.samples == ours.samples
        dates = {"created_at": "", "finished_at": ""} if ours.run.dataset == "else" else {}
        assert replace(theirs.run, **dates) == replace(ours.run, **dates), (
            "an undated run has the time of the import"
        )
    assert exported(empty, *runs) == text
    assert empty.verify() == []


def test_live_and_imported_runs_share_a_file(store, empty, tmp_path):
    runs = [entry.run for entry in import_files(store, [write_lines(tmp_path / "in.jsonl", RECORDED)])]
    live_run(store)
    text = exported(store, RUN_ID, *runs)
    brought(empty, tmp_path, text)
    assert exported(empty, RUN_ID, *runs) == text


def changed(text: str, path: str, value: object) -> str:
    """Put a value at a path of the first line; without a path, leave out the line with that index."""
    lines = lines_of(text)
    if path:
        *way, last = path.split(".")
        place = lines[0]
        for step in way:
            place = place[step]
        place[last] = value
    else:
        del lines[value]
    return "".join(json.dumps(entry) + "\n" for entry in lines)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("", 6, "is not what was exported"),
        ("", 0, "the first line of run run0123456789 is missing"),
        ("", 5, "is not what was exported"),
        ("drift.sample.outcome", "failed", "is not what was exported"),
        ("drift.sample.document", {"exchanges": []}, "is not what was exported"),
        ("drift.sample.epoch", 9, "is not what was exported"),
        ("drift.run.seal", "0" * 64, "is not what was exported"),
        ("drift.version", 2, "written by a newer drift: upgrade drift"),
        ("drift.run.unheard_of", 1, "not as drift wrote it"),
        ("drift.run.status", "running", "is not complete"),
        ("drift.run.id", "../../etc", "no proper id"),
        ("drift.run.id", 7, "id is of a wrong type"),
        ("drift.run.target", None, "target is of a wrong type"),
        ("drift.run.created_at", "\ud800", "lone surrogate"),
        ("drift.run.meta", [], "meta is of a wrong type"),
        ("drift.run", None, "not as drift wrote it"),
        ("drift.probe.definition.id", "other/01", "its probe is not json.plain/01"),
        ("drift.probe.definition.family", 3, "family is of a wrong type"),
        ("drift.probe.definition.unheard_of", 3, "not as drift wrote it"),
        ("drift.probe.epochs", True, "epochs is of a wrong type"),
        ("drift.probe", None, "the first line of probe json.plain/01 is missing"),
        ("drift.sample.outcome", "maybe", "no proper outcome"),
        ("drift.sample.epoch", 0, "no proper outcome or epoch"),
        ("drift.sample.latency_ms", "fast", "latency_ms is of a wrong type"),
        ("drift.sample", [], "not as drift wrote it"),
    ],
    ids=str,
)
def test_an_export_that_was_changed_is_refused_and_nothing_is_stored(
    store, empty, tmp_path, path, value, words
):
    live_run(store)
    with pytest.raises(ImportFormatError, match=words):
        brought(empty, tmp_path, changed(exported(store, RUN_ID), path, value))
    assert empty.runs() == []
    assert empty.verify() == []


def test_an_export_of_another_run_under_a_known_id_is_refused(store, empty, tmp_path):
    live_run(store)
    store_run(empty, make_run())
    before = database_rows(empty.path)
    with pytest.raises(ImportFormatError, match=f"the database holds another run {RUN_ID}"):
        brought(empty, tmp_path, exported(store, RUN_ID))
    assert database_rows(empty.path) == before


def test_a_line_of_somebody_else_may_have_a_key_of_that_name(empty, tmp_path):
    (imported,) = brought(empty, tmp_path, json.dumps(line(drift="yes")))
    assert lines_of(exported(empty, imported.run)) == [line(drift="yes")]


def test_a_repeated_line_of_an_export_names_both_lines(store, empty, tmp_path):
    live_run(store)
    text = exported(store, RUN_ID)
    with pytest.raises(ImportFormatError, match=r"export.jsonl:8: .*stands already in .*export.jsonl:1"):
        brought(empty, tmp_path, text + text.splitlines()[0])


def test_a_run_whose_probe_gave_no_answer_text_is_exported(store, empty, tmp_path):
    store.begin_run(make_run(), [make_probe(exchanges=())], {"json.plain/01": 3})
    for epoch, document in enumerate(({}, [], {"exchanges": []}), 1):
        store.add_sample(RUN_ID, "json.plain/01", epoch, "failed", document, "anthropic", None, None)
    store.finish_run(RUN_ID, "complete")
    brought(empty, tmp_path, exported(store, RUN_ID))
    assert empty.snapshot(RUN_ID) == store.snapshot(RUN_ID)
