# The schema of the database, as numbered migrations that are never edited after a release: add a new one.
# Owns: tables, columns and why they exist, triggers, views. Refuses to know: who writes to them and when.
"""Migrations of the store.

The comment before a column is its documentation: SQLite keeps the text of `create table`, Datasette shows it,
and `docs/schema.md` is generated from it.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("drift")


_SEAL_TRIGGERS = """
create trigger <table>_sealed_insert before insert on <table>
when (select status from runs where id = new.run_id) = 'complete' begin
    select raise(abort, 'the run is complete and sealed');
end;
create trigger <table>_sealed_update before update on <table>
when 'complete' in (
    (select status from runs where id = old.run_id), (select status from runs where id = new.run_id)
) begin
    select raise(abort, 'the run is complete and sealed');
end;
create trigger <table>_sealed_delete before delete on <table>
when (select status from runs where id = old.run_id) = 'complete' begin
    select raise(abort, 'the run is complete and sealed');
end;
"""


# Why: samples are kept raw and all else is derived from them, so that a later rule can judge old history.
# A reply that cost money must not be altered: sealed runs are immutable in the database, not by good will.
@migrations()
def m001_runs_and_samples(db: Database) -> None:
    """Create documents, probes, runs, samples and tool schemas, and the triggers that seal a complete run."""
    db.executescript("""
create table documents (
    -- JSON values addressed by their content: raw replies and tool schemas, equal ones once

    -- SHA-256 of `json`
    hash text primary key check (length(hash) = 64),
    -- canonical JSON: sorted keys, no white space, non-ASCII escaped
    json text not null
) strict;

create table probes (
    -- probe definitions, shared by all runs that asked them

    -- SHA-256 of `definition`
    hash text primary key check (length(hash) = 64),
    -- stable id such as json.plain/03
    probe_id text not null check (probe_id <> ''),
    -- catalogue entry that it came from
    template text not null,
    -- probes pooled for one claim; the data set for most imports
    family text not null,
    -- kind of answer that it asks for
    purpose text not null
        check (purpose in ('machine', 'label', 'prose', 'tool_call', 'rejection', 'unknown')),
    -- hash of what is asked only: two runs compare a probe when it is equal
    request_hash text not null check (length(request_hash) = 64),
    -- canonical JSON of the whole probe
    definition text not null
) strict;

create index probes_probe_id on probes (probe_id);

create table runs (
    -- one execution of a suite against a target, or one imported series

    -- unique; of an import, a function of its identity and content
    id text primary key check (length(id) >= 12 and id not glob '*[^0-9a-z]*'),
    -- data set of an import; null for a live run
    dataset text,
    -- platform/model as users write it, or as recorded
    target text not null check (target <> ''),
    -- version label, or null
    label text,
    -- model id asked for; the id that replied is in the documents
    requested_model text not null,
    -- where it was asked: anthropic, openai, compatible, local, recorded, …
    platform text not null,
    -- complete = sealed, for ever
    status text not null check (status in ('running', 'complete', 'incomplete')),
    -- ISO 8601 with offset; of an import the earliest recording
    created_at text not null,
    -- the same form; null while running
    finished_at text,
    -- run that this one repeats as a same-model control; it may live in another database
    control_of text,
    -- vendor whose API it is
    vendor text,
    -- version that went over the wire
    api_version text,
    -- SDK and its version
    sdk text,
    -- other host that speaks the dialect
    base_url text,
    -- JSON object: fixed parameters of the target
    params text not null default '{}',
    -- name of the suite
    suite text,
    -- version of the suite
    suite_hash text,
    -- default number of repetitions
    epochs integer check (epochs >= 1),
    -- number of samples stored
    samples integer not null default 0 check (samples >= 0),
    -- SHA-256 over (probe_id, epoch, outcome, document) of all samples, once complete
    seal text,
    -- JSON object: drift version, prices used, cost, notes
    meta text not null default '{}',
    check ((status = 'complete') = (seal is not null))
) strict;

create index runs_identity on runs (target, dataset, label);

create table run_probes (
    -- which probes a run asks, and how often

    -- the run
    run_id text not null references runs (id),
    -- the probe, by its stable id
    probe_id text not null,
    -- order in the suite
    position integer not null check (position >= 1),
    -- the definition that was asked
    probe_hash text not null references probes (hash),
    -- repetitions wanted: what is not yet stored is still to be asked
    epochs integer not null check (epochs >= 1),
    primary key (run_id, probe_id)
) strict;

create index run_probes_probe_hash on run_probes (probe_hash);

create table samples (
    -- what came back for (run, probe, epoch)

    -- short name, derived from run, probe, epoch and document
    id text primary key,
    -- the run
    run_id text not null references runs (id),
    -- the probe
    probe_id text not null,
    -- repetition; an imported sample 0 is epoch 1
    epoch integer not null check (epoch >= 1),
    -- answered, refused by the API, or could not be asked
    outcome text not null check (outcome in ('response', 'rejected', 'failed')),
    -- the raw document
    document_hash text not null references documents (hash),
    -- wire grammar of the last exchange
    dialect text not null,
    -- wall time of the last exchange
    latency_ms real,
    -- ISO 8601; without offset where the source names no time zone
    recorded_at text,
    unique (run_id, probe_id, epoch),
    foreign key (run_id, probe_id) references run_probes (run_id, probe_id)
) strict;

