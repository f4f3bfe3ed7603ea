# Asks a suite of a target: how many at once, within a budget, and to be continued later.
# Owns: interruption, what ends a run and how. Refuses to know: wire grammar, SQL, judging, the screen.
"""Execute a suite against a target.

Every sample is stored for good the moment it arrives, so whatever ends a run loses at most the calls in flight,
and a resumed run pays only for what is missing. A run that could not ask everything stays `incomplete`, and raises.
"""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Concatenate, ParamSpec, Protocol

from drift.errors import InterruptedRunError, UnmeasuredError, UsageError
from drift.model import JSON, Exchange, Probe, Run, Sample, Suite
from drift.prices import Price
from drift.providers import Around, Attempt, Provider, Reply, names_credential, outcome_of, refuses_key
from drift.runner.beginning import mixed, new_run, now, price_of, refuse_other_subject
from drift.runner.budget import Budget
from drift.runner.plan import dollars, sizes_of
from drift.runner.retry import Patience, repeat
from drift.runner.shape import shape_document
from drift.runner.writer import Writer
from drift.store import Store

_P = ParamSpec("_P")

CONCURRENCY = 8

MAX_FAILED_SHARE = 0.05
"""A run of which more samples failed is not complete: too much of it was not measured."""

_FAILURES_IN_A_ROW = 16
"""So many failed samples without an answer in between mean that nobody is there."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands.

    Attributes:
        done: samples stored so far, those of earlier starts included.
        total: samples in all.
        resumed: samples that were stored before this start.
        failed: samples of this start that failed.
        retries: repeated requests of this start.
        in_flight: samples being asked right now.
        cost_usd: what this start has cost so far; None when no price is known.
    """

    done: int
    total: int
    resumed: int
    failed: int
    retries: int
    in_flight: int
    cost_usd: float | None


class Watch(Protocol):
    """Somebody who looks at the samples while they come, and may have seen enough."""

    def begin(self, run: Run, probes: Mapping[str, Probe], planned: Sequence[tuple[str, int]]) -> None:
        """Learn what will be asked: (probe, epoch) in the order of asking, which depends on no answer."""

    def add(self, sample: Sample) -> str | None:
        """Take one sample, in the order of coming; return why to stop, or None to go on."""


async def execute(
    store: Store,
    provider: Provider,
    suite: Suite,
    *,
    epochs: int | None = None,
    concurrency: int = CONCURRENCY,
    max_cost: float | None = None,
    price: Price | None = None,
    label: str | None = None,
    control_of: str | None = None,
    resume: str | None = None,
    retry_failed: bool = False,
    seed: int = 0,
    patience: Patience | None = None,
    progress: Callable[[Progress], None] | None = None,
    watch: Watch | None = None,
) -> Run:
    """Execute a suite and return the complete run. The provider stays open.

    Args:
        store: where samples go, each in a transaction of its own as it arrives.
        provider: the target, opened.
        suite: what to ask; a resumed run asks what it began with instead.
        epochs: how often each probe is asked; None leaves it to the probe.
        concurrency: samples asked at once.
        max_cost: US dollars that this start may spend; no call begins that could exceed it.
        price: what a call costs; None looks it up.
        label: version label of the run.
        control_of: id of the run that this one repeats.
        resume: exact id of an unfinished run to go on with; label, epochs, seed and control are its own.
        retry_failed: on resuming, ask the samples that failed again.
        seed: decides the order: epoch by epoch, and in each epoch the probes mixed.
        patience: how long to go on when something goes wrong.
        progress: is called after every sample.
        watch: sees every sample as it comes and may end the run early. Such a run is returned too; it stays
            `incomplete`, its `meta["stopped_early"]` says why, and it may be resumed.

    Raises:
        UsageError: nothing to ask, a budget without a known price, or a run that cannot be resumed like this.
        UnmeasuredError: the key is refused, nobody answers, the budget is spent, or too many samples failed.
        InterruptedRunError: stopped by the user. After this and the former the run is `incomplete`, with
            everything stored that was paid for.
    """
    for name, number in (("concurrency", concurrency), ("epochs", 1 if epochs is None else epochs)):
        if number < 1:
            raise UsageError(f"{name} is {number}", "make it 1 or more")
    if label is not None and not label.strip():
        raise UsageError("the label is empty", "leave it out, or say what this version is called")
    price = price_of(provider, price, max_cost)
    if resume is None:
        run = new_run(provider, suite, epochs, label, control_of, seed, price)
        probes = {probe.id: probe for probe in suite.probes if provider.dialect_for(probe) is not None}
        if not probes:
            raise UsageError(
                f"{provider.target.spec} can carry no probe of suite {suite.name!r}", "choose other probes"
            )
        times = {probe.id: probe.epochs if epochs is None else epochs for probe in probes.values()}
        store.begin_run(run, list(probes.values()), times)
    else:
        run = store.run(resume)
        refuse_other_subject(run, provider)
        probes = store.probes(run.id)
        for probe in probes.values():
            if provider.dialect_for(probe) is None:
                raise UsageError(f"{run.target} cannot carry probe {probe.id} any more", "start another run")
    missing = store.missing(run.id, retry_failed=retry_failed)
    queue = mixed(missing, run.meta.get("seed", seed))
    if watch is not None:
        watch.begin(run, probes, queue)
    execution = _Execution(
        store=store,
        provider=provider,
        run=run,
        probes=probes,
        queue=deque(queue),
        kept=run.samples - (len(missing) - len(store.missing(run.id))),
        price=price,
        budget=Budget(None if max_cost is None else Decimal(str(max_cost))),
        patience=patience or Patience(),
        report=progress,
        watch=watch,
        writer=Writer(store.path),
    )
    return await execution.finish(concurrency)


