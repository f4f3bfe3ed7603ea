# Another database taken over into this one: everything or nothing, and never twice.
# Owns: what counts as the same run or comparison. Refuses to know: where the other file came from.
"""Merge two databases."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from drift.errors import StoreError, UsageError
from drift.model import Run
from drift.store.connection import Connection
from drift.store.verify import problems

# A sealed run is what its seal says. (Other columns may differ: an import without dates has the time of the
# import.) An unfinished one has no seal, so its probes and samples are compared.
_CLASHING_RUN = """
select theirs.id from other.runs as theirs join main.runs as ours using (id)
where (theirs.dataset, theirs.target, theirs.label, theirs.status, theirs.seal)
    is not (ours.dataset, ours.target, ours.label, ours.status, ours.seal)
or theirs.seal is null and (
    exists (
        select probe_id, probe_hash, epochs from other.run_probes where run_id = theirs.id
        except select probe_id, probe_hash, epochs from main.run_probes where run_id = ours.id
    ) or exists (
        select probe_id, probe_hash, epochs from main.run_probes where run_id = ours.id
        except select probe_id, probe_hash, epochs from other.run_probes where run_id = theirs.id
    ) or exists (
        select id, outcome from other.samples where run_id = theirs.id
        except select id, outcome from main.samples where run_id = ours.id
    ) or exists (
        select id, outcome from main.samples where run_id = ours.id
        except select id, outcome from other.samples where run_id = theirs.id
    )
)
limit 1
"""

_CLASHING_COMPARISON = """
select theirs.id from other.comparisons as theirs join main.comparisons as ours using (id)
where theirs.document <> ours.document limit 1
"""

_COLUMNS = [field.name for field in fields(Run)]
_UNSEALED = {"status": "'running'", "seal": "null"}

# In this order: references come after what they refer to, and a run is sealed once its samples are there.
_COPY = f"""
create temp table incoming as
select id from other.runs where id not in (select id from main.runs) order by rowid;

insert or ignore into main.documents select * from other.documents where hash in (
    select document_hash from other.samples where run_id in temp.incoming
    union select document_hash from other.tool_schemas where run_id in temp.incoming
);
insert or ignore into main.probes select * from other.probes where hash in (
    select probe_hash from other.run_probes where run_id in temp.incoming
);
insert into main.runs ({", ".join(_COLUMNS)})
select {", ".join(_UNSEALED.get(name, name) for name in _COLUMNS)} from other.runs
where id in temp.incoming order by rowid;

insert into main.run_probes select * from other.run_probes where run_id in temp.incoming;
insert into main.tool_schemas select * from other.tool_schemas where run_id in temp.incoming;
insert into main.samples select * from other.samples where run_id in temp.incoming;

update main.runs set status = theirs.status, seal = theirs.seal
from other.runs as theirs where theirs.id = main.runs.id and main.runs.id in temp.incoming;

drop table temp.incoming;
create temp table incoming as
select id from other.comparisons where id not in (select id from main.comparisons) order by rowid;

insert into main.comparisons select * from other.comparisons where id in temp.incoming order by rowid;
insert into main.findings select * from other.findings where comparison_id in temp.incoming;

insert or ignore into main.surfaces select * from other.surfaces;
insert or ignore into main.catalogues select * from other.catalogues;

drop table temp.incoming
"""  # noqa: S608 - the names are those of our own columns


def merge(connection: Connection, other: Path) -> list[str]:
    """Copy what `other` has and `connection` lacks; see `Store.merge`."""
    with Connection(other, create=False, readonly=True) as source:
        damage = next(problems(source), None)
    if damage:
        raise StoreError(f"{other} is damaged: {damage.rstrip('.')}", "merge a sound copy")
    with connection.attached(other), connection.transaction():
        for query, noun in ((_CLASHING_RUN, "run"), (_CLASHING_COMPARISON, "comparison")):
            clash = connection.row(query)
            if clash:
                raise UsageError(
                    f"{noun} {clash['id']} differs between {connection.path} and {other}",
                    "nothing was merged",
                )
        new = connection.rows(
            "select id from other.runs where id not in (select id from main.runs) order by rowid"
        )
        ids = [row["id"] for row in new]
        for statement in _COPY.split(";"):
            connection.write(statement)
        return ids
