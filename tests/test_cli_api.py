# drift api on the command line: releases from files and from pip, kept, compared, reported, acknowledged.

import json
from pathlib import Path

import pytest

from drift.cli import main
from drift.report import formats_for, validate
from drift.store import Store
from tests.surface_wheels import NEW, OLD, write_wheel

pytest_plugins = ["tests.cli_fixtures"]

MESSAGES = NEW["resources/messages.py"]
LATER = {
    **NEW,
    "resources/messages.py": MESSAGES.replace("effort: Effort | Omit = omit,", "")
    .replace('"effort": effort,', "")
    .replace("max_tokens: int,", "max_tokens: int,\n                dream: str | Omit = omit,")
    .replace(
        '"max_tokens": max_tokens,', '"max_tokens": max_tokens,\n                        "dream": dream,'
    ),
}


@pytest.fixture
def wheels(project, monkeypatch):
    """Three releases of acme in a folder that is pip's whole index."""
    folder = project / "index"
    folder.mkdir()
    write_wheel(folder, OLD, version="1.0.0")
    write_wheel(folder, NEW, version="1.1.0")
    write_wheel(folder, LATER, version="2.0.0", **{"Requires-Python": ">=3.10"})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def ask(capsys, *argv):
    code = main(list(argv))
    said = capsys.readouterr()
    return code, said.out, said.err


def ask_json(capsys, *argv):
    code, out, _ = ask(capsys, *argv, "--json")
    document = json.loads(out)
    validate(document)
    return code, document


def wheel(folder, version):
    return str(folder / f"acme-{version}-py3-none-any.whl")


def upgrade(folder):
    return wheel(folder, "1.1.0"), wheel(folder, "2.0.0")


def test_a_release_comes_from_pip_once_and_then_from_the_database(capsys, wheels):
    code, first = ask_json(capsys, "api", "snapshot", "acme==1.1.0")
    assert code == 0
    (row,) = first["surfaces"]
    assert (row["package"], row["version"], row["new"]) == ("acme", "1.1.0", True)
    assert row["surface"]["endpoints"]["POST /v1/messages"]["ga"]
    for file in wheels.iterdir():
        file.unlink()
    _, second = ask_json(capsys, "api", "snapshot", "acme==1.1.0")
    assert second["surfaces"][0]["new"] is False
    assert second["surfaces"][0]["surface"] == row["surface"]
    assert second["surfaces"][0]["read_at"] == row["read_at"]


def test_without_a_version_the_newest_release_is_meant(capsys, wheels):
    _, document = ask_json(capsys, "api", "snapshot", "acme")
    assert document["surfaces"][0]["version"] == "2.0.0"


def test_a_file_and_its_release_are_one_surface(capsys, wheels):
    ask(capsys, "api", "snapshot", wheel(wheels, "1.0.0"), wheel(wheels, "1.1.0"))
    _, document = ask_json(capsys, "api", "list")
    assert [(row["version"], row["surface"]) for row in document["surfaces"]] == [
        ("1.0.0", None),
        ("1.1.0", None),
    ]
    _, again = ask_json(capsys, "api", "snapshot", "acme==1.0.0", wheel(wheels, "1.0.0"))
    assert again["surfaces"][0]["new"] is False


def test_a_group_without_a_verb_lists(capsys, wheels):
    ask(capsys, "api", "snapshot", wheel(wheels, "1.0.0"))
    code, out, _ = ask(capsys, "api")
    assert code == 0
    assert "acme 1.0.0" in out


def test_what_is_slow_is_announced_on_stderr_and_quiet_stays_quiet(capsys, wheels):
    _, out, err = ask(capsys, "api", "snapshot", "acme==1.0.0", "--json")
    json.loads(out)
    assert "downloading acme==1.0.0" in err
    assert "reading acme-1.0.0-py3-none-any.whl" in err
    assert ask(capsys, "api", "snapshot", wheel(wheels, "1.1.0"), "-q")[2] == ""


def test_a_diff_is_a_comparison_with_a_gate(capsys, wheels):
    code, document = ask_json(capsys, "api", "diff", *upgrade(wheels))
    assert code == document["gate"]["exit_code"] == 1
    assert {finding["rule"] for finding in document["findings"]} == {
        "request-parameter-removed",
        "request-parameter-added",
        "sdk-python-floor-raised",
    }
    assert document["axes"] == ["sdk"]
    assert document["baseline"]["id"] == "acme 1.1.0"
    assert document["candidate"]["sdk"] == "acme 2.0.0"
    code, _, _ = ask(capsys, "api", "diff", *upgrade(wheels), "--fail-on", "never")
    assert code == 0


