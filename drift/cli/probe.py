# Asking: a target is probed and its snapshot stored; the nightly check does that and compares.
# Owns: the commands `run` and `check`. Refuses to know: how a request is sent, how a difference is judged.
"""`drift run` and `drift check`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift.cli import checking, comparing, options, output, session
from drift.errors import EXIT_FINDINGS, EXIT_OK, EXIT_UNDECIDED, UnmeasuredError, UsageError

if TYPE_CHECKING:
    from drift.baselines import Baseline
    from drift.config import Config
    from drift.documents import ComparisonDocument
    from drift.model import Suite, Target
    from drift.store import Store

Label = Annotated[str | None, options.option("--label", metavar="TEXT", help="Version label of the run.")]
Seed = Annotated[
    int, options.option("--seed", metavar="N", help="Decides the order of asking; 0 when absent.")
]


def run(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="What to probe: platform/model.")],
    suite: options.SuiteName = None,
    probe: options.ProbeIds = None,
    family: options.Families = None,
    tag: options.Tags = None,
    epochs: options.Epochs = None,
    concurrency: options.Concurrency = None,
    label: Label = None,
    control: Annotated[
        str | None,
        options.option("--control", metavar="RUN", help="This run repeats RUN as its same-model control."),
    ] = None,
    resume: Annotated[
        bool,
        options.option(
            "--resume", help="Go on with the newest unfinished run of the target: pay only for the rest."
        ),
    ] = False,
    retry_failed: Annotated[
        bool, options.option("--retry-failed", help="With --resume: ask again what failed.")
    ] = False,
    max_cost: options.MaxCost = None,
    dry_run: options.DryRun = False,
    base_url: options.BaseUrl = None,
    dialect: options.Dialect = None,
    api_version: options.ApiVersion = None,
    region: options.Region = None,
    seed: Seed = 0,
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
    quiet: options.Quiet = False,
) -> None:
    """Probe a target and store its snapshot. Every sample is kept the moment it arrives.

    The key is read from the vendor's own variable, such as ANTHROPIC_API_KEY, and never stored.

    \b
    drift run anthropic/MODEL --suite smoke --dry-run
    drift run anthropic/MODEL --label june -n 5 --max-cost 2
    drift run compatible/MODEL --base-url http://127.0.0.1:8080/v1
    drift run openai/MODEL --dialect openai-responses --label responses
    drift run anthropic/MODEL --resume
    """
    shown = options.form(json, form)
    if retry_failed and not resume:
        raise UsageError("--retry-failed stands alone", "give it together with --resume")
    if resume and dry_run:
        raise UsageError(
            "a dry run reckons a whole run, and --resume goes on with one", "leave one of them out"
        )
    if resume and (suite or probe or family or tag or epochs or label or control):
        raise UsageError(
            "a resumed run asks what it began with", "leave suite, probes, epochs, label and control out"
        )
    settled = session.settings(
        config, database=database, suite=suite, epochs=epochs, concurrency=concurrency, max_cost=max_cost
    )
    subject = settled.target(
        target, base_url=base_url, dialect=dialect, api_version=api_version, region=region
    )
    chosen = session.chosen_suite(settled, probe, family, tag)
    if dry_run:
        session.show(_plan(subject, chosen, settled), shown)
        return
    _try_opening(subject, settled)
    with session.open_store(settled, create=not resume) as store:
        done = checking.ask(
            store,
            subject,
            chosen,
            settled,
            quiet=quiet,
            label=label,
            control_of=store.resolve(control).id if control else None,
            resume=_unfinished(store, subject) if resume else None,
            retry_failed=retry_failed,
            seed=seed,
        )
        refused, asked, example = session.refusals(store, done)
    session.show(output.document("runs", runs=[asdict(done)]), shown)
    said = output.one_line(
        f"{refused} of {asked} samples {'was' if refused == 1 else 'were'} refused by the API, such as {example}"
    )
    if refused and refused == asked:
        raise UnmeasuredError(said, "see that the name of the model is right")
    if refused:
        output.note(said)


def _try_opening(target: Target, settled: Config) -> None:
    """Raise what opening the target would raise (no key, no address, no price, …) before a database is made for it."""
    import asyncio

    from drift.providers import open_provider
    from drift.runner import price_of

    async def try_it() -> None:
        provider = open_provider(target)
        try:
            price_of(provider, session.price_of(settled, target), settled.max_cost)
        finally:
            await provider.aclose()

    if target.platform not in {"local", "replay"}:
        asyncio.run(try_it())


def _unfinished(store: Store, target: Target) -> str:
    for candidate in store.runs(target=target.spec):
        if candidate.status != "complete" and candidate.dataset is None:
            return candidate.id
    raise UsageError(f"no unfinished run of {target.spec} is stored", "start one without --resume")


def _plan(target: Target, suite: Suite, settled: Config) -> dict[str, Any]:
    from drift.runner import ASSUMED_MAX_TOKENS, plan

    planned = plan(target, suite, epochs=settled.epochs, price=session.price_of(settled, target))
    notices = []
    if planned.cost_high_usd is None:
        notices.append(f"no price is known for {target.spec}")
    else:
        notices.append(
            f"between {planned.cost_low_usd:.4f} and {planned.cost_high_usd:.4f} US dollars: "
            "no output, and every answer at its cap"
        )
    if planned.uncapped:
        notices.append(
            f"{output.count(len(planned.uncapped), 'probe')} without a cap on the output: "
            f"{ASSUMED_MAX_TOKENS} tokens are assumed"
        )
    if planned.not_carried:
        left_out = ", ".join(planned.not_carried[:5])
        more = ", …" if len(planned.not_carried) > 5 else ""
        notices.append(
            f"{output.count(len(planned.not_carried), 'probe')} cannot be asked of {target.platform}: {left_out}{more}"
        )
    return output.document(
        "dry-run",
        target=target.spec,
        suite=suite.name,
        suite_hash=suite.hash,
        probes=planned.probes,
        calls=planned.calls,
        input_tokens=planned.input_tokens,
        output_tokens=planned.output_tokens,
        cost_usd=planned.cost_high_usd,
        notices=notices,
    )


def check(
    target: Annotated[
        str | None,
        typer.Argument(metavar="TARGET", help="What to probe; the targets of drift.yaml when absent."),
    ] = None,
    suite: Annotated[
        str | None,
        options.option(
            "-s", "--suite", metavar="NAME|PATH", help="Suite of probes; the baseline's when absent."
        ),
    ] = None,
    probe: options.ProbeIds = None,
    family: options.Families = None,
    tag: options.Tags = None,
    epochs: Annotated[
        int | None,
        options.option(
            "-n", "--epochs", metavar="N", min=1, help="Ask every probe N times; as the baseline when absent."
        ),
    ] = None,
    concurrency: options.Concurrency = None,
    label: Label = None,
    control: options.Control = None,
    no_repeat: Annotated[
        bool,
        options.option(
            "--no-repeat",
            help="Do not ask a second time when a finding rests on a test and no control is stored.",
        ),
    ] = False,
    sequential: Annotated[
        bool,
        options.option(
            "--sequential",
            help="Stop asking as soon as the verdict is safe, and say how many calls were saved.",
        ),
    ] = False,
    max_cost: options.MaxCost = None,
    dry_run: options.DryRun = False,
    base_url: options.BaseUrl = None,
    dialect: options.Dialect = None,
    api_version: options.ApiVersion = None,
    region: options.Region = None,
    seed: Seed = 0,
    fail_on: options.FailOn = None,
    profile: options.Profile = None,
    fdr: options.FalseDiscoveryRate = None,
    meaning: options.Meaning = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    to: options.Outputs = None,
    format: options.Format = None,  # noqa: A002 - the name of the flag
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Probe again and compare with the baseline: the nightly gate.

    Without a baseline the exit code is 3.

    A finding that rests on a test has to exceed what the same model does by itself. When no control is stored
    (`drift run --control`), the suite is asked a second time and the two runs of the day are held against each
    other; that happens only when there is such a finding.

    \b
    drift check
    drift check anthropic/MODEL --sequential --max-cost 2
    drift check anthropic/MODEL -o report.md -o report.json --fail-on warning
    """
    form, files = session.formats(json, format, to)
    settled = session.settings(
        config, database=database, suite=suite, epochs=epochs, concurrency=concurrency,
        max_cost=max_cost, fail_on=fail_on, profile=profile, fdr=fdr, meaning=meaning,
    )  # fmt: skip
    given = {"base_url": base_url, "dialect": dialect, "api_version": api_version, "region": region}
    subjects = [settled.target(target, **given)] if target else list(settled.targets)
    if not subjects:
        raise UsageError("no target is named", "name one, or list targets in drift.yaml")
    policy = comparing.policy(settled)
    several = len(subjects) > 1
    comparisons: list[ComparisonDocument] = []
    plans: list[dict[str, Any]] = []
    unmeasured: list[dict[str, str]] = []

    def could_not(subject: Target, error: UnmeasuredError) -> None:
        if not several:
            raise error
        output.note(output.one_line(f"drift: error: {error}"))
        unmeasured.append({"target": subject.spec, "reason": error.what})

    ready: list[tuple[Target, Baseline]] = []
    for subject in subjects:
        try:
            ready.append((subject, _accepted(settled, subject)))
        except UnmeasuredError as error:
            could_not(subject, error)
    for subject, _ in () if dry_run else ready:
        _try_opening(subject, settled)  # for all of them, before anything is paid for
    with session.open_store(settled, create=True) if ready else nullcontext() as store:
        for subject, accepted in ready:
            assert store is not None
            try:
                _bring_in(store, settled, accepted)
                asked = settled.override(epochs=settled.epochs or store.run(accepted.run).epochs)
                chosen = session.chosen_suite(asked, probe, family, tag, fallback=accepted.suite)
                if dry_run:
                    plans.append(_plan(subject, chosen, asked))
                    continue
                document = checking.check_one(
                    checking.Subject(store, subject, chosen, asked, policy, quiet),
                    store.run(accepted.run),
                    control=control,
                    label=label,
                    seed=seed,
                    sequential=sequential,
                    repeat=not no_repeat,
                )
            except UnmeasuredError as error:
                could_not(subject, error)
                continue
            comparisons.append(document)
            named = session.named_for(files, subject.spec) if several else files
            session.write_files(document, named, verbose=verbose)
    codes = {comparison["gate"]["exit_code"] for comparison in comparisons}
    code = (
        EXIT_FINDINGS
        if EXIT_FINDINGS in codes
        else EXIT_UNDECIDED
        if unmeasured
        else max(codes, default=EXIT_OK)
    )
    if several and form == "json":
        together = {
            "comparisons": comparisons,
            "dry_runs": plans,
            "unmeasured": unmeasured,
            "exit_code": code,
        }
        session.show(output.document("check", **together), form)
        return code
    for shown in (*plans, *comparisons):
        session.show(shown, form, quiet=quiet, verbose=verbose)
    return code


def _accepted(settled: Config, target: Target) -> Baseline:
    """Return the accepted baseline of a target.

    Raises:
        UnmeasuredError: there is none, or its file is not what was accepted.
    """
    from drift.baselines import find_baseline, verify_baseline

    accepted = find_baseline(settled.baselines, target.spec)
    if accepted is None:
        raise UnmeasuredError(
            f"no baseline of {target.spec} is accepted",
            f'run `drift run {target.spec}`, look at it, then `drift baseline accept {target.spec} --reason "…"`',
        )
    verify_baseline(settled.baselines, accepted)
    return accepted


def _bring_in(store: Store, settled: Config, accepted: Baseline) -> None:
    """See that the database has the run of a baseline, as it was accepted; UnmeasuredError when it differs."""
    from drift.baselines import verify_baseline
    from drift.importers import import_files

    import_files(store, [verify_baseline(settled.baselines, accepted)], fmt="jsonl")
    if store.run(accepted.run).seal != accepted.seal:
        raise UnmeasuredError(
            f"the baseline of {accepted.target} is not the run {accepted.run} that was accepted",
            "accept one again",
        )