create index samples_document_hash on samples (document_hash);

create table tool_schemas (
    -- input schemas of tools, per run, probe and tool

    -- the run
    run_id text not null,
    -- the probe
    probe_id text not null,
    -- name of the tool
    tool text not null,
    -- declared: offered with the request
    source text not null check (source in ('declared')),
    -- the JSON Schema
    document_hash text not null references documents (hash),
    primary key (run_id, probe_id, tool, source),
    foreign key (run_id, probe_id) references run_probes (run_id, probe_id)
) strict;

create index tool_schemas_document_hash on tool_schemas (document_hash);

create trigger documents_are_immutable before update on documents begin
    select raise(abort, 'a document is immutable');
end;
create trigger probes_are_immutable before update on probes begin
    select raise(abort, 'a probe definition is immutable');
end;
create trigger runs_sealed_update before update on runs when old.status = 'complete' begin
    select raise(abort, 'the run is complete and sealed');
end;
create trigger runs_sealed_delete before delete on runs when old.status = 'complete' begin
    select raise(abort, 'the run is complete and sealed');
end;
""")
    for table in ("samples", "run_probes", "tool_schemas"):
        db.executescript(_SEAL_TRIGGERS.replace("<table>", table))


# Why: a report can be made again from a stored comparison, and the next one says what is new since this one.
@migrations()
def m002_comparisons(db: Database) -> None:
    """Create comparisons and their findings."""
    db.executescript("""
create table comparisons (
    -- baseline + candidate + policy → findings and a verdict

    -- unique
    id text primary key,
    -- ISO 8601 with offset
    created_at text not null,
    -- id of the baseline: mostly a run of this database
    baseline_id text not null,
    -- target of the baseline
    baseline_target text not null,
    -- version label of the baseline
    baseline_label text,
    -- id of the candidate
    candidate_id text not null,
    -- target of the candidate
    candidate_target text not null,
    -- version label of the candidate
    candidate_label text,
    -- id of the same-model control, if there was one
    control_id text,
    -- reader profile that set the levels
    profile text not null,
    -- worst level
    verdict text not null check (verdict in ('breaking', 'warning', 'info', 'none', 'inconclusive')),
    -- exit code of the gate
    exit_code integer not null,
    -- statistical tests made
    tests_run integer not null,
    -- share of false findings that the correction holds
    false_discovery_rate real not null,
    -- version of drift that judged
    drift_version text not null,
    -- JSON of the whole comparison: the only input of a report
    document text not null
) strict;

create index comparisons_targets on comparisons (baseline_target, candidate_target, created_at);

create table findings (
    -- rules that fired, one row each, for queries; the document of the comparison says it all

    -- the comparison
    comparison_id text not null references comparisons (id) on delete cascade,
    -- order in the comparison
    position integer not null check (position >= 1),
    -- the same drift has the same fingerprint in every comparison
    fingerprint text not null,
    -- id of the rule
    rule text not null,
    -- area of the rule
    area text not null,
    -- what moved: model, api_version, sdk, …
    axis text not null,
    -- level after policy and evidence
    level text not null check (level in ('breaking', 'warning', 'info')),
    -- kind of proof
    evidence_class text not null check (evidence_class in ('exact', 'witnessed', 'statistical')),
    -- family of probes
    family text not null,
    -- probe, when one alone is concerned
    probe text,
    -- JSON pointer of the place
    path text not null,
    -- JSON: the fact in the baseline
    before text not null,
    -- JSON: the fact in the candidate
    after text not null,
    -- candidate minus baseline
    effect real,
    -- unit of the effect
    unit text not null,
    -- p-value
    p real,
    -- p-value corrected for the number of tests
    q real,
    -- against the previous comparison of the same targets: new, unchanged, updated, absent
    state text,
    -- what moved, in words
    explanation text not null,
    -- what to do
    remedy text not null,
    primary key (comparison_id, position)
) strict;

create index findings_fingerprint on findings (fingerprint);
""")


# Why: a person with Datasette or the sqlite3 shell reads what a model said without knowing any envelope.
@migrations()
def m003_views(db: Database) -> None:
    """Create the views for reading by eye."""
    db.executescript("""
create view samples_view as
    -- samples with the run and probe that they belong to, and the text of the answer