def test_another_manner_of_the_generator_passes(capsys, wheels):
    code, out, _ = ask(capsys, "api", "diff", wheel(wheels, "1.0.0"), wheel(wheels, "1.1.0"))
    assert code == 0
    assert "NO DRIFT FOUND" in out
    assert "declare the same" in out


def test_a_diff_is_written_in_every_format_and_shown_again(capsys, wheels, project):
    files = [project / f"report{one.ending}" for one in formats_for("comparison")]
    ask(capsys, "api", "diff", *upgrade(wheels), *(part for file in files for part in ("-o", str(file))))
    for file in files:
        assert "request-parameter-removed" in file.read_text("utf-8"), file
    code, out, _ = ask(capsys, "report", "--format", "md")
    assert code == 0
    assert "sdk-python-floor-raised" in out
    assert "acme 2.0.0" in out


def test_a_finding_is_explained_and_acknowledged(capsys, wheels):
    _, document = ask_json(capsys, "api", "diff", *upgrade(wheels))
    by_rule = {finding["rule"]: finding for finding in document["findings"]}
    fingerprint = by_rule["request-parameter-removed"]["fingerprint"]
    code, out, _ = ask(capsys, "explain", fingerprint)
    assert code == 0
    assert "effort" in out
    for rule in ("request-parameter-removed", "sdk-python-floor-raised"):
        words = ["--reason", "planned", "--owner", "ana", "--until", in_a_month()]
        assert ask(capsys, "ack", by_rule[rule]["fingerprint"], *words)[0] == 0
    code, document = ask_json(capsys, "api", "diff", *upgrade(wheels))
    assert code == 0
    assert document["verdict"] == "info"
    assert sum(finding["acknowledged"] is not None for finding in document["findings"]) == 2
    _, document = ask_json(capsys, "api", "diff", wheel(wheels, "1.0.0"), wheel(wheels, "1.1.0"))
    assert any("no finding here" in notice for notice in document["notices"])


def in_a_month():
    import datetime as dt

    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()


def test_a_level_can_be_configured(capsys, wheels, project):
    (project / "drift.yaml").write_text(
        "levels:\n  request-parameter-removed: info\n  sdk-python-floor-raised: info\n"
    )
    code, document = ask_json(capsys, "api", "diff", *upgrade(wheels))
    assert code == 0
    removed = next(f for f in document["findings"] if f["rule"] == "request-parameter-removed")
    assert removed["level_steps"] == ["default: breaking", "configured: info"]


