# What the store keeps, refuses and gives back.

import json
import sqlite3
from contextlib import closing

import pytest

from drift.canonical import canonical, content_hash
from drift.errors import StoreError, UsageError
from drift.model import Exchange, Message
from drift.store import Store
from tests.store_support import RUN_ID, WEATHER, add, make_probe, make_run, reply, store_run

pytest_plugins = ["tests.store_fixtures"]


def rows(store: Store, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(store.path)) as database:
        return database.execute(sql).fetchall()


def test_a_run_comes_back_as_it_was_stored(store):
    probes = [make_probe("b.second/01"), make_probe("a.first/01", exchanges=(Exchange(tools=(WEATHER,)),))]
    store.begin_run(make_run(label="nightly", dataset=None), probes, {"b.second/01": 2})
    for probe_id, epoch in store.missing(RUN_ID):
        add(store, RUN_ID, probe_id, epoch, f"{probe_id} {epoch}")
    finished = store.finish_run(RUN_ID, "complete", {"cost": "0.01"})

    assert finished == store.run(RUN_ID)
    assert finished.meta == {"price": {"input": "1.5"}, "cost": "0.01"}
    assert (finished.status, finished.samples, finished.label) == ("complete", 3, "nightly")
    assert finished.finished_at is not None
    snapshot = store.snapshot(RUN_ID)
    assert snapshot.run == finished
    assert list(snapshot.probes.items()) == [(probe.id, probe) for probe in probes], (
        "in the order of the suite"
    )
    assert [(s.probe_id, s.epoch) for s in snapshot.samples] == [
        ("a.first/01", 1),
        ("b.second/01", 1),
        ("b.second/01", 2),
    ]
    first = snapshot.samples[0]
    assert first.document == reply("a.first/01 1")
    assert (first.outcome, first.dialect, first.latency_ms) == ("response", "anthropic", 12.5)
    assert len({sample.id for sample in snapshot.samples}) == 3


def test_a_run_that_is_unknown_is_a_usage_error(store):
    with pytest.raises(UsageError, match="there is no run nowhere"):
        store.run("nowhere")


def test_the_seal_is_the_hash_of_the_ordered_samples(store):
    run = store_run(store, make_run(), (make_probe("z.last/01"), make_probe("a.first/01")), epochs=2)
    expected = [
        [probe_id, epoch, "response", content_hash(reply(f"{run.id} {probe_id} {epoch}"))]
        for probe_id in ("a.first/01", "z.last/01")
        for epoch in (1, 2)
    ]
    assert run.seal == content_hash(expected)


def test_the_seal_does_not_depend_on_the_order_of_arrival(store):
    probes = (make_probe("a.a/01"), make_probe("b.b/01"))
    seals = []
    for run_id, order in (("forward000000", (0, 1)), ("backward00000", (1, 0))):
        store.begin_run(make_run(run_id), probes, {})
        for index in order:
            add(store, run_id, probes[index].id, 1, "same")
        seals.append(store.finish_run(run_id, "complete").seal)
    assert seals[0] == seals[1]


def test_equal_documents_are_stored_once(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 3})
    for epoch in (1, 2, 3):
        add(store, RUN_ID, "json.plain/01", epoch, "same")
    assert rows(store, "select count(*) from documents") == [(1,)]
    assert rows(store, "select count(distinct id) from samples") == [(3,)]


def test_a_document_is_plain_json_under_its_content_hash(store):
    store_run(store, make_run())
    ((key, text),) = rows(store, "select hash, json from documents")
    assert key == content_hash(reply(f"{RUN_ID} json.plain/01 1"))
    assert rows(store, "select json_extract(json, '$.exchanges[0].body.model') from documents") == [
        ("claude-x-20261101",)
    ]
    assert text.isascii()


@pytest.mark.parametrize(
    "document",
    [
        {"text": "\ud800 half a character \x00 and \u202e and 😀"},
        {"n": 10**40, "f": 1e308, "zero": -0.0, "int": 1, "float": 1.0},
        [],
        None,
        "just text",
        {"deep": [[[[[[[[{}]]]]]]]]},
    ],
)
def test_any_json_document_comes_back_unchanged(store, document):
    store.begin_run(make_run(), [make_probe()], {})
    store.add_sample(RUN_ID, "json.plain/01", 1, "response", document, "anthropic", None, None)
    (sample,) = store.samples(RUN_ID)
    assert canonical(sample.document) == canonical(document), "to the last digit: 1 is not 1.0"
    assert sample.latency_ms is None
    assert sample.recorded_at is None
    assert store.verify() == []


