# Templates and tables kept between two starts: as they were read, read again after a change, and never in the way.

import json

import pytest

from drift import suite
from drift.errors import ConfigError
from drift.events import EVENTS_FILE
from drift.suite.kept import keep
from drift.yamlfile import read_packaged_yaml, read_yaml


@pytest.fixture
def cache(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setenv("DRIFT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def templates():
    return suite.list_templates()[:3]


def must_not_read():
    raise AssertionError("read again")


def test_the_packaged_suite_is_the_same_read_or_kept(cache):
    files = suite._files(suite.suite_path())
    read = suite._read_folder(suite.suite_path(), [], check_schemas=False)
    assert keep(files, lambda: read) == read
    kept = keep(files, must_not_read)
    assert kept == read
    assert [probe.hash for one in kept for probe in one.probes] == [
        probe.hash for one in read for probe in one.probes
    ]


def test_a_changed_file_is_read_again_and_the_old_cache_goes(cache, templates, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("one", encoding="utf-8")
    assert keep([file], lambda: templates) == templates
    assert keep([file], must_not_read) == templates
    file.write_text("two", encoding="utf-8")
    assert keep([file], lambda: templates[:1]) == templates[:1]
    assert keep([file], must_not_read) == templates[:1]
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("content", ["", "[{}]", "{", json.dumps([{"name": "x"}]), "null"])
def test_a_broken_cache_is_made_again(cache, templates, tmp_path, content):
    file = tmp_path / "a.yaml"
    file.write_text("one", encoding="utf-8")
    keep([file], lambda: templates)
    (kept,) = cache.iterdir()
    kept.write_text(content, encoding="utf-8")
    assert keep([file], lambda: templates) == templates
    assert keep([file], must_not_read) == templates


def test_a_cache_that_cannot_be_written_costs_only_time(monkeypatch, templates, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("DRIFT_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert keep([], lambda: templates) == templates
    assert keep([], lambda: templates) == templates


def test_what_holds_a_mistake_is_not_kept(cache):
    assert keep([], lambda: None) is None
    assert not cache.exists()


def test_a_packaged_table_is_the_same_read_or_kept_up_to_the_lines_of_its_values(cache):
    read = read_yaml(EVENTS_FILE, name=EVENTS_FILE.name)
    assert read_packaged_yaml(EVENTS_FILE) == read
    (kept,) = cache.iterdir()
    assert read_packaged_yaml(EVENTS_FILE) == read
    kept.write_text(json.dumps(["events.yaml", ["from the cache"], []]), encoding="utf-8")
    assert read_packaged_yaml(EVENTS_FILE).data == ["from the cache"]


def test_dates_of_a_table_are_dates_again_and_a_mistake_is_told_each_time(cache, tmp_path):
    file = tmp_path / "table.yaml"
    file.write_text("- day: 2026-05-28\n  text: '2026-05-28'\n", encoding="utf-8")
    first, again = read_packaged_yaml(file), read_packaged_yaml(file)
    assert first == again
    assert type(again.data[0]["day"]) is not type(again.data[0]["text"])
    file.write_text("- a: 1\n  a: 2\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"table\.yaml:2"):
            read_packaged_yaml(file)
