# Opening: files that are no database, older, newer, damaged, read-only, in use, or left behind by a killed process.

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

import drift.store.connection
import drift.store.migrations
from drift.errors import StoreError, UsageError
from drift.store import Store
from tests.store_support import RUN_ID, add, database_rows, make_probe, make_run, store_run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a database with one complete run."""
    file = tmp_path / "drift.db"
    with Store.open(file) as store:
        store_run(store, make_run())
    return file


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Take the rights of nobody where the tests run as root, whom no permission stops."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_new_database_is_made_with_its_folders(tmp_path):
    path = tmp_path / "deep" / "er" / "drift.db"
    with Store.open(path) as store:
        assert store.runs() == []
        assert store.backup is None
    assert path.is_file()
    assert list(path.parent.iterdir()) == [path], "nothing is left beside it"


def test_a_new_database_has_every_guard(tmp_path):
    with Store.open(tmp_path / "drift.db") as store:
        pragma = store._connection.row
        assert pragma("pragma foreign_keys")[0] == 1
        assert pragma("pragma journal_mode")[0] == "wal"
        assert pragma("pragma synchronous")[0] == 2, "full"
        assert pragma("pragma busy_timeout")[0] >= 10_000


def test_foreign_keys_are_on_in_every_kind_of_connection(path):
    for readonly in (False, True):
        with Store.open(path, readonly=readonly) as store:
            assert store._connection.row("pragma foreign_keys")[0] == 1


@pytest.mark.parametrize(
    "options", [{"create": False}, {"readonly": True}, {"create": True, "readonly": True}]
)
def test_a_missing_file_is_named_and_not_made(tmp_path, options):
    path = tmp_path / "sub" / "missing.db"
    with pytest.raises(UsageError, match=r"there is no database .*missing\.db"):
        Store.open(path, **options)
    assert not path.parent.exists()


def test_a_sqlite_that_is_too_old_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(drift.store.connection, "OLDEST_SQLITE", (99, 0))
    with pytest.raises(
        StoreError, match=r"this Python has SQLite 3\.\d+.*; use a Python with a newer SQLite"
    ):
        Store.open(tmp_path / "drift.db")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_is_not_a_database(tmp_path):
    with pytest.raises(StoreError, match="is a directory, not a database; name a file"):
        Store.open(tmp_path)


def test_a_file_in_place_of_a_folder_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be created"):
        Store.open(tmp_path / "file" / "drift.db")


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize(
    "content", [b"dataset,target\n" * 100, b"{}", b"\x1f\x8b rest", b"SQLite format 3\x00"]
)
def test_a_file_that_is_not_sqlite_is_refused_and_kept(tmp_path, content, readonly):
    path = tmp_path / "drift.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is not a SQLite database|is damaged"):
        Store.open(path, readonly=readonly)
    assert path.read_bytes() == content


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_truncated_file_is_refused_and_kept(path, keep, readonly):
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(StoreError, match=r"is damaged; restore it from a copy|is not a SQLite database"):
        Store.open(path, readonly=readonly)
    assert path.stat().st_size == int(len(whole) * keep)


def test_an_empty_file_becomes_a_database_only_where_one_may_be_made(tmp_path):
    path = tmp_path / "drift.db"
    path.touch()
    for options in ({"create": False}, {"readonly": True}):
        with pytest.raises(StoreError, match="is empty"):
            Store.open(path, **options)
    assert path.stat().st_size == 0
    with Store.open(path) as store:
        assert store.runs() == []


def test_a_database_of_another_program_is_refused_and_kept(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table documents (x)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is a database of another program; name another file"):
        Store.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("readonly", [False, True])
def test_a_file_of_a_newer_drift_is_refused_and_kept(path, readonly):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('drift', 'm099_x', '')"
        )
    before = database_rows(path)
    with pytest.raises(StoreError, match="was written by a newer drift; upgrade drift"):
        Store.open(path, readonly=readonly)
    assert database_rows(path) == before


@pytest.fixture
def older(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the code have one migration more than the file."""
    longer = Migrations("drift")
    with closing(sqlite3.connect(":memory:")) as memory:
        known = drift.store.migrations.migrations.pending(Database(memory))
    for migration in known:
        longer(name=migration.name)(migration.fn)

    @longer()
    def m900_more(db: Database) -> None:
        db.executescript("create table more (x text) strict; create table evenmore (x text) strict;")

    monkeypatch.setattr(drift.store.migrations, "migrations", longer)
    return path


def test_a_file_of_an_older_drift_is_migrated_after_a_copy(older):
    before = database_rows(older)
    with Store.open(older) as store:
        assert store.backup == older.with_name("drift.db-before-m900_more")
        assert store.run(RUN_ID).status == "complete"
    assert "evenmore" in database_rows(older)
    assert database_rows(older.with_name("drift.db-before-m900_more")) == before
    with Store.open(older) as store:
        assert store.backup is None, "nothing is left to do"


def test_an_earlier_copy_is_never_overwritten(older):
    first = older.with_name("drift.db-before-m900_more")
    first.write_text("precious")
    with Store.open(older) as store:
        assert store.backup == older.with_name("drift.db-before-m900_more-2")
    assert first.read_text() == "precious"


def test_reading_a_file_of_an_older_drift_changes_nothing(older):
    before = database_rows(older)
    with pytest.raises(
        StoreError, match=r"was written by an older drift; run `drift db migrate -d .*drift.db`"
    ):
        Store.open(older, readonly=True)
    assert database_rows(older) == before