@pytest.mark.parametrize("document", [{"x": float("nan")}, {"x": float("inf")}, {"x": {1, 2}}])
def test_what_is_not_json_is_refused_and_leaves_nothing(store, document):
    store.begin_run(make_run(), [make_probe()], {})
    with pytest.raises(StoreError, match="is not JSON"):
        store.add_sample(RUN_ID, "json.plain/01", 1, "response", document, "anthropic", None, None)
    assert list(store.samples(RUN_ID)) == []
    assert store.run(RUN_ID).samples == 0


def test_a_sample_is_counted_as_soon_as_it_is_stored(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 2})
    add(store, RUN_ID, "json.plain/01", 2)
    assert store.run(RUN_ID).samples == 1
    assert rows(store, "select count(*) from samples") == [(1,)], (
        "another connection sees it: it is committed"
    )


def test_a_failed_sample_is_replaced_by_the_next_attempt(store):
    store.begin_run(make_run(), [make_probe()], {})
    failed = add(store, RUN_ID, "json.plain/01", 1, "cut", outcome="failed")
    answered = add(store, RUN_ID, "json.plain/01", 1, "whole")
    assert failed != answered
    assert [(s.id, s.outcome) for s in store.samples(RUN_ID)] == [(answered, "response")]
    assert store.run(RUN_ID).samples == 1
    assert store.verify() == [], "the replaced document is gone too"


def test_a_replaced_document_stays_while_another_sample_has_it(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 2})
    for epoch in (1, 2):
        add(store, RUN_ID, "json.plain/01", epoch, "same", outcome="failed")
    add(store, RUN_ID, "json.plain/01", 1, "whole")
    assert [s.document for s in store.samples(RUN_ID)] == [reply("whole"), reply("same")]


@pytest.mark.parametrize("outcome", ["response", "rejected"])
def test_a_sample_that_was_answered_is_final(store, outcome):
    store.begin_run(make_run(), [make_probe()], {})
    add(store, RUN_ID, "json.plain/01", 1, "first", outcome=outcome)
    with pytest.raises(UsageError, match=r"has a sample of json\.plain/01, epoch 1"):
        add(store, RUN_ID, "json.plain/01", 1, "second")
    assert [s.document for s in store.samples(RUN_ID)] == [reply("first")]
    assert store.verify() == []


def test_a_probe_that_the_run_does_not_ask_is_refused(store):
    store.begin_run(make_run(), [make_probe()], {})
    with pytest.raises(UsageError, match="does not ask probe other/01"):
        add(store, RUN_ID, "other/01", 1)


@pytest.mark.parametrize("outcome", ["error", "", None])
def test_an_unknown_outcome_is_refused(store, outcome):
    store.begin_run(make_run(), [make_probe()], {})
    with pytest.raises(StoreError):
        add(store, RUN_ID, "json.plain/01", 1, outcome=outcome)
    assert store.verify() == []


def test_epoch_zero_is_refused(store):
    store.begin_run(make_run(), [make_probe()], {})
    with pytest.raises(StoreError):
        add(store, RUN_ID, "json.plain/01", 0)


def test_missing_lists_epoch_by_epoch_in_the_order_of_the_suite(store):
    store.begin_run(make_run(), [make_probe("b.b/01"), make_probe("a.a/01", epochs=3)], {"b.b/01": 2})
    assert store.missing(RUN_ID) == [
        ("b.b/01", 1),
        ("a.a/01", 1),
        ("b.b/01", 2),
        ("a.a/01", 2),
        ("a.a/01", 3),
    ]
    add(store, RUN_ID, "a.a/01", 1)
    add(store, RUN_ID, "b.b/01", 2, outcome="failed")
    assert store.missing(RUN_ID) == [("b.b/01", 1), ("a.a/01", 2), ("a.a/01", 3)]
    assert store.missing(RUN_ID, retry_failed=True) == [
        ("b.b/01", 1),
        ("b.b/01", 2),
        ("a.a/01", 2),
        ("a.a/01", 3),
    ]


def test_a_run_with_gaps_cannot_be_complete(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 2})
    with pytest.raises(UsageError, match=r"still misses 2 samples, such as json\.plain/01, epoch 1"):
        store.finish_run(RUN_ID, "complete")
    assert store.finish_run(RUN_ID, "incomplete").seal is None


