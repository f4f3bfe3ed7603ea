# One target checked against its baseline: asked, compared, and asked again when a claim rests on chance alone.
# Owns: when a run may stop early, when a control is made. Refuses to know: flags, printing, how evidence is judged.
"""Ask a target and compare it with what was accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drift.cli import comparing, output, session
from drift.cli.progress import showing
from drift.errors import UnmeasuredError

if TYPE_CHECKING:
    from drift.compare import Policy
    from drift.config import Config
    from drift.documents import ComparisonDocument
    from drift.model import Run, Suite, Target
    from drift.providers import Provider
    from drift.store import Store


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked, with what, under which settings."""

    store: Store
    target: Target
    suite: Suite
    settled: Config
    policy: Policy
    quiet: bool

    def ask(self, **details: Any) -> Run:
        """Ask the suite once; see `ask`."""
        return ask(self.store, self.target, self.suite, self.settled, quiet=self.quiet, **details)


def check_one(
    subject: Subject,
    baseline: Run,
    *,
    control: str | None,
    label: str | None,
    seed: int,
    sequential: bool,
    repeat: bool,
) -> ComparisonDocument:
    """Ask a target and compare it with its baseline; the comparison is stored.

    Args:
        subject: what is checked.
        baseline: the accepted run.
        control: name of a control; None takes what is stored.
        label: version label of the new run.
        seed: decides the order of asking.
        sequential: stop asking as soon as the verdict is safe.
        repeat: ask a second time when a finding rests on a test and there is no control of it.

    Raises:
        UnmeasuredError: the target could not be measured.
    """
    store, policy = subject.store, subject.policy
    if sequential:
        from drift.compare import Early

        watch = Early(store.snapshot(baseline.id), policy)
        done = subject.ask(label=label, seed=seed, watch=watch)
        return comparing.compare_runs(
            store, baseline, done, control=control, policy=policy, order=watch.order
        )
    done = subject.ask(label=label, seed=seed)
    document = comparing.compare_runs(store, baseline, done, control=control, policy=policy, save=False)
    wanted = repeat and document["control"] is None and _rests_on_tests(document)
    again = _repeat(subject, done, seed) if wanted else None
    if again is None:
        store.save_comparison(document)
        return document
    return comparing.compare_runs(store, baseline, done, control=again, policy=policy)


def _rests_on_tests(document: ComparisonDocument) -> bool:
    return any(
        finding["level"] != "info"
        and finding["evidence"]["q"] is not None
        and finding["acknowledged"] is None
        for finding in document["findings"]
    )


def _repeat(subject: Subject, done: Run, seed: int) -> str | None:
    """Ask the same once more and return the run's id; None, with a word on stderr, when that cannot be paid or done."""
    spent = done.meta.get("cost_usd")
    limit = subject.settled.max_cost
    left = None if limit is None or spent is None else limit - spent
    if left is not None and left <= 0:
        output.note("no control was made: nothing is left of the budget")
        return None
    output.note("a finding rests on a test, and no control is stored: the suite is asked once more")
    again = Subject(
        subject.store,
        subject.target,
        subject.suite,
        subject.settled if left is None else subject.settled.override(max_cost=left),
        subject.policy,
        subject.quiet,
    )
    try:
        return again.ask(control_of=done.id, seed=seed + 1).id
    except UnmeasuredError as error:
        output.note(output.one_line(f"no control was made: {error}"))
        return None


def ask(store: Store, target: Target, suite: Suite, settled: Config, *, quiet: bool, **details: Any) -> Run:
    """Probe a target, show where it stands, and return the complete run; errors as in `drift.runner.execute`."""
    from drift.runner import run_suite

    with showing(target.spec, quiet=quiet) as progress:
        return run_suite(
            store,
            _open(store, target),
            suite,
            epochs=settled.epochs,
            concurrency=settled.concurrency,
            max_cost=settled.max_cost,
            price=session.price_of(settled, target),
            progress=progress,
            **details,
        )


def _open(store: Store, target: Target) -> Provider:
    from drift.providers import open_provider

    if target.platform == "replay":
        return open_provider(target, snapshot=store.snapshot(store.resolve(target.model).id))
    return open_provider(target)
