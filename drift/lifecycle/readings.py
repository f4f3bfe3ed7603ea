# Dated readings of what vendors and hosts say of their models: one row, and the file of rows.
# Owns: drift/data/lifecycle.csv, its columns and their forms. Refuses to know: how readings that differ are put
# together, what a date means on a given day.
"""The rows of the table of dates, and their CSV file."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Literal, TextIO, cast, get_args

from drift.errors import ConfigError
from drift.files import replacing

TABLE = Path(__file__).resolve().parent.parent / "data" / "lifecycle.csv"
"""The packaged table."""

Kind = Literal["firm", "not_sooner_than", "reroute", "ended", "unknown"]
"""What a date is worth.

firm: requests fail from that day on; not_sooner_than: a floor, no end is announced; reroute: from that day on another
model answers, without an error; ended: gone, the day is not stated; unknown: no date is known.
"""

What = Literal["model", "alias", "family", "pattern", "feature"]
"""model, alias: an id; family: a label for several ids; pattern: ids by a wildcard; feature: no model."""


LISTED = "listed by this release"
"""Note of a reading that knows only that a release of an SDK names the id: it says nothing of an end, nor of none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source said about one id on one platform.

    Attributes:
        platform: in the words of a target ("anthropic", "bedrock", "bedrock/us-east-1", …).
        vendor: who made the model.
        model_id: as the platform spells it.
        what: see `What`.
        alias_of: the dated id that an alias stands for, when the source says it.
        released, deprecated_on, retires_on: None where the source gives no day.
        retires_kind: see `Kind`.
        replacement: as the source names it, mostly an id.
        second_hand: the source cites the vendor.
        as_of: day of the reading.
        source: address, or name of a list.
        note: what else a planner has to know.
    """

    platform: str
    vendor: str
    model_id: str
    what: What
    alias_of: str | None
    released: dt.date | None
    deprecated_on: dt.date | None
    retires_on: dt.date | None
    retires_kind: Kind
    replacement: str | None
    second_hand: bool
    as_of: dt.date
    source: str
    note: str

    @property
    def key(self) -> tuple[str, str]:
        """Platform and id."""
        return self.platform, self.model_id


COLUMNS = tuple(column.name for column in fields(Reading))


@lru_cache(maxsize=1)
def packaged() -> tuple[Reading, ...]:
    """Return the readings that come with Drift, in the order of the table; read once."""
    return tuple(read_table(TABLE))


def read_table(path: Path) -> list[Reading]:
    """Read a table of readings.

    Raises:
        ConfigError: unreadable, another set of columns, or a value that is none; names file, line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_rows(file, str(path)))
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", "name a file that exists", where=str(path)
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            f"is no table of dates ({error})", "restore it, or delete it", where=str(path)
        ) from None


def _rows(file: TextIO, name: str) -> Iterator[Reading]:
    lines = csv.DictReader(file)
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise ConfigError(
            "is no table of dates", f"let its first line be {','.join(COLUMNS)}", where=f"{name}:1"
        )
    for row in lines:
        where = f"{name}:{lines.line_num}"
        if None in row or None in row.values():
            raise ConfigError("a line has too many or too few columns", "mend that line", where=where)
        yield _reading(row, where)


def _reading(row: Mapping[str, str], where: str) -> Reading:
    def date(column: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(row[column]) if row[column] else None
        except ValueError:
            raise ConfigError(
                f"{column}: {row[column]!r} is no date", "write YYYY-MM-DD", where=where
            ) from None

    def one_of(column: str, known: Iterable[str]) -> str:
        if row[column] not in known:
            raise ConfigError(
                f"{column}: no such value {row[column]!r}", f"one of {', '.join(known)}", where=where
            )
        return row[column]

    as_of = date("as_of")
    kind = cast("Kind", one_of("retires_kind", get_args(Kind)))
    if as_of is None or not row["platform"] or not row["model_id"] or not row["source"]:
        raise ConfigError(
            "platform, model_id, as_of and source have to be given", "mend that line", where=where
        )
    if (kind in {"firm", "not_sooner_than", "reroute"}) != bool(row["retires_on"]):
        raise ConfigError(f"retires_on does not go with {kind}", "mend that line", where=where)
    return Reading(
        platform=row["platform"],
        vendor=row["vendor"],
        model_id=row["model_id"],
        what=cast("What", one_of("what", get_args(What))),
        alias_of=row["alias_of"] or None,
        released=date("released"),
        deprecated_on=date("deprecated_on"),
        retires_on=date("retires_on"),
        retires_kind=kind,
        replacement=row["replacement"] or None,
        second_hand=one_of("second_hand", ("yes", "no")) == "yes",
        as_of=as_of,
        source=row["source"],
        note=row["note"],
    )


def write_table(path: Path, readings: Iterable[Reading]) -> None:
    """Write a table of readings, sorted, in one step.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as fresh, fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            cells(reading)
            for reading in sorted(
                readings, key=lambda one: (one.platform, one.model_id, one.as_of, one.source)
            )
        )


def cells(reading: Reading) -> dict[str, str]:
    """Return a reading as the cells of its row; empty for None."""
    values = {name: "" if value is None else str(value) for name, value in asdict(reading).items()}
    return {**values, "second_hand": "yes" if reading.second_hand else "no"}