def test_a_run_without_probes_cannot_be_complete(store):
    store.begin_run(make_run(), [], {})
    with pytest.raises(UsageError, match="has no sample"):
        store.finish_run(RUN_ID, "complete")


def test_an_incomplete_run_goes_on_and_is_then_sealed(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 2})
    add(store, RUN_ID, "json.plain/01", 1)
    store.finish_run(RUN_ID, "incomplete", {"note": "budget"})
    add(store, RUN_ID, "json.plain/01", 2)
    finished = store.finish_run(RUN_ID, "complete", {"note": "resumed"})
    assert (finished.samples, finished.meta["note"]) == (2, "resumed")
    assert store.missing(RUN_ID, retry_failed=True) == []


def test_a_failed_sample_in_a_complete_run_stays(store):
    store.begin_run(make_run(), [make_probe()], {})
    add(store, RUN_ID, "json.plain/01", 1, outcome="failed")
    store.finish_run(RUN_ID, "complete")
    assert store.missing(RUN_ID, retry_failed=True) == []
    with pytest.raises(StoreError, match="sealed"):
        add(store, RUN_ID, "json.plain/01", 1)


def test_a_complete_run_cannot_be_finished_again(store):
    store_run(store, make_run())
    with pytest.raises(UsageError, match="is complete"):
        store.finish_run(RUN_ID, "incomplete")


@pytest.mark.parametrize("status", ["complete", "incomplete"])
def test_a_run_begins_as_running(store, status):
    with pytest.raises(UsageError, match=f"begins as {status}"):
        store.begin_run(make_run(status=status), [make_probe()], {})


def test_a_run_id_is_used_once(store):
    store.begin_run(make_run(), [make_probe()], {})
    with pytest.raises(UsageError, match=f"run {RUN_ID} exists"):
        store.begin_run(make_run(), [make_probe()], {})


def test_a_probe_id_is_used_once_in_a_run(store):
    with pytest.raises(UsageError, match="names a probe twice"):
        store.begin_run(make_run(), [make_probe(), make_probe(family="other")], {})
    assert store.runs() == []


@pytest.mark.parametrize("run_id", ["short", "UPPERCASE0123", "with-dash-0123", ""])
def test_a_run_id_that_nobody_could_type_is_refused(store, run_id):
    with pytest.raises(StoreError):
        store.begin_run(make_run(run_id), [make_probe()], {})


def test_a_name_that_no_database_stores_is_a_clear_error(store):
    with pytest.raises(StoreError, match="lone surrogate"):
        store.begin_run(make_run(target="bad/\ud800"), [make_probe()], {})
    assert store.runs() == []


def test_names_may_hold_any_character(store):
    wild = "we'ird\"/@:%\x00\n\t;drop table runs--é中😀"
    run = store_run(store, make_run(target=wild, label=wild), (make_probe(wild, template="t"),))
    assert store.resolve(f"{wild}@{wild}") == run
    assert list(store.probes(run.id)) == [wild]
    assert store.verify() == []


def test_declared_tool_schemas_are_kept_per_run_probe_and_tool(store):
    probe = make_probe(
        exchanges=(Exchange(tools=(WEATHER,)), Exchange(messages=(Message("user", "x"),), tools=(WEATHER,)))
    )
    store_run(store, make_run(), (probe,))
    assert rows(
        store,
        "select run_id, probe_id, tool, source, json_extract(json, '$.properties.city.type')"
        " from tool_schemas join documents on hash = document_hash",
    ) == [(RUN_ID, probe.id, "weather", "declared", "string")]
    assert store.verify() == []


def call_document(**arguments):
    content = [{"type": "tool_use", "id": "toolu_01", "name": "weather", "input": arguments}]
    body = {
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": content,
        "stop_reason": "tool_use",
    }
    return {"exchanges": [{"dialect": "anthropic", "operation": "generate", "status": 200, "body": body}]}