def test_nothing_is_kept_when_nothing_shall_be_kept(capsys, wheels, project):
    code, _, _ = ask(capsys, "api", "diff", wheel(wheels, "1.0.0"), wheel(wheels, "1.1.0"), "--no-save")
    assert code == 0
    assert ask(capsys, "api", "snapshot", wheel(wheels, "1.0.0"), "--no-save")[0] == 0
    assert not (project / "snapshots").exists()


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["snapshot", "acme==9.9.9"], 2, "there is no wheel of acme==9.9.9"),
        (["snapshot", "acme>=1"], 2, "names no release"),
        (["snapshot", "--", "-r requirements.txt"], 2, "names no release"),
        (["snapshot", "nowhere.whl"], 2, "there is no file nowhere.whl"),
        (["diff", "nowhere.whl", "acme==1.1.0"], 2, "there is no file nowhere.whl"),
        (["diff", "acme==1.0.0", "acme==1.1.0", "--format", "pdf"], 2, "there is no format"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(capsys, wheels, argv, code, said):
    found, out, err = ask(capsys, "api", *argv)
    assert found == code
    assert out == ""
    assert said in err.splitlines()[-1]


def test_an_index_that_cannot_be_reached_has_not_lost_a_release(capsys, wheels, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    code, out, err = ask(capsys, "api", "snapshot", "acme==9.9.9")
    assert "could not reach its index for acme==9.9.9" in err.splitlines()[-1]
    assert (code, out) == (3, "")


def test_a_pip_that_fails_is_not_measured_rather_than_wrong(capsys, wheels, monkeypatch, project):
    broken = project / "broken"
    (broken / "pip").mkdir(parents=True)
    (broken / "pip" / "__init__.py").write_text("")
    (broken / "pip" / "__main__.py").write_text("import sys; sys.exit('ERROR: the index is away')")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    code, _, err = ask(capsys, "api", "snapshot", "acme==1.0.0")
    assert code == 3
    assert "pip could not download acme==1.0.0: ERROR: the index is away" in err


def test_the_database_knows_when_a_surface_was_changed_and_takes_those_of_another(capsys, wheels, project):
    import sqlite3

    ask(capsys, "api", "snapshot", wheel(wheels, "1.0.0"))
    ask(capsys, "api", "snapshot", wheel(wheels, "1.1.0"), "-d", str(project / "other.db"))
    assert ask(capsys, "db", "merge", str(project / "other.db"))[0] == 0
    with Store.open(project / "snapshots/drift.db") as store:
        assert [one.version for one in store.surfaces("acme")] == ["1.0.0", "1.1.0"]
        assert store.verify() == []
    with sqlite3.connect(project / "snapshots/drift.db") as raw:
        raw.execute("update surfaces set document = replace(document, 'POST', 'PUT') where version = '1.0.0'")
    raw.close()
    code, out, _ = ask(capsys, "db", "verify")
    assert code == 3
    assert "surface of acme 1.0.0 was changed" in out


def test_versions_are_listed_in_their_own_order(project):
    from drift.surface.document import counts
    from tests.surface_support import written_surface

    versions = ["1.10.0", "1.9.0", "2.0.0rc1", "2.0.0", "2.0.0.post1", "0.1"]
    with Store.open(project / "x.db") as store:
        for number, version in enumerate(versions):
            surface = written_surface({"package": {"version": version, "sha256": f"{number}" * 64}})
            assert store.save_surface(surface, counts(surface), "2026-11-01T00:00:00+00:00")
            assert not store.save_surface(surface, counts(surface), "2026-11-02T00:00:00+00:00")
        listed = [one.version for one in store.surfaces()]
    assert listed == ["0.1", "1.9.0", "1.10.0", "2.0.0rc1", "2.0.0", "2.0.0.post1"]


# ---------------------------------------------------------------- watching


def with_dream(folder, version):
    files = {
        **LATER,
        "resources/dreams.py": """
            from .._resource import SyncAPIResource

            class Dreams(SyncAPIResource):
                def create(self, *, model: str):
                    return self._post("/v1/dreams", body={"model": model})
            """,
    }
    write_wheel(folder, files, version=version)


def test_the_first_look_says_that_there_is_nothing_to_compare_with(capsys, wheels):
    code, document = ask_json(capsys, "api", "watch", "acme", "--word", "message")
    assert code == document["exit_code"] == 0
    (found,) = document["packages"]
    assert (found["baseline"], found["candidate"], found["comparison"]) == (None, "2.0.0", None)
    assert "first look" in document["notices"][0]
    assert "message in POST /v1/messages" in document["notices"][1]


def test_a_new_endpoint_is_listed_and_its_word_is_seen_the_day_it_is_shipped(capsys, wheels, project):
    ask(capsys, "api", "snapshot", wheel(wheels, "1.1.0"))
    code, document = ask_json(capsys, "api", "watch", "acme", "--word", "dream", "--word", "zzz")
    assert code == 1
    (found,) = document["packages"]
    assert [(one["word"], one["name"]) for one in found["seen"]] == [("dream", "dream")], (
        "a parameter counts as well"
    )
    assert found["endpoints"] == []
    with_dream(wheels, "3.0.0")
    code, document = ask_json(capsys, "api", "watch", "acme", "--word", "dream")
    (found,) = document["packages"]
    assert code == 1
    assert found["endpoints"] == ["POST /v1/dreams [ga]"]
    assert {one["name"] for one in found["seen"]} == {"POST /v1/dreams"}
    assert {one["name"] for one in found["earlier"]} == {"dream"}
    code, out, _ = ask(capsys, "report", found["comparison"], "-q")
    assert "endpoint-added" in out
    code, document = ask_json(capsys, "api", "watch", "acme", "--word", "dream")
    assert code == 0
    assert "seen before that: dream in POST /v1/dreams" in document["notices"][1]


def test_a_word_inside_a_new_endpoint_is_seen_as_well(capsys, wheels):
    ask(capsys, "api", "snapshot", wheel(wheels, "2.0.0"))
    files = {
        **LATER,
        "resources/tuning.py": """
            from typing import Literal
            from .._resource import SyncAPIResource

            class Tuning(SyncAPIResource):
                def create(self, *, goal: Literal["speed", "self_repair"], optimizer: str):
                    return self._post("/v1/tuning", body={"goal": goal, "optimizer": optimizer})
            """,
    }
    write_wheel(wheels, files, version="3.0.0")
    code, document = ask_json(capsys, "api", "watch", "acme")
    assert code == 1
    seen = document["packages"][0]["seen"]
    assert {(one["word"], one["rule"], one["name"]) for one in seen} == {
        ("optimi", "inside", "optimizer"),
        ("self", "inside", "self_repair"),
    }


def test_a_release_that_a_new_reader_has_read_does_not_hide_the_first_look(capsys, wheels, project):
    from drift.surface import read_surface
    from drift.surface.document import counts

    surface = {**read_surface(Path(wheel(wheels, "1.0.0"))), "extractor": 1}
    (project / "snapshots").mkdir()
    with Store.open(project / "snapshots" / "drift.db") as store:
        store.save_surface(surface, counts(surface), "2026-01-02T03:04:05+00:00")
    ask(capsys, "api", "snapshot", wheel(wheels, "1.1.0"))
    _, document = ask_json(capsys, "api", "watch", "acme", "--word", "zzz")
    assert (document["packages"][0]["baseline"], document["packages"][0]["since"]) == ("1.1.0", "2026-01-02")


def test_an_empty_word_would_be_in_everything_and_is_refused(capsys, wheels):
    code, _, err = ask(capsys, "api", "watch", "acme", "--word", "")
    assert code == 2
    assert "a word to look for is empty" in err


def test_none_seen_names_the_day_and_release_since_when_it_has_been_looking(capsys, wheels):
    ask(capsys, "api", "snapshot", wheel(wheels, "1.0.0"))
    ask(capsys, "api", "snapshot", wheel(wheels, "1.1.0"))
    _, document = ask_json(capsys, "api", "watch", "acme", "--word", "zzz")
    (found,) = document["packages"]
    assert found["first"] == "1.0.0"
    assert f"none seen since {found['since']}, when acme 1.0.0 was read" in document["notices"][-1]


def test_a_new_reader_reads_a_known_release_again_and_keeps_its_day(capsys, wheels, project):
    from drift.surface import read_surface
    from drift.surface.document import EXTRACTOR_VERSION, counts

    assert EXTRACTOR_VERSION > 1
    surface = {**read_surface(Path(wheel(wheels, "1.1.0"))), "extractor": 1}
    (project / "snapshots").mkdir()
    with Store.open(project / "snapshots" / "drift.db") as store:
        store.save_surface(surface, counts(surface), "2026-01-02T03:04:05+00:00")
    code, found = ask_json(capsys, "api", "watch", "acme", "--word", "zzz")
    assert code == 0
    assert found["packages"][0]["baseline"] == "1.1.0"
    assert found["packages"][0]["since"] == "2026-01-02"


def test_a_pinned_release_is_the_baseline_whatever_is_stored(capsys, wheels, project):
    (project / "drift.yaml").write_text('api_packages: ["acme==1.1.0"]\napi_words: [effort, DREAM]\n')
    code, document = ask_json(capsys, "api", "watch")
    assert code == 1
    assert document["words"] == ["effort", "DREAM"]
    assert document["packages"][0]["baseline"] == "1.1.0"
    assert [one["word"] for one in document["packages"][0]["seen"]] == ["DREAM"]


def test_a_package_that_cannot_be_read_is_named_and_the_others_are_watched(capsys, wheels):
    code, document = ask_json(capsys, "api", "watch", "nowhere", "acme", "--word", "zzz")
    assert code == 3
    assert [one["package"] for one in document["packages"]] == ["acme"]
    assert [one["package"] for one in document["unmeasured"]] == ["nowhere"]
    assert "nowhere was not watched" in document["notices"][-1]


@pytest.mark.parametrize("text", ["api_package: [x]\n", "api_words: dream\n", "api_words: [1]\n"])
def test_settings_of_the_watch_are_strict(capsys, wheels, project, text):
    (project / "drift.yaml").write_text(text)
    code, _, err = ask(capsys, "api", "watch")
    assert code == 2
    assert "drift.yaml:" in err