def _blocking(
    execute: Callable[Concatenate[Store, Provider, Suite, _P], Awaitable[Run]],
) -> Callable[Concatenate[Store, Provider, Suite, _P], Run]:
    """Make the function for callers without an event loop of their own; it closes the provider, too."""

    def blocking(
        store: Store, provider: Provider, suite: Suite, /, *args: _P.args, **settings: _P.kwargs
    ) -> Run:
        async def whole() -> Run:
            try:
                return await execute(store, provider, suite, *args, **settings)
            finally:
                await provider.aclose()

        return asyncio.run(whole())

    return blocking


run_suite = _blocking(execute)
"""Execute a suite, close the provider and return the complete run; arguments and errors as in `execute`."""


# Executing


class _AbandonedError(Exception):
    """A sample is given up and not stored, because the run stops."""


@dataclass(slots=True)
class _Ticket:
    """The money of one sample: `most` is the bound of its dearest request."""

    reserved: Decimal
    most: Decimal
    spent: Decimal = Decimal(0)


@dataclass(slots=True)
class _Execution:
    """One start of a run, from its first call to its end. `kept` samples were stored before it."""

    store: Store
    provider: Provider
    run: Run
    probes: Mapping[str, Probe]
    queue: deque[tuple[str, int]]
    kept: int
    price: Price | None
    budget: Budget
    patience: Patience
    report: Callable[[Progress], None] | None
    watch: Watch | None
    writer: Writer
    bounds: dict[str, list[Decimal]] = field(default_factory=dict)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    reason: Callable[[], Exception] | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    total: int = 0
    done: int = 0
    failed: int = 0
    retries: int = 0
    in_flight: int = 0
    answered: bool = False
    failures_in_a_row: int = 0
    last_failure: str = ""
    interrupted: bool = False
    enough: str | None = None

    async def finish(self, concurrency: int) -> Run:
        """Ask everything, then end the run as complete or incomplete."""
        self.total = self.kept + len(self.queue)
        try:
            async with self.writer:
                await self._ask_all(concurrency)
            self._refuse_failures()
        except BaseException:
            self.store.finish_run(self.run.id, "incomplete", self._meta())
            raise
        if self.enough is not None and self.store.missing(self.run.id):
            return self.store.finish_run(
                self.run.id, "incomplete", {**self._meta(), "stopped_early": self.enough}
            )
        return self.store.finish_run(self.run.id, "complete", self._meta())

    async def _ask_all(self, concurrency: int) -> None:
        self.tasks = [asyncio.create_task(self._work()) for _ in range(min(concurrency, len(self.queue)))]
        try:
            with _on_signals(self._interrupt):
                if self.tasks:
                    await asyncio.wait(self.tasks)
        finally:  # also when we are cancelled ourselves
            self._cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.reason is not None:
            raise self.reason()

    async def _work(self) -> None:
        try:
            while self.queue and not self.stop.is_set():
                probe_id, epoch = self.queue.popleft()
                await self._ask(self.probes[probe_id], epoch)
        except _AbandonedError:
            pass
        except Exception as error:  # noqa: BLE001 - the first error stops the run and is raised at its end
            first = error
            self._halt(lambda: first)

    async def _ask(self, probe: Probe, epoch: int) -> None:
        bounds = self._bounds(probe)
        ticket = _Ticket(reserved=sum(bounds, Decimal(0)), most=max(bounds, default=Decimal(0)))
        if not await self.budget.reserve(ticket.reserved):
            self._halt(lambda: self._out_of_budget(probe, ticket.reserved))
            return
        self.in_flight += 1
        try:
            reply = await self.provider.ask(probe, epoch, self._around(probe, ticket))
            await self._keep(probe, epoch, reply)
        finally:
            self.in_flight -= 1
            self.budget.settle(ticket.reserved, ticket.spent)
        self.done += 1
        self._tell()

    def _bounds(self, probe: Probe) -> list[Decimal]:
        """Return the most that each request of a probe can cost; the same in every epoch."""
        if probe.id not in self.bounds:
            sizes = [] if self.price is None else sizes_of(probe, self.provider.target)
            self.bounds[probe.id] = [] if self.price is None else [size.bound(self.price) for size in sizes]
        return self.bounds[probe.id]

    def _around(self, probe: Probe, ticket: _Ticket) -> Around:
        """Return what happens around every request of one sample: repetition, cost, health."""

        async def around(exchange: Exchange, attempt: Attempt) -> dict[str, JSON]:
            async def paid() -> dict[str, JSON]:
                entry = await attempt()
                ticket.spent += self._cost(entry, ticket)
                return entry

            def may_repeat(failure: dict[str, JSON]) -> bool:
                if not self._cost(failure, ticket):
                    return True  # the reservation still covers the next attempt
                if not self.budget.take(ticket.most):
                    return False
                ticket.reserved += ticket.most
                return True

            entry = await repeat(
                paid, self.patience, expected=probe.expect.status, may_repeat=may_repeat, sleep=self._sleep
            )
            self.retries += len(entry["retries"])
            self._check_health(probe, exchange, entry)
            return entry

        return around

    def _cost(self, entry: Mapping[str, JSON], ticket: _Ticket) -> Decimal:
        """Return what one attempt cost; what may have been billed without our knowing counts in full."""
        if self.price is None:
            return Decimal(0)
        reported = self.price.of_reply(entry)
        if reported is not None and entry["error"] is None:
            return reported
        status, error = entry["status"], entry["error"]
        unbilled = status >= 300 if status is not None else error is not None and error["kind"] == "connect"
        return Decimal(0) if unbilled else ticket.most

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return
        raise _AbandonedError

    def _check_health(self, probe: Probe, exchange: Exchange, entry: Mapping[str, JSON]) -> None:
        """Stop the run when asking on is pointless."""
        if outcome_of(entry, probe) != "failed":
            self.answered = True
            self.failures_in_a_row = 0
            return
        self.failures_in_a_row += 1
        self.last_failure = _describe(entry)
        status = entry["status"]
        # 403 may concern one model or feature only; before the first answer it concerns the key.
        refused = refuses_key(entry) or (status == 403 and not self.answered and exchange.model is None)
        if refused and not names_credential(exchange.headers):
            variable = self.provider.key_variable
            self._halt(
                lambda: UnmeasuredError(
                    f"{self.run.target} refuses the key (status {status})",
                    f"check the environment variable {variable}" if variable else "check the target",
                )
            )
            raise _AbandonedError
        if self.failures_in_a_row >= _FAILURES_IN_A_ROW:
            self._halt(
                lambda: UnmeasuredError(
                    f"{self.run.target} gave no answer {_FAILURES_IN_A_ROW} times in a row "
                    f"(last: {_describe(entry)})",
                    self._how_to_go_on(retry_failed=True),
                )
            )

    async def _keep(self, probe: Probe, epoch: int, reply: Reply) -> None:
        if probe.store == "shape":
            reply = replace(reply, document=shape_document(reply.document, probe))
        await self.writer.add(self.run.id, probe.id, epoch, reply, now())
        self.failed += reply.outcome == "failed"
        if self.watch is not None and self.enough is None:
            identity = f"{probe.id}#{epoch}"
            sample = Sample(identity, probe.id, epoch, reply.outcome, reply.document, reply.dialect)
            self.enough = self.watch.add(sample)
            if self.enough is not None:
                self.stop.set()  # calls in flight are paid for and come to their end

    def _tell(self) -> None:
        if self.report is not None:
            self.report(
                Progress(
                    done=self.kept + self.done,
                    total=self.total,
                    resumed=self.kept,
                    failed=self.failed,
                    retries=self.retries,
                    in_flight=self.in_flight,
                    cost_usd=None if self.price is None else dollars(self.budget.spent),
                )
            )

    # Stopping

    def _halt(self, reason: Callable[[], Exception]) -> None:
        """Begin no call any more; calls in flight are paid for and come to their end.

        The first reason counts. It is put into words at the end, when all that could be stored is stored.
        """
        if self.reason is None:
            self.reason = reason
            self.stop.set()
            self.budget.close()

    def _cancel(self) -> None:
        for task in self.tasks:
            task.cancel()

    def _interrupt(self) -> None:
        """Stop at the first signal, with a grace period for calls in flight; at the second at once."""
        if self.interrupted:
            self._cancel()
            return
        self.interrupted = True
        asyncio.get_running_loop().call_later(self.patience.grace_s, self._cancel)
        self._halt(
            lambda: InterruptedRunError(
                f"stopped with {self.kept + self.done} of {self.total} samples stored", self._how_to_go_on()
            )
        )

    def _out_of_budget(self, probe: Probe, bound: Decimal) -> UnmeasuredError:
        assert self.budget.limit is not None
        return UnmeasuredError(
            f"the next call could exceed the budget: {probe.id} can cost {dollars(bound)}, and "
            f"{dollars(self.budget.spent)} of {self.budget.limit} US dollars are spent; "
            f"{self.kept + self.done} of {self.total} samples are stored",
            f"{self._how_to_go_on()} under a higher --max-cost",
        )

    def _refuse_failures(self) -> None:
        """Refuse to call a run complete of which too much was not measured."""
        never_asked = len(self.store.missing(self.run.id))
        failed = len(self.store.missing(self.run.id, retry_failed=True)) - never_asked
        if failed > MAX_FAILED_SHARE * (self.total - never_asked):
            raise UnmeasuredError(
                f"{failed} of {self.total - never_asked} samples failed"
                + (f" (last: {self.last_failure})" if self.last_failure else ""),
                self._how_to_go_on(retry_failed=True),
            )

    def _how_to_go_on(self, *, retry_failed: bool = False) -> str:
        return f"go on with `drift run {self.run.target} --resume{' --retry-failed' if retry_failed else ''}`"

    def _meta(self) -> dict[str, JSON]:
        """Return what the run keeps about its cost, reckoned over all its starts."""
        if self.price is None:
            return {"cost_usd": None}
        cost = Decimal(0)
        for sample in self.store.samples(self.run.id):
            for entry in sample.document.get("exchanges") or ():
                cost += self.price.of_reply(entry) or Decimal(0)
        return {"cost_usd": dollars(cost)}


def _describe(entry: Mapping[str, JSON]) -> str:
    error = entry["error"]
    return f"status {entry['status']}" if error is None else f"{error['kind']}: {error['message'][:160]}"


@contextmanager
def _on_signals(handler: Callable[[], None]) -> Iterator[None]:
    """Call `handler` on Ctrl-C and on SIGTERM, where the platform and the thread allow it."""
    loop = asyncio.get_running_loop()
    handled = []
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, handler)
        except (NotImplementedError, RuntimeError, ValueError):
            continue
        handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