def test_a_complete_run_keeps_the_schema_of_the_calls_beside_the_declared_one(store):
    probe = make_probe(exchanges=(Exchange(tools=(WEATHER,)),))
    store.begin_run(make_run(status="running"), [probe], {probe.id: 2})
    store.add_sample(RUN_ID, probe.id, 1, "response", call_document(city="Oslo"), "anthropic", None, None)
    store.add_sample(
        RUN_ID, probe.id, 2, "response", call_document(city="Bonn", days=2), "anthropic", None, None
    )
    query = "select source, json from tool_schemas join documents on hash = document_hash order by source"
    assert [source for source, _ in rows(store, query)] == ["declared"]
    store.finish_run(RUN_ID, "complete")
    (_, (source, inferred)) = rows(store, query)
    assert source == "inferred"
    assert json.loads(inferred) == {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    assert store.verify() == []


def test_a_run_that_calls_nothing_infers_nothing(store):
    probe = make_probe(exchanges=(Exchange(tools=(WEATHER,)),))
    store_run(store, make_run(), (probe,))
    assert rows(store, "select count(*) from tool_schemas where source = 'inferred'") == [(0,)]


def test_runs_are_listed_newest_first_by_instant_and_filtered(store):
    for run_id, created_at, label in (
        ("early00000000", "2026-11-01T10:00:00+09:00", "a"),  # 01:00 UTC
        ("late000000000", "2026-11-01T02:00:00+00:00", "b"),
        ("middle0000000", "2026-11-01T01:30:00Z", "a"),
    ):
        store.begin_run(make_run(run_id, created_at=created_at, label=label), [make_probe()], {})
    store.begin_run(make_run("other00000000", target="openai/x", created_at="2020-01-01T00:00:00Z"), [], {})
    ids = [run.id for run in store.runs()]
    assert ids == ["late000000000", "middle0000000", "early00000000", "other00000000"]
    assert [run.id for run in store.runs(label="a")] == ["middle0000000", "early00000000"]
    assert [run.id for run in store.runs(target="openai/x")] == ["other00000000"]
    assert [run.id for run in store.runs(limit=1)] == ["late000000000"]
    assert store.runs(status="complete") == []
    assert store.runs(dataset="none") == []


SEALED = (
    "insert into samples select 'new', run_id, probe_id, 9, outcome, document_hash, 'd', null, null from samples",
    "replace into samples select id, run_id, probe_id, epoch, 'failed', document_hash, 'd', 0, null from samples",
    "update samples set outcome = 'failed'",
    "update samples set run_id = 'open000000000' where run_id = 'run0123456789'",
    "delete from samples",
    "update run_probes set epochs = 9",
    "delete from run_probes where run_id = 'run0123456789'",
    "insert into run_probes select run_id, 'x', 9, probe_hash, 1 from run_probes where run_id = 'run0123456789'",
    "delete from tool_schemas",
    "update runs set status = 'incomplete', seal = null where id = 'run0123456789'",
    "update runs set target = 'other' where id = 'run0123456789'",
    "delete from runs where id = 'run0123456789'",
    "update documents set json = '{}'",
    "update probes set family = 'other'",
)


@pytest.mark.parametrize("statement", SEALED)
def test_no_other_program_can_change_a_complete_run(store, statement):
    probe = make_probe(exchanges=(Exchange(tools=(WEATHER,)),))
    store_run(store, make_run(), (probe,))
    store.begin_run(make_run("open000000000"), [probe], {})
    with (
        closing(sqlite3.connect(store.path)) as other,
        pytest.raises(sqlite3.IntegrityError, match=r"sealed|immutable"),
    ):
        other.execute(statement)
    assert store.verify() == []


def test_an_open_run_can_be_deleted_by_hand(store):
    store.begin_run(make_run(), [make_probe()], {})
    with closing(sqlite3.connect(store.path, isolation_level=None)) as database:
        database.execute("delete from run_probes")
        database.execute("delete from runs")
    assert store.runs() == []


def test_a_sample_cannot_move_into_a_sealed_run(store):
    store_run(store, make_run())
    store.begin_run(make_run("open000000000"), [make_probe()], {"json.plain/01": 2})
    add(store, "open000000000", "json.plain/01", 2)
    with closing(sqlite3.connect(store.path)) as other, pytest.raises(sqlite3.IntegrityError, match="sealed"):
        other.execute("update samples set run_id = ? where run_id = 'open000000000'", (RUN_ID,))


def test_every_table_is_strict_and_every_reference_is_checked(store):
    tables = rows(
        store, "select name, strict from pragma_table_list where schema = 'main' and type = 'table'"
    )
    assert {name for name, strict in tables if not strict} <= {"sqlite_schema", "_sqlite_migrations"}
    assert {"documents", "probes", "runs", "samples", "tool_schemas"} <= {
        name for name, strict in tables if strict
    }
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.transaction():
        store._connection.write("insert into run_probes values ('nobody0000000', 'p', 1, 'h', 1)")


def test_a_write_outside_a_transaction_is_a_programming_error(store):
    with pytest.raises(RuntimeError, match="transaction"):
        store._connection.write("delete from findings")


def test_a_transaction_keeps_all_or_nothing_and_nests(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 3})

    def add_and_fail(epoch: int) -> None:
        with store.transaction():
            add(store, RUN_ID, "json.plain/01", epoch)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        add_and_fail(1)
    assert store.run(RUN_ID).samples == 0
    with store.transaction():
        add(store, RUN_ID, "json.plain/01", 1)
        with pytest.raises(InterruptedError):
            add_and_fail(2)
    assert [sample.epoch for sample in store.samples(RUN_ID)] == [1]
    assert store.verify() == []