def test_a_migration_that_fails_leaves_the_file_as_it_was(older, monkeypatch):
    @drift.store.migrations.migrations()
    def m901_broken(db: Database) -> None:
        db.executescript("create table half (x text) strict; create table half (x text) strict;")

    before = database_rows(older)
    with pytest.raises(StoreError, match="half"):
        Store.open(older)
    assert database_rows(older) == before, "the migration before it is undone as well"


def test_reading_only_refuses_to_write(path):
    before = path.read_bytes()
    with Store.open(path, readonly=True) as store:
        assert store.snapshot(RUN_ID).run.samples == 1
        assert store.verify() == []
        with pytest.raises(StoreError, match="opened for reading only"):
            store.begin_run(make_run("another000000"), [], {})
    assert path.read_bytes() == before


def test_a_database_on_a_read_only_medium_can_be_read(path):
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "drift.db").write_bytes(path.read_bytes())
    (folder / "drift.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        with ordinary_user(), Store.open(folder / "drift.db", readonly=True) as store:
            assert store.snapshot(RUN_ID).run.samples == 1
        with ordinary_user(), pytest.raises(StoreError, match=r"cannot be (written|opened); check"):
            Store.open(folder / "drift.db")
        assert [file.name for file in folder.iterdir()] == ["drift.db"]
    finally:
        folder.chmod(0o755)
        (folder / "drift.db").unlink()
        folder.rmdir()


def test_a_folder_that_may_not_be_written_is_a_clear_error():
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    try:
        with (
            ordinary_user(),
            pytest.raises(StoreError, match="cannot be opened; check that the folder exists"),
        ):
            Store.open(folder / "drift.db")
        with ordinary_user(), pytest.raises(StoreError, match="cannot be created: Permission denied"):
            Store.open(folder / "sub" / "drift.db")
    finally:
        folder.chmod(0o755)
        folder.rmdir()


def test_a_file_that_may_not_be_read_is_a_clear_error(path):
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    file = folder / "drift.db"
    file.write_bytes(path.read_bytes())
    file.chmod(0o000)
    try:
        with ordinary_user(), pytest.raises(StoreError, match="cannot be opened"):
            Store.open(file, readonly=True)
    finally:
        file.unlink()
        folder.rmdir()


def test_a_writer_that_waits_too_long_is_told_so(path, monkeypatch):
    monkeypatch.setattr(drift.store.connection, "BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Store.open(path) as store:
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="is in use by another process; try again"):
            store.begin_run(make_run("another000000"), [], {})
        assert store.run(RUN_ID).samples == 1, "readers never wait"


def test_a_page_that_was_overwritten_is_reported_in_one_sentence(tmp_path):
    path = tmp_path / "drift.db"
    with Store.open(path) as store:
        store.begin_run(make_run(), [make_probe()], {"json.plain/01": 200})
        for epoch in range(1, 201):
            add(store, RUN_ID, "json.plain/01", epoch, f"{epoch} " * 200)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xff" * 8192
    path.write_bytes(content)
    with Store.open(path, readonly=True) as store:
        assert f"The documents cannot be read to the end: {path} is damaged." in store.verify()
        with pytest.raises(StoreError, match="is damaged; restore it from a copy"):
            list(store.samples(RUN_ID))


_FOREVER = """
import sys
from pathlib import Path
from drift.store import Store
from tests.store_support import RUN_ID, add, make_probe, make_run
with Store.open(Path(sys.argv[1])) as store:
    store.begin_run(make_run(), [make_probe()], {"json.plain/01": 10**6})
    for epoch in range(1, 10**6):
        add(store, RUN_ID, "json.plain/01", epoch, str(epoch))
        print(epoch, flush=True)
"""


def test_a_killed_process_loses_nothing_that_was_stored(tmp_path):
    path = tmp_path / "drift.db"
    with subprocess.Popen(
        [sys.executable, "-c", _FOREVER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        assert process.stdout is not None
        for printed in process.stdout:
            if int(printed) == 40:
                process.send_signal(signal.SIGKILL)
                break
        stored = 40 + len(process.stdout.read().split())
    with Store.open(path) as store:
        assert store.verify() == []
        assert store.run(RUN_ID).status == "running"
        assert [sample.epoch for sample in store.samples(RUN_ID)][:stored] == list(range(1, stored + 1))
        assert store.run(RUN_ID).samples - stored in {0, 1}, "at most the one whose line was not printed"
        add(store, RUN_ID, "json.plain/01", 10**6, "the run goes on")


_WRITER = """
import sys
from pathlib import Path
from drift.store import Store
from tests.store_support import add, make_probe, make_run
with Store.open(Path(sys.argv[1])) as store:
    store.begin_run(make_run(sys.argv[2]), [make_probe()], {"json.plain/01": 30})
    for epoch in range(1, 31):
        add(store, sys.argv[2], "json.plain/01", epoch, "same text in both")
    store.finish_run(sys.argv[2], "complete")
"""


def test_two_processes_make_and_fill_one_database_together(tmp_path):
    path = tmp_path / "drift.db"
    processes = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), run_id], cwd=Path(__file__).parents[1])
        for run_id in ("first00000000", "second0000000")
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    with Store.open(path) as store:
        assert {run.id: (run.status, run.samples) for run in store.runs()} == {
            "first00000000": ("complete", 30),
            "second0000000": ("complete", 30),
        }
        assert store.verify() == []
