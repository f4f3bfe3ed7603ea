# One SQLite file: opened safely, migrated, written in transactions, its failures put into words.
# Owns: pragmas, locks, migrating on opening, StoreError. Refuses to know: what a row means.
"""The connection below the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from drift.errors import StoreError, UsageError

if TYPE_CHECKING:
    from sqlite_utils import Database

Parameters = Sequence[Any] | Mapping[str, Any]

OLDEST_SQLITE = (3, 37)
"""The first SQLite with strict tables."""

BUSY_TIMEOUT_S = 60.0
"""How long a writer waits for another one (a nightly run beside an interactive one)."""


class Connection:
    """An open database. Use it from one thread."""

    def __init__(self, path: Path, *, create: bool, readonly: bool) -> None:
        """Open the file, see `Store.open`."""
        self.path = path
        self.readonly = readonly
        self.backup: Path | None = None
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(
                f"this Python has SQLite {sqlite3.sqlite_version}, and strict tables need 3.37",
                "use a Python with a newer SQLite",
            )
        if path.is_dir():
            raise StoreError(f"{path} is a directory, not a database", "name a file")
        if not path.exists():
            if readonly or not create:
                raise UsageError(
                    f"there is no database {path}", "probe a target or import recorded outputs first"
                )
            self._make_folder()
        with self.errors():
            self._sqlite = _connect(path, "ro" if readonly else "rwc" if create else "rw")
            try:
                self._prepare(create=create and not readonly)
            except BaseException:
                self._sqlite.close()
                raise

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.path.parent} cannot be created: {error.strerror}") from None

    def _prepare(self, *, create: bool) -> None:
        from sqlite_utils import Database

        from drift.store.migrations import migrations

        # First of all, and on every connection: SQLite leaves foreign keys unchecked otherwise.
        self._sqlite.execute("pragma foreign_keys = on")
        self._sqlite.row_factory = sqlite3.Row
        self.db: Database = Database(self._sqlite, execute_plugins=False)
        state = self._state()
        if state == "newer":
            raise StoreError(f"{self.path} was written by a newer drift", "upgrade drift")
        if state == "foreign":
            raise StoreError(f"{self.path} is a database of another program", "name another file")
        if state == "empty" and not create:
            raise StoreError(
                f"{self.path} is empty: it was never a database of drift, or it was cut", "restore it"
            )
        if self.readonly:
            if migrations.pending(self.db):
                raise StoreError(
                    f"{self.path} was written by an older drift", f"run `drift db migrate -d {self.path}`"
                )
            return
        # WAL: readers never wait for the writer. FULL: a sample that was paid for survives a power cut.
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = full")
        self.backup = self._migrate(fresh=state == "empty")

    def _state(self) -> Literal["empty", "foreign", "newer", "ours"]:
        from drift.store.migrations import migrations

        tables = {row["name"] for row in self.rows("select name from sqlite_master where type = 'table'")}
        applied = [migration.name for migration in migrations.applied(self.db)]
        if not applied:
            return "foreign" if tables - {"_sqlite_migrations"} else "empty"
        # pending() does not notice names that the code lacks: those come from a newer drift.
        return "newer" if set(applied) - set(migration_names()) else "ours"

    def _migrate(self, *, fresh: bool) -> Path | None:
        """Apply pending migrations, all or none, after a copy of the file; return the copy's path."""
        from drift.store.migrations import migrations

        pending = migrations.pending(self.db)
        if not pending:
            return None
        backup = None if fresh else self._copy(f"before-{pending[0].name}")
        # One transaction over all of them; a second process that opens the file at the same moment waits
        # here, and apply() looks again at what is pending.
        with self.transaction():
            migrations.apply(self.db)
        return backup

    def _copy(self, suffix: str) -> Path:
        target = self.path.with_name(f"{self.path.name}-{suffix}")
        number = 1
        while target.exists():
            number += 1
            target = self.path.with_name(f"{self.path.name}-{suffix}-{number}")
        with closing(sqlite3.connect(target)) as copy:
            self._sqlite.backup(copy)
        return target

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; an open transaction is rolled back."""
        self._sqlite.close()

    def rows(self, sql: str, parameters: Parameters = ()) -> Iterator[sqlite3.Row]:
        """Run a query and yield its rows, fetched while iterating."""
        with self.errors():
            yield from self._sqlite.execute(sql, parameters)

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Run a query and return its first row, or None."""
        return next(self.rows(sql, parameters), None)

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a writing statement inside the open transaction; return the number of rows that it touched."""
        self._refuse_stray_write()
        return self._sqlite.execute(sql, parameters).rowcount

    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a writing statement for each row, inside the open transaction."""
        self._refuse_stray_write()
        self._sqlite.executemany(sql, rows)

    def _refuse_stray_write(self) -> None:
        # Outside a transaction sqlite3 would open one of its own, which close() throws away.
        if not self._sqlite.in_transaction:
            raise RuntimeError("a write needs `with transaction()`")

    def insert(self, table: str, row: Mapping[str, Any], *, ignore: bool = False) -> None:
        """Insert a row inside the open transaction; `ignore` skips one whose key is there already."""
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        verb = "insert or ignore" if ignore else "insert"
        # Tables and columns are words of our own code, never input.
        self.write(f"{verb} into {table} ({names}) values ({marks})", row)

    @contextmanager
    def attached(self, path: Path) -> Iterator[None]:
        """Read another database under the schema name `other`."""
        with self.errors():
            self._sqlite.execute("attach database ? as other", (_address(path, "ro"),))
        try:
            yield
        finally:
            self._sqlite.execute("detach database other")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes of the block or none; nested blocks are savepoints."""
        with self.errors():
            if self.readonly:
                raise StoreError(f"{self.path} was opened for reading only")
            if self._sqlite.in_transaction:
                with self.db.atomic():
                    yield
                return
            # IMMEDIATE: take the write lock now, where the busy timeout works; a read that turns into a write
            # later fails at once when another process has written in between.
            self.db.execute("begin immediate")
            try:
                yield
                self.db.commit()
            except BaseException:
                self.db.rollback()
                raise

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what SQLite says into one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(*_sentence(self.path, error)) from error
        except UnicodeEncodeError:
            raise StoreError(
                "a name holds half a character (a lone surrogate), which no database stores"
            ) from None


def migration_names() -> list[str]:
    """Names of all migrations that this drift knows, in order."""
    from sqlite_utils import Database

    from drift.store.migrations import migrations

    with closing(sqlite3.connect(":memory:")) as nothing:
        return [migration.name for migration in migrations.pending(Database(nothing, execute_plugins=False))]


def _address(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(_address(path, mode), uri=True, timeout=BUSY_TIMEOUT_S)
    if mode != "ro":
        return connection
    try:
        connection.execute("select 1 from sqlite_master").close()
    except sqlite3.OperationalError:
        # A WAL database needs two files beside it even for reading. On a read-only medium nobody can write it
        # either, so it can be read as it stands.
        connection.close()
        connection = sqlite3.connect(f"{_address(path, 'ro')}&immutable=1", uri=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _sentence(path: Path, error: sqlite3.Error) -> tuple[str, str]:
    """What is wrong and what to do, from SQLite's own words (they are stable; its error codes say less)."""
    words = str(error)
    for part, what, todo in (
        ("not a database", "is not a SQLite database", "name another file"),
        ("malformed", "is damaged", "restore it from a copy; `drift db verify` says what is wrong"),
        ("locked", "is in use by another process", "try again when that has ended"),
        ("unable to open", "cannot be opened", "check that the folder exists and may be written"),
        ("readonly", "cannot be written", "check the permissions of the file and its folder"),
        ("disk is full", "cannot grow: the disk is full", "make room; what was stored before is safe"),
        ("sealed", "keeps a complete run, which is sealed and cannot be changed", ""),
        ("immutable", "keeps documents and probe definitions as they are", ""),
    ):
        if part in words:
            return f"{path} {what}", todo
    return f"{path}: {words}", ""
