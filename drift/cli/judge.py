# Two snapshots side by side, and what is made of it: compare, show again, explain.
# Owns: the commands `diff`, `report` and `explain`. Refuses to know: how a difference is judged or drawn.
"""`drift diff`, `drift report` and `drift explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift.cli import catalogue, comparing, options, output, session
from drift.errors import EXIT_OK, StoreError, UsageError

if TYPE_CHECKING:
    from drift.documents import ComparisonDocument
    from drift.store import Store


def diff(
    base: Annotated[
        str,
        typer.Argument(metavar="BASE", help="The baseline: a run, TARGET[@LABEL] or DATASET:TARGET[@LABEL]."),
    ],
    cand: Annotated[str, typer.Argument(metavar="CAND", help="The candidate, named in the same way.")],
    where: Annotated[
        list[str] | None,
        options.option(
            "--where",
            metavar="FIELD=VALUE",
            help="Only samples whose recorded field has this value. Repeatable.",
        ),
    ] = None,
    baseline_samples: Annotated[
        str | None,
        options.option(
            "--baseline-samples", metavar="LIST", help="Sample indexes of the baseline, such as 0 or 0-1,3."
        ),
    ] = None,
    candidate_samples: Annotated[
        str | None,
        options.option("--candidate-samples", metavar="LIST", help="Sample indexes of the candidate."),
    ] = None,
    label_pair: Annotated[
        list[str] | None,
        options.option(
            "--label-pair",
            metavar="OLD=NEW",
            help="Compare label OLD of the baseline with NEW of the candidate. Repeatable.",
        ),
    ] = None,
    control: options.Control = None,
    fail_on: options.FailOn = None,
    profile: options.Profile = None,
    fdr: options.FalseDiscoveryRate = None,
    meaning: options.Meaning = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    no_save: Annotated[
        bool, options.option("--no-save", help="Do not keep the comparison in the database.")
    ] = False,
    to: options.Outputs = None,
    format: options.Format = None,  # noqa: A002 - the name of the flag
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Compare two runs and report what changed, with evidence. Exit code 1 from --fail-on on.

    One run against itself, sample 0 against sample 1, shows how much a model differs from itself.

    \b
    drift diff anthropic/OLD anthropic/NEW
    drift diff acme/bot@v1 acme/bot@v2 --where labels.class=prime -o report.md
    drift diff RUN RUN --baseline-samples 0 --candidate-samples 1
    """
    form, files = session.formats(json, format, to)
    settled = session.settings(
        config, database=database, fail_on=fail_on, profile=profile, fdr=fdr, meaning=meaning
    )
    policy = comparing.policy(
        settled,
        where=where or [],
        baseline_samples=baseline_samples,
        candidate_samples=candidate_samples,
        label_pairs=label_pair or [],
    )
    with session.open_store(settled, readonly=no_save) as store:
        document = comparing.compare_runs(
            store,
            store.resolve(base),
            store.resolve(cand),
            control=control,
            policy=policy,
            save=not no_save,
        )
    session.present(document, form, files, quiet=quiet, verbose=verbose)
    return document["gate"]["exit_code"]


def report(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN|COMPARISON",
            help="A comparison, or a run that was a candidate; the newest comparison when absent.",
        ),
    ] = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    format: options.Format = None,  # noqa: A002 - the name of the flag
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show a stored comparison again, in any format. The exit code is that of showing: 0.

    \b
    drift report
    drift report 3f9c1a7be042 -o report.md -o report.json
    """
    form, files = session.formats(json, format, to)
    with session.open_store(session.settings(config, database=database), readonly=True) as store:
        document = _stored(store, name)
    _refuse_unreadable(document)
    session.present(document, form, files, quiet=quiet, verbose=verbose)


def _refuse_unreadable(document: ComparisonDocument) -> None:
    """Refuse a stored comparison that is not of the form that this drift shows: altered, or by an older drift."""
    from drift.report import validate

    try:
        validate(document)
    except ValueError as error:
        raise StoreError(
            f"the stored comparison {document.get('id')} cannot be shown ({error})",
            "compare the two again with `drift diff`, and see `drift db verify`",
        ) from None


def _stored(store: Store, name: str | None) -> ComparisonDocument:
    """Return the comparison that a person means: by its id, or the newest one with a run as its candidate."""
    if name is not None and any(document["id"].startswith(name) for document in store.comparisons()):
        return store.comparison(name)
    run = None if name is None else store.resolve(name)
    for document in store.comparisons():
        if run is None or document["candidate"]["id"] == run.id:
            return document
    what = "no comparison is stored" if run is None else f"no comparison of run {run.id} is stored"
    raise UsageError(what, f"make one with `drift diff BASE {name or 'CAND'}`")


def explain(
    name: Annotated[
        str,
        typer.Argument(metavar="FINGERPRINT|RULE", help="The 12 digits of a finding, or the id of a rule."),
    ],
    comparison: Annotated[
        str | None,
        options.option(
            "--in", metavar="COMPARISON", help="The comparison that holds it; the newest one when absent."
        ),
    ] = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> int:
    """Follow a finding to its raw samples, or show what a rule means.

    \b
    drift explain 3f9c1a7be042
    drift explain text-markdown-fence-added
    """
    from drift.report import summary_line
    from drift.rules import RULES_BY_ID

    chosen = options.form(json, form)
    if name in RULES_BY_ID or "-" in name:
        if comparison is not None:
            raise UsageError(f"{name} names a rule, which stands in no comparison", "leave --in out")
        catalogue.explain_rule(name, chosen)
        return EXIT_OK
    with session.open_store(session.settings(config, database=database), readonly=True) as store:
        document, finding = session.find_finding(store, name, comparison)
        _refuse_unreadable(document)
        samples = list(_raw_samples(store, document, finding)) if chosen == "text" else []
    if finding["rule"] not in RULES_BY_ID:
        raise UsageError(f"this drift has no rule {finding['rule']!r}", "compare again with `drift diff`")
    rule = catalogue.rule_values(RULES_BY_ID[finding["rule"]])
    if chosen == "text":
        output.out(output.one_line(summary_line(document)) + "\n")
    session.show(output.document("explain", rule=rule, comparison=document["id"], finding=finding), chosen)
    for title, text in samples:
        output.out(f"\n{output.one_line(title)}")
        output.out(output.block(text))
    return EXIT_OK


def _raw_samples(store: Store, document: ComparisonDocument, finding: Any) -> Any:
    """Yield title and text of the raw samples behind the first witness of a finding."""
    from json import dumps

    for witness in finding["witnesses"][:1]:
        for side in ("baseline", "candidate"):
            shown = witness[side]
            samples = store.samples(document[side]["id"]) if shown else ()
            for sample in samples:
                if sample.id == shown["sample"]:
                    title = f"raw sample {sample.id} ({side}, {sample.probe_id}, epoch {sample.epoch})"
                    yield title, dumps(sample.document, indent=2, ensure_ascii=False)