def test_samples_stream_while_others_are_written(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 300})
    for epoch in range(1, 201):
        add(store, RUN_ID, "json.plain/01", epoch, str(epoch))
    seen = 0
    for sample in store.samples(RUN_ID):
        seen += 1
        if sample.epoch == 10:
            add(store, RUN_ID, "json.plain/01", 250, "late")
    assert seen in {200, 201}


def test_the_view_shows_what_was_said_without_knowledge_of_an_envelope(store):
    store_run(store, make_run(label="v1"))
    store.begin_run(make_run("chat000000000", target="openai/gpt"), [make_probe()], {"json.plain/01": 2})
    chat = {"model": "gpt-2", "choices": [{"message": {"content": "hello é"}}]}
    store.add_sample(
        "chat000000000",
        "json.plain/01",
        1,
        "response",
        {"exchanges": [{"status": 200, "body": chat}]},
        "openai-chat",
        1,
        None,
    )
    store.add_sample(
        "chat000000000",
        "json.plain/01",
        2,
        "rejected",
        {"exchanges": [{"status": 400, "body": {"error": {"message": "no such parameter"}}}]},
        "openai-chat",
        1,
        None,
    )
    assert rows(
        store,
        "select target, label, requested_model, response_model, family, purpose, probe_id, epoch, outcome, status,"
        " output_text from samples_view order by target, epoch",
    ) == [
        (
            "anthropic/claude-x",
            "v1",
            "claude-x",
            "claude-x-20261101",
            "json_format",
            "machine",
            "json.plain/01",
            1,
            "response",
            200,
            f"{RUN_ID} json.plain/01 1",
        ),
        (
            "openai/gpt",
            None,
            "claude-x",
            "gpt-2",
            "json_format",
            "machine",
            "json.plain/01",
            1,
            "response",
            200,
            "hello é",
        ),
        (
            "openai/gpt",
            None,
            "claude-x",
            None,
            "json_format",
            "machine",
            "json.plain/01",
            2,
            "rejected",
            400,
            "no such parameter",
        ),
    ]


def test_no_column_is_called_model(store):
    names = {
        row[0]
        for row in rows(
            store,
            "select c.name from sqlite_master m join pragma_table_info(m.name) c where m.type in ('table', 'view')",
        )
    }
    assert "requested_model" in names
    assert "model" not in names


def test_the_request_hash_of_a_probe_is_the_one_of_the_model(store):
    probe = make_probe(exchanges=(Exchange(tools=(WEATHER,), bodies={"anthropic": {"x": [1]}}),))
    store.begin_run(make_run(), [probe], {})
    assert rows(store, "select request_hash from probes") == [(probe.hash,)]


def test_reading_a_snapshot_leaves_the_garbage_collector_as_it_was(store):
    import gc

    store_run(store, make_run())
    store.snapshot(RUN_ID)
    assert gc.isenabled()
    gc.disable()
    try:
        store.snapshot(RUN_ID)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_full_disk_is_told_and_what_was_stored_is_safe(store):
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 1000})
    add(store, RUN_ID, "json.plain/01", 1)
    store._connection.row("pragma max_page_count = 60")

    def fill() -> None:
        for epoch in range(2, 1000):
            add(store, RUN_ID, "json.plain/01", epoch, f"{epoch} " * 300)

    with pytest.raises(StoreError, match="the disk is full; make room; what was stored before is safe"):
        fill()
    assert store.verify() == []
    assert store.run(RUN_ID).samples >= 1