select
    runs.dataset, runs.target, runs.label, runs.requested_model,
    coalesce(
        json_extract(documents.json, '$.exchanges[#-1].body.model'),
        json_extract(documents.json, '$.exchanges[#-1].body.modelVersion'),
        json_extract(documents.json, '$.recorded.response_model'),
        json_extract(documents.json, '$.recorded.output_raw.model')
    ) as response_model,
    probes.family, probes.purpose, samples.probe_id, samples.epoch, samples.outcome,
    coalesce(
        json_extract(documents.json, '$.exchanges[#-1].status'),
        json_extract(documents.json, '$.recorded.status')
    ) as status,
    coalesce(
        json_extract(documents.json, '$.recorded.output_text'),
        json_extract(documents.json, '$.exchanges[#-1].body.content[0].text'),
        json_extract(documents.json, '$.exchanges[#-1].body.choices[0].message.content'),
        json_extract(documents.json, '$.exchanges[#-1].body.output[#-1].content[0].text'),
        json_extract(documents.json, '$.exchanges[#-1].body.candidates[0].content.parts[0].text'),
        json_extract(documents.json, '$.exchanges[#-1].body.error.message')
    ) as output_text,
    samples.latency_ms, samples.recorded_at, samples.dialect,
    samples.run_id, samples.id as sample_id, samples.document_hash
from samples
join runs on runs.id = samples.run_id
join run_probes on run_probes.run_id = samples.run_id and run_probes.probe_id = samples.probe_id
join probes on probes.hash = run_probes.probe_hash
join documents on documents.hash = samples.document_hash;

create view findings_view as
    -- findings with the two sides that were compared
select
    comparisons.created_at, comparisons.baseline_target, comparisons.baseline_label,
    comparisons.candidate_target, comparisons.candidate_label,
    findings.level, findings.rule, findings.family, findings.probe, findings.path, findings.explanation,
    findings.before, findings.after, findings.effect, findings.unit, findings.p, findings.q,
    findings.evidence_class, findings.state, findings.remedy, findings.fingerprint, findings.comparison_id
from findings
join comparisons on comparisons.id = findings.comparison_id;
""")


# Why: reading an archive takes seconds and needs the archive; a surface that was read once is compared at once, and
# `api watch` says since when it has been looking.
@migrations()
def m004_surfaces(db: Database) -> None:
    """Create surfaces: what SDK releases expose."""
    db.executescript("""
create table surfaces (
    -- what an SDK release exposes, read from its archive

    -- SHA-256 of the wheel or sdist
    sha256 text not null check (length(sha256) = 64),
    -- version of the reader: another one would read the same archive in another way
    extractor integer not null check (extractor >= 1),
    -- name of the SDK, normalised
    package text not null check (package <> ''),
    -- version of the release
    version text not null check (version <> ''),
    -- form of the archive
    kind text not null check (kind in ('wheel', 'sdist')),
    -- ISO date of the release, as far as the archive tells
    released text,
    -- when it was read first: ISO 8601 with offset
    read_at text not null,
    -- JSON object: how many endpoints, methods, models, … it has
    counts text not null,
    -- SHA-256 of `document`
    hash text not null check (length(hash) = 64),
    -- canonical JSON of the surface
    document text not null,
    primary key (sha256, extractor)
) strict;

create index surfaces_release on surfaces (package, version);
""")


# Why: a list of models says today what was true today; what it said before is known only to who kept it.
@migrations()
def m005_catalogues(db: Database) -> None:
    """Create catalogues: lists of models as vendors and hosts gave them."""
    db.executescript("""
create table catalogues (
    -- a list of models, as a vendor or a host gave it at one time

    -- SHA-256 of platform, host, time and hash
    id text primary key check (length(id) = 64),
    -- where it was asked: anthropic, openai, gemini, compatible, …
    platform text not null check (platform <> ''),
    -- other host than the vendor's own
    base_url text,
    -- version of the API that went over the wire
    api_version text,
    -- ISO 8601 with offset
    taken_at text not null,
    -- how many models it lists
    models integer not null check (models >= 0),
    -- 0 when the list was cut off
    complete integer not null check (complete in (0, 1)),
    -- SHA-256 of `document`
    hash text not null check (length(hash) = 64),
    -- canonical JSON: the raw exchanges, one a page, and the prices known then
    document text not null
) strict;

create index catalogues_host on catalogues (platform, base_url, taken_at);
""")


# Why: what a model really sends is a schema of its own; two of them tell whether calls left what they had always been.
@migrations()
def m006_inferred_tool_schemas(db: Database) -> None:
    """Let tool schemas be inferred from the calls of a run; SQLite cannot widen a check in place."""
    db.executescript("""
create table tool_schemas_6 (
    -- input schemas of tools, per run, probe and tool

    -- the run
    run_id text not null,
    -- the probe
    probe_id text not null,
    -- name of the tool
    tool text not null,
    -- declared: offered with the request; inferred: the hull of the calls of a complete run
    source text not null check (source in ('declared', 'inferred')),
    -- the JSON Schema
    document_hash text not null references documents (hash),
    primary key (run_id, probe_id, tool, source),
    foreign key (run_id, probe_id) references run_probes (run_id, probe_id)
) strict;

insert into tool_schemas_6 select * from tool_schemas;
drop table tool_schemas;
alter table tool_schemas_6 rename to tool_schemas;
create index tool_schemas_document_hash on tool_schemas (document_hash);
""")
    db.executescript(_SEAL_TRIGGERS.replace("<table>", "tool_schemas"))
