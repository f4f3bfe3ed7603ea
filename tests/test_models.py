# Vendors' own lists of models: taken over the wire, kept, compared, and read into the table of dates.

import datetime as dt
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from drift.catalogue import read_catalogue
from drift.catalogue.dates import news, readings_of_list, readings_of_release
from drift.catalogue.taking import take
from drift.cli import main
from drift.errors import UnmeasuredError
from drift.lifecycle import COLUMNS, Lifecycle, read_table
from drift.model import Target
from drift.report import validate
from drift.store import Store
from tests.vendor import catalogue as offered
from tests.vendor import chat

pytest_plugins = ["tests.cli_fixtures", "tests.vendor.plugin"]


@pytest.fixture
def hosts(vendor, monkeypatch):
    """The stand-in as every vendor."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendor.url)
    monkeypatch.setenv("OPENAI_BASE_URL", vendor.openai_url)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", vendor.url)
    return vendor


def ask_json(capsys, *argv, code=0):
    assert main([*argv, "--json"]) == code, capsys.readouterr().err
    document = json.loads(capsys.readouterr().out)
    validate(document)
    return document


def catalogue(platform="anthropic", taken="2026-11-26", **models):
    """A list of Claude models of which only what is given is said."""
    data = [{"id": name.replace("_", "-"), **said} for name, said in models.items()]
    raw = {"exchanges": [{"dialect": "anthropic", "status": 200, "error": None, "body": {"data": data}}]}
    return read_catalogue(raw, platform=platform, taken_at=f"{taken}T06:00:00+00:00")


# Taking


def test_every_vendors_list_is_read_to_its_last_page(hosts):
    claude = take(Target("anthropic", "")).catalogue
    assert claude["complete"]
    assert {name: entry["lifecycle"] for name, entry in claude["models"].items()} == {
        model["id"]: model["lifecycle"] for model in offered.CLAUDE
    }
    assert claude["models"]["claude-sonnet-4-5"]["retires_on"] == "2026-11-30"
    assert claude["models"]["claude-sonnet-4-5"]["limits"] == {
        "input_tokens": 1_000_000,
        "output_tokens": 128_000,
    }
    gpt = take(Target("openai", "")).catalogue
    assert gpt["models"]["gpt-4o"]["retires_on"] == "2027-01-14"
    assert gpt["models"]["gpt-5.5"]["retires_on"] is None
    gemini = take(Target("gemini", "")).catalogue
    assert set(gemini["models"]) == {model["name"].removeprefix("models/") for model in offered.GEMINI}
    assert gemini["models"]["gemini-3.8-flash"]["capabilities"]["method.generateContent"] is True


def test_a_price_is_kept_with_the_list_and_none_is_made_up(hosts):
    taken = take(Target("anthropic", ""))
    assert taken.catalogue["models"]["claude-sonnet-4-5"]["price"]["output"] > 0
    assert taken.raw["prices"].keys() <= taken.catalogue["models"].keys()
    assert take(Target("openai", "")).catalogue["models"]["open-model-7b"]["price"] == {}


def test_a_host_that_refuses_gives_no_list(hosts):
    hosts.fail(500)
    with pytest.raises(UnmeasuredError, match="anthropic gave no list of models"):
        take(Target("anthropic", ""))


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b'{"status": "ok"}', b'"ok"'])
def test_what_another_server_answers_is_no_empty_list(body):
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        with pytest.raises(UnmeasuredError, match="no list of models"):
            take(Target("compatible", "", base_url=url))
        server.shutdown()


def test_a_list_that_is_cut_after_its_first_page_is_not_complete():
    first = {"data": [{"id": "claude-a-1"}], "has_more": True, "last_id": "claude-a-1"}
    pages = [
        {"dialect": "anthropic", "status": 200, "error": None, "body": first},
        {"dialect": "anthropic", "status": 500, "error": {"message": "x"}, "body": None},
    ]
    read = read_catalogue({"exchanges": pages}, platform="anthropic", taken_at="2026-11-26T06:00:00+00:00")
    assert (read["complete"], list(read["models"])) == (False, ["claude-a-1"])


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        [],
        3,
        {"data": 3},
        {"data": [3, None, {"id": 3}, {}]},
        {"models": [{"name": None}]},
        {"data": {"id": 1}},
    ],
)
def test_what_is_no_list_has_no_models(body):
    for dialect in ("anthropic", "openai-chat", "gemini"):
        raw = {"exchanges": [{"dialect": dialect, "status": 200, "error": None, "body": body}]}
        assert read_catalogue(raw, platform="x", taken_at="2026-11-26T06:00:00+00:00")["models"] == {}


def test_strange_values_say_nothing():
    strange = {
        "id": "m", "created": -5, "shutdown_date": "soon", "context_length": "many", "capabilities": [1],
        "pricing": {"prompt": "free", "completion": None}, "architecture": 3, "supported_parameters": {"a": 1},
    }  # fmt: skip
    raw = {"exchanges": [{"dialect": "openai-chat", "status": 200, "error": None, "body": [strange]}]}
    (entry,) = read_catalogue(raw, platform="x", taken_at="2026-11-26T06:00:00+00:00")["models"].values()
    assert entry["retires_on"] is entry["created"] is None
    assert entry["limits"] == entry["capabilities"] == entry["price"] == {}


# Commands


def test_lists_are_kept_and_compared(project, hosts, capsys, monkeypatch):
    kept = ask_json(capsys, "models", "snapshot", "anthropic", "openai", "gemini")
    assert [(one["platform"], one["models"], one["complete"]) for one in kept["catalogues"]] == [
        ("anthropic", len(offered.CLAUDE), True),
        ("gemini", len(offered.GEMINI), True),
        ("openai", len(offered.OPENAI), True),
    ]
    ask_json(capsys, "models", "snapshot", "openai")
    same = ask_json(capsys, "models", "diff", "openai")
    assert (same["verdict"], same["findings"]) == ("none", [])
    monkeypatch.setattr(chat, "OPENAI", [model for model in offered.OPENAI if model["id"] != "gpt-5.5"])
    ask_json(capsys, "models", "snapshot", "openai")
    gone = ask_json(capsys, "models", "diff", "openai", code=1)
    assert [(one["rule"], one["level"], one["places"]) for one in gone["findings"]] == [
        ("model-removed", "breaking", ["gpt-5.5"])
    ]
    (project / "drift.yaml").write_text("targets: [openai/gpt-4o]\n", encoding="utf-8")
    other = ask_json(capsys, "models", "diff", "openai")
    assert other["findings"][0]["level"] == "warning"
    (project / "drift.yaml").write_text("targets: [openai/gpt-5.5]\n", encoding="utf-8")
    ask_json(capsys, "models", "diff", "openai", code=1)
    listed = ask_json(capsys, "models", "snapshots")
    assert len(listed["catalogues"]) == 5
    first = listed["catalogues"][2]["id"]
    assert ask_json(capsys, "models", "diff", first[:12], "openai", code=1)["verdict"] == "breaking"
    assert main(["db", "verify"]) == 0
    capsys.readouterr()


def test_a_host_that_cannot_be_asked_is_exit_code_3(project, hosts, capsys):
    hosts.fail(529, times=9)
    assert main(["models", "snapshot", "anthropic"]) == 3
    assert "gave no list of models" in capsys.readouterr().err
    assert not (project / "snapshots/drift.db").exists()


def test_an_altered_list_is_seen(project, hosts, capsys):
    ask_json(capsys, "models", "snapshot", "openai")
    with closing(sqlite3.connect(project / "snapshots/drift.db")) as connection, connection:
        connection.execute("update catalogues set document = replace(document, 'gpt-4o', 'gpt-4x')")
    assert main(["db", "verify"]) == 3
    assert "The list of models of openai" in capsys.readouterr().out


def test_databases_with_lists_are_merged(project, hosts, capsys):
    ask_json(capsys, "models", "snapshot", "openai", "-d", "a.db")
    ask_json(capsys, "models", "snapshot", "gemini", "-d", "b.db")
    for _ in range(2):
        assert main(["db", "merge", "b.db", "-d", "a.db"]) == 0
    capsys.readouterr()
    merged = ask_json(capsys, "models", "snapshots", "-d", "a.db")
    assert [one["platform"] for one in merged["catalogues"]] == ["gemini", "openai"]


def test_models_are_listed_with_what_their_dates_are_worth(project, capsys):
    document = ask_json(capsys, "models", "list", "anthropic", "gemini", "--today", "2026-11-26")
    states = {entry["spec"]: entry["status"]["state"] for entry in document["models"]}
    assert states["anthropic/claude-sonnet-4-5"] == "ending"
    assert states["gemini/gemini-2.5-pro"] == "rerouting"
    assert states["anthropic/claude-opus-5-5"] == "floor"
    assert states["gemini/gemini-3.8-flash"] == "unknown"
    assert "anthropic/claude-2.1" not in states
    assert document["hidden"] > 0
    every = ask_json(capsys, "models", "list", "anthropic", "--all", "--today", "2026-11-26")
    assert "anthropic/claude-2.1" in {entry["spec"] for entry in every["models"]}
    soon = ask_json(capsys, "models", "list", "--ending", "5", "--today", "2026-11-26")
    assert {"anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro"} <= {
        entry["spec"] for entry in soon["models"]
    }
    assert "openai/gpt-5" not in {entry["spec"] for entry in soon["models"]}
    assert ask_json(capsys, "models", "list", "bedrock", "--all")["models"]


# Readings


def test_a_list_says_what_it_says_and_overdue_is_not_gone():
    listed = catalogue(
        claude_a_1={"lifecycle": "active"},
        claude_b_1={
            "lifecycle": "deprecated",
            "deprecated_at": "2026-10-01T00:00:00Z",
            "retires_at": "2026-12-31",
        },
        claude_c_1={"lifecycle": "deprecated", "retires_at": "2026-11-01T00:00:00Z"},
        claude_d_1={"lifecycle": "retired", "retires_at": "2026-11-01T00:00:00Z"},
        claude_e_1={"lifecycle": "retired"},
        claude_f_1={"lifecycle": "deprecated"},
    )
    table = Lifecycle(tuple(readings_of_list(listed)))
    today = dt.date(2026, 11, 26)
    states = {entry.reading.model_id: table.status_of(entry, today).state for entry in table.entries()}
    assert states == {
        "claude-a-1": "unknown", "claude-b-1": "ending", "claude-c-1": "floor-passed",
        "claude-d-1": "retired", "claude-e-1": "retired", "claude-f-1": "deprecated",
    }  # fmt: skip


def test_a_list_of_another_host_says_nothing_about_the_vendor():
    listed = catalogue(claude_a_1={"lifecycle": "retired"})
    assert list(readings_of_list({**listed, "base_url": "https://proxy.example"})) == []
    assert list(readings_of_list({**listed, "platform": "compatible"})) == []


def test_an_id_that_would_act_in_a_file_that_people_open_is_no_reading():
    hostile = ("=cmd()", "+1", "-1", "@SUM(A1)", "claude-x\x1b[2J", "claude-x\n", "\u202eclaude", "")
    listed = catalogue(**{name: {} for name in (*hostile, "claude-opus-9")})
    assert [one.model_id for one in readings_of_list(listed)] == ["claude-opus-9"]


def release(version="2.12.0", released="2026-11-20", **models):
    facts = {name.replace("_", "-"): said for name, said in models.items()}
    package = {"name": "anthropic", "version": version, "released": released}
    return {"package": package, "models": facts}


def test_an_sdk_release_brings_ids_and_ends():
    said = {"listed": True, "deprecated": False, "retires": None}
    surface = release(
        claude_sonnet_4_5={**said, "deprecated": True, "retires": "2026-11-30"},
        claude_new_9=said,
        not_a_model=said,
    )
    found = {one.model_id: one for one in readings_of_release(surface, "2026-11-26T06:00:00+00:00")}
    assert set(found) == {"claude-sonnet-4-5", "claude-new-9"}
    assert (found["claude-sonnet-4-5"].retires_kind, found["claude-sonnet-4-5"].as_of) == (
        "firm",
        dt.date(2026, 11, 20),
    )
    assert found["claude-new-9"].retires_kind == "unknown"


def test_a_release_that_only_lists_an_id_disagrees_with_nobody():
    def kinds(**facts):
        (listed,) = readings_of_release(
            release(claude_a_1={"listed": True, "deprecated": False, "retires": None, "text": None, **facts}),
            "2026-11-26T06:00:00+00:00",
        )
        floor = replace(
            listed,
            as_of=dt.date(2026, 10, 1),
            retires_kind="not_sooner_than",
            retires_on=dt.date(2027, 1, 1),
            note="",
        )
        firm = replace(floor, retires_kind="firm")
        return [len(next(Lifecycle((said, listed)).entries()).others) for said in (floor, firm)]

    assert kinds() == [0, 0]
    assert kinds(deprecated=True) == [1, 1]
    assert kinds(retires="2026-12-01", deprecated=True) == [1, 1]
    assert kinds(retires="2027-02-01", deprecated=True) == [0, 1], "a promise that was kept"


def test_only_what_is_newer_is_news_and_silence_takes_no_date_away():
    table = Lifecycle.load()
    listed = catalogue(
        taken="2026-12-01",
        claude_sonnet_4_5={"lifecycle": "active"},
        claude_opus_5_5={
            "lifecycle": "deprecated",
            "deprecated_at": "2026-12-01",
            "retires_at": "2027-11-01",
        },
        claude_new_9={"lifecycle": "active"},
    )
    found = {one.reading.model_id: (one.news, one.before) for one in news(table, readings_of_list(listed))}
    assert found == {
        "claude-opus-5-5": ("changed", "not_sooner_than 2027-09-22"),
        "claude-new-9": ("new", ""),
        "claude-sonnet-4-5": ("confirmed", "firm 2026-11-30"),
    }
    after = Lifecycle((*table.readings, *(one.reading for one in news(table, readings_of_list(listed)))))
    entry, _ = after.entry("anthropic", "claude-sonnet-4-5")
    assert entry.reading.retires_on == dt.date(2026, 11, 30)
    old = catalogue(taken="2026-01-01", claude_sonnet_4_5={"lifecycle": "retired"})
    assert news(table, readings_of_list(old)) == []


def test_update_shows_what_is_new_and_writes_it_only_when_told(project, capsys):
    listed = {"id": "claude-opus-5-5", "lifecycle": "deprecated", "retires_at": "2027-11-01T00:00:00Z"}
    body = {"data": [listed], "has_more": False}
    raw = {"exchanges": [{"dialect": "anthropic", "status": 200, "error": None, "body": body}], "prices": {}}
    with Store.open(project / "snapshots/drift.db") as store:
        store.save_catalogue(
            raw, platform="anthropic", base_url=None, api_version=None, taken_at="2026-12-01T06:00:00+00:00",
            models=1, complete=True,
        )  # fmt: skip
    shown = ask_json(capsys, "models", "update")
    assert [(one["news"], one["model_id"], one["retires_on"]) for one in shown["readings"]] == [
        ("changed", "claude-opus-5-5", "2027-11-01")
    ]
    assert not (project / "snapshots/lifecycle.csv").exists()
    written = ask_json(capsys, "models", "update", "--write")
    assert written["written"] == "snapshots/lifecycle.csv"
    (row,) = read_table(project / "snapshots/lifecycle.csv")
    assert (row.model_id, row.retires_on, row.source) == (
        "claude-opus-5-5", dt.date(2027, 11, 1), "list of models of the anthropic API",
    )  # fmt: skip
    assert ask_json(capsys, "models", "update")["readings"] == []
    (project / "app.py").write_text('model = "claude-opus-5-5"', encoding="utf-8")
    scanned = ask_json(capsys, "scan", "--today", "2026-12-02")
    assert scanned["models"][0]["status"]["retires_on"] == "2027-11-01"


# The table


def test_the_packaged_table_is_sound():
    table = Lifecycle.load()
    seen = set()
    for reading in table.readings:
        identity = (*reading.key, reading.source)
        assert identity not in seen
        seen.add(identity)
        assert reading.as_of <= dt.date(2026, 12, 31)
        assert reading.released is None or reading.retires_on is None or reading.released < reading.retires_on
        assert (
            reading.deprecated_on is None
            or reading.retires_on is None
            or reading.deprecated_on <= reading.retires_on
        )
    assert len({reading.platform.partition("/")[0] for reading in table.readings}) >= 7


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x", "too many or too few columns"),
        ("p,v,m,model,,,,2026-02-30,firm,,no,2026-01-01,s,", "retires_on: '2026-02-30' is no date"),
        ("p,v,m,model,,,,,firm,,no,2026-01-01,s,", "retires_on does not go with firm"),
        ("p,v,m,model,,,,2026-02-03,unknown,,no,2026-01-01,s,", "retires_on does not go with unknown"),
        ("p,v,m,model,,,,,perhaps,,no,2026-01-01,s,", "retires_kind: no such value 'perhaps'"),
        ("p,v,m,thing,,,,,unknown,,no,2026-01-01,s,", "what: no such value 'thing'"),
        ("p,v,m,model,,,,,unknown,,maybe,2026-01-01,s,", "second_hand: no such value 'maybe'"),
        ("p,v,m,model,,,,,unknown,,no,,s,", "have to be given"),
        ("p,v,,model,,,,,unknown,,no,2026-01-01,s,", "have to be given"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(project, capsys, line, words):
    head = ",".join(COLUMNS)
    (project / "snapshots").mkdir()
    (project / "snapshots/lifecycle.csv").write_text(f"{head}\n{line}\n", encoding="utf-8")
    assert main(["models"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "snapshots/lifecycle.csv:2" in error


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["models", "list", "nowhere"], "nothing is known about the platform 'nowhere'; "),
        (["models", "snapshot", "nowhere"], "unknown platform 'nowhere'; "),
        (["models", "snapshot", "openai", "--base-url", "https://me:sk-secret@x"], "holds credentials"),
        (["models", "diff", "openai"], "there is no database"),
        (["models", "list", "--today", "now"], "--today 'now' is no day; "),
    ],
)
def test_a_mistake_is_one_line(project, capsys, argv, words):
    assert main(argv) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert "sk-secret" not in printed.err


def test_a_list_that_is_not_kept_is_named(project, hosts, capsys):
    ask_json(capsys, "models", "snapshot", "openai")
    for argv, words in (
        (["openai"], "1 list of 'openai' to compare; "),
        (["openai", "openai@2020-01-01"], "no list of models 'openai@2020-01-01' is kept; "),
        (["openai", "openai@soon"], "the day of the list 'soon' is no day; "),
        (["anthropic", "openai"], "no list of models 'anthropic' is kept; "),
    ):
        assert main(["models", "diff", *argv]) == 2
        assert words in capsys.readouterr().err
