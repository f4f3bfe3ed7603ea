# A run from its first call to its end: order, retries, budget, interruption, kill -9 and resume.
# Owns: tests of drift/runner, drift/prices.py and drift/runner/shape.py. Refuses to know: wire grammar.

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from drift.errors import InterruptedRunError, UnmeasuredError, UsageError
from drift.model import Exchange, Expect, Message, Probe, Run, Suite, Target, Tool
from drift.prices import find_price, own_price, tokens_of
from drift.providers import open_provider
from drift.runner import Patience, Progress, plan, run_suite
from drift.runner.budget import Budget
from drift.runner.plan import sizes_of
from drift.runner.retry import is_passing, retry_after_s
from drift.store import Store
from tests.vendor import Vendor

pytest_plugins = ("tests.store_fixtures", "tests.vendor.plugin")

KEY = "sk-ant-test-4f1d0c9b8a7e"
QUICK = Patience(first_wait_s=0.001)
WEATHER = Tool("get_weather", "Weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


def probe(name: str, *exchanges: Exchange, **parts: Any) -> Probe:
    asked = exchanges or (Exchange(messages=(Message("user", f"Reply with {name}"),), max_tokens=20),)
    return Probe(f"t/{name}", "t", "f", exchanges=asked, **parts)


def suite_of(count: int, **parts: Any) -> Suite:
    return Suite("test", tuple(probe(f"n{n}", **parts) for n in range(count)))


@pytest.fixture
def run(vendor: Vendor, store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run a suite against the vendor, by default as Claude."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)

    def run(
        suite: Suite,
        *,
        spec: str = "anthropic/claude-opus-5-5",
        dialect: str | None = None,
        timeout_s: float = 5,
        **options: Any,
    ) -> Run:
        platform, model = spec.split("/")
        url = {"anthropic": vendor.url, "gemini": vendor.gemini_url}.get(platform, vendor.openai_url)
        target = Target(platform, model, base_url=url, dialect=dialect)
        provider = open_provider(target, timeout_s=timeout_s)
        return run_suite(store, provider, suite, **{"patience": QUICK, **options})

    return run


def only_run(store: Store) -> Run:
    (found,) = store.runs()
    return found


def entry_of(store: Store, run_id: str, name: str, epoch: int = 1) -> dict[str, Any]:
    samples = {(sample.probe_id, sample.epoch): sample for sample in store.samples(run_id)}
    last: dict[str, Any] = samples[f"t/{name}", epoch].document["exchanges"][-1]
    return last


def prompts(vendor: Vendor) -> list[str]:
    return [received.json["messages"][0]["content"] for received in vendor.log]


# A run that goes well


@pytest.mark.parametrize("spec", ["anthropic/claude-opus-5-5", "openai/gpt-5.5"])
def test_a_run_asks_everything_once_and_is_sealed(
    vendor: Vendor, store: Store, run: Callable[..., Run], spec: str
) -> None:
    seen: list[Progress] = []
    suite = Suite("test", (*suite_of(5, epochs=2).probes, probe("once")))
    done = run(suite, spec=spec, label="v1", progress=seen.append)
    assert (done.status, done.samples, done.target, done.label) == ("complete", 11, spec, "v1")
    assert done.seal is not None
    assert Counter(prompts(vendor)) == {**{f"Reply with n{n}": 2 for n in range(5)}, "Reply with once": 1}
    assert {sample.outcome for sample in store.samples(done.id)} == {"response"}
    assert [event.done for event in seen] == list(range(1, 12))
    assert seen[-1].total == 11
    assert seen[-1].cost_usd == done.meta["cost_usd"] > 0
    assert done.meta["price"]["model"] == spec.partition("/")[2]
    assert (done.vendor, done.suite, done.suite_hash) == (spec.partition("/")[0], "test", suite.hash)
    assert store.verify() == []


def test_the_axes_of_a_run_are_those_of_the_wire(vendor: Vendor, run: Callable[..., Run]) -> None:
    done = run(suite_of(1))
    assert done.sdk is not None
    assert done.sdk.startswith("anthropic 2.")
    assert done.api_version == vendor.log[0].headers["anthropic-version"]
    assert done.base_url == vendor.url


def test_the_order_is_mixed_epoch_by_epoch_and_decided_by_the_seed(
    vendor: Vendor, run: Callable[..., Run]
) -> None:
    orders = []
    for seed in (1, 1, 2):
        vendor.log.clear()
        run(suite_of(12), epochs=2, seed=seed, concurrency=1)
        orders.append(prompts(vendor))
    first, again, other = orders
    assert first == again != other
    assert set(first[:12]) == set(first[12:]) == {f"Reply with n{n}" for n in range(12)}
    assert first[:12] != first[12:]


def test_a_run_tells_an_api_version_that_was_asked_for_from_one_that_was_inherited(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    inherited = run(suite_of(1))
    target = Target("anthropic", "claude-opus-5-5", base_url=vendor.url, api_version="2023-06-01")
    asked = run_suite(store, open_provider(target, timeout_s=5), suite_of(1), patience=QUICK)
    assert inherited.api_version is not None
    assert inherited.meta["api_version_asked"] is None
    assert (asked.api_version, asked.meta["api_version_asked"]) == ("2023-06-01", "2023-06-01")


def test_a_probe_that_the_dialect_cannot_carry_is_named_and_not_asked(
    run: Callable[..., Run], vendor: Vendor
) -> None:
    done = run(Suite("test", (probe("a"), probe("b", dialects=("openai-chat",)))))
    assert (done.samples, done.meta["not_carried"]) == (1, ["t/b"])
    with pytest.raises(UsageError, match="can carry no probe"):
        run(Suite("test", (probe("b", dialects=("gemini",)),)))
    assert len(vendor.log) == 1


def test_calls_run_at_once_up_to_the_limit(vendor: Vendor, run: Callable[..., Run]) -> None:
    seen: list[Progress] = []
    with vendor.behaving(delay_s=0.05):
        run(suite_of(12), concurrency=4, progress=seen.append)
    assert (
        max(event.in_flight for event in seen) == 3
    )  # of four, the one that just came back is none any more


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"epochs": 0}])
def test_senseless_numbers_are_refused(
    run: Callable[..., Run], store: Store, options: dict[str, int]
) -> None:
    with pytest.raises(UsageError):
        run(suite_of(1), **options)
    assert store.runs() == []


def test_a_stored_run_plays_again_as_a_run(store: Store, run: Callable[..., Run]) -> None:
    suite = suite_of(4)
    done = run(suite)
    provider = open_provider(Target("replay", done.id), snapshot=store.snapshot(done.id))
    again = run_suite(store, provider, suite)
    before = [(sample.probe_id, sample.outcome, sample.document) for sample in store.samples(done.id)]
    assert [
        (sample.probe_id, sample.outcome, sample.document) for sample in store.samples(again.id)
    ] == before
    assert (again.sdk, again.meta["cost_usd"]) == (done.sdk, 0)
    provider = open_provider(Target("replay", done.id), snapshot=store.snapshot(done.id))
    with pytest.raises(UnmeasuredError, match=r"holds no sample of t/n., epoch 2"):
        run_suite(store, provider, suite, epochs=2)


# Trouble that passes


@pytest.mark.parametrize(
    ("fault", "recorded"),
    [
        ({"status": 429, "headers": {"retry-after": "0"}}, {"status": 429, "retry_after_s": 0.0}),
        ({"status": 429, "headers": {"retry-after-ms": "20"}}, {"status": 429, "retry_after_s": 0.02}),
        ({"status": 529}, {"status": 529, "retry_after_s": None}),
        ({"status": 500}, {"status": 500, "retry_after_s": None}),
        ({"status": 400, "headers": {"x-should-retry": "true"}}, {"status": 400, "retry_after_s": None}),
        ({"drop": True}, {"status": None, "retry_after_s": None}),
        ({"cut": 30}, {"status": 200, "retry_after_s": None}),
    ],
)
def test_passing_trouble_is_waited_out_and_recorded(
    vendor: Vendor, store: Store, run: Callable[..., Run], fault: dict[str, Any], recorded: dict[str, Any]
) -> None:
    vendor.fail(**fault, times=2)
    done = run(suite_of(1))
    entry = entry_of(store, done.id, "n0")
    assert (entry["status"], entry["attempts"], len(vendor.log)) == (200, 3, 3)
    for retry in entry["retries"]:
        assert retry.items() >= recorded.items()
        assert retry["waited_s"] >= (recorded["retry_after_s"] or 0)
    if recorded["status"] is None:
        assert entry["retries"][0]["error"]["kind"] == "cut"
    if recorded["status"] == 200:  # what was paid for is kept, even when it was no use
        assert entry["retries"][0]["received"]["text"] == vendor.log[0].sent.decode()


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        ({"status": 529, "times": 9}, 4),
        ({"status": 429, "headers": {"retry-after": "3600"}}, 1),
        ({"status": 429, "headers": {"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"}}, 1),
        ({"status": 529, "headers": {"x-should-retry": "false"}}, 1),
    ],
)
def test_patience_has_an_end(
    vendor: Vendor, store: Store, run: Callable[..., Run], fault: dict[str, Any], attempts: int
) -> None:
    vendor.fail(**fault)
    with pytest.raises(
        UnmeasuredError,
        match=r"1 of 1 samples failed \(last: .+\); go on with `drift run \S+ --resume --retry-failed`",
    ):
        run(suite_of(1), patience=replace(QUICK, attempts=4))
    stopped = only_run(store)
    assert (stopped.status, len(vendor.log)) == ("incomplete", attempts)
    assert entry_of(store, stopped.id, "n0")["attempts"] == attempts


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_refusal_is_never_asked_again(
    vendor: Vendor, store: Store, run: Callable[..., Run], status: int
) -> None:
    vendor.fail(status)
    done = run(suite_of(1))
    assert [sample.outcome for sample in store.samples(done.id)] == ["rejected"]
    assert len(vendor.log) == 1


def test_a_status_that_the_probe_expects_is_never_asked_again(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    vendor.fail(429)
    done = run(suite_of(1, expect=Expect(status=(429,))))
    assert [sample.outcome for sample in store.samples(done.id)] == ["rejected"]
    assert len(vendor.log) == 1


def test_only_the_failing_request_of_a_conversation_is_repeated(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    ask = Message("user", "What is the weather in Bern?")
    first = Exchange(messages=(ask,), tools=(WEATHER,), max_tokens=50)
    turns = (ask, Message("assistant", replay=0), Message("user", tool_results="Sunny"))
    second = Exchange(messages=turns, tools=(WEATHER,), max_tokens=50)
    vendor.fail(529, skip=1)
    done = run(Suite("test", (probe("talk", first, second),)))
    (sample,) = store.samples(done.id)
    assert [entry["attempts"] for entry in sample.document["exchanges"]] == [1, 2]
    assert [len(received.json["messages"]) for received in vendor.log] == [1, 3, 3]


@pytest.mark.parametrize(
    ("status", "error", "headers", "expected", "passing"),
    [
        (200, None, {}, (), False),
        (408, None, {}, (), True),
        (409, None, {}, (), True),
        (429, None, {}, (), True),
        (500, None, {}, (), True),
        (503, None, {}, (), True),
        (529, None, {}, (), True),
        (529, None, {}, (529,), False),
        (529, None, {"x-should-retry": "false"}, (), False),
        (401, None, {}, (), False),
        (404, None, {}, (), False),
        (404, None, {"x-should-retry": "true"}, (), True),
        (302, None, {}, (), False),
        (None, "connect", {}, (), True),
        (None, "timeout", {}, (), True),
        (200, "cut", {}, (), True),
        (None, "protocol", {}, (), False),
    ],
)
def test_what_passes(status: Any, error: Any, headers: Any, expected: Any, passing: bool) -> None:
    fault = None if error is None else {"kind": error, "message": ""}
    assert is_passing({"status": status, "error": fault, "headers": headers}, expected) is passing


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "9", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "9", "retry-after-ms": "soon"}, 9.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Tue, 01 Jan 2019 00:00:00 GMT"}, 0.0),
    ],
)
def test_the_wait_that_a_vendor_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds


def test_a_date_to_wait_for_is_understood() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    seconds = retry_after_s({"retry-after": date})
    assert seconds is not None
    assert 27 < seconds <= 30


# Trouble that does not pass


def test_a_refused_key_stops_the_run_at_once(vendor: Vendor, store: Store, run: Callable[..., Run]) -> None:
    with (
        vendor.behaving(keys=frozenset()),
        pytest.raises(UnmeasuredError, match="ANTHROPIC_API_KEY") as stopped,
    ):
        run(suite_of(100), concurrency=4)
    assert stopped.value.exit_code == 3
    assert len(vendor.log) <= 4
    assert (only_run(store).status, only_run(store).samples) == ("incomplete", 0)
    assert run(suite_of(100), resume=only_run(store).id).status == "complete"


def test_a_forbidden_start_stops_the_run_and_a_forbidden_feature_does_not(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    vendor.fail(403)
    with pytest.raises(UnmeasuredError, match="refuses the key"):
        run(suite_of(30), concurrency=1)
    later = run(
        suite_of(30), concurrency=1, progress=lambda event: vendor.fail(403) if event.done == 5 else None
    )
    assert (later.status, later.samples) == ("complete", 30)
    assert Counter(sample.outcome for sample in store.samples(later.id)) == {"response": 29, "failed": 1}


def test_a_probe_with_a_wrong_key_of_its_own_stops_nothing(vendor: Vendor, run: Callable[..., Run]) -> None:
    headers = {"authorization": "Bearer invalid"}
    wrong = Exchange(messages=(Message("user", "hi"),), max_tokens=5, headers=headers)
    suite = Suite("test", tuple(probe(f"w{n}", wrong, expect=Expect(status=(401,))) for n in range(3)))
    assert run(suite).status == "complete"
    unexpected = Suite("test", (*suite_of(40).probes, probe("w", wrong)))
    assert run(unexpected).status == "complete"
    assert Counter(received.status for received in vendor.log)[401] == 4


def test_a_vendor_that_never_answers_is_given_up(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    vendor.fail(drop=True, times=10_000)
    with pytest.raises(UnmeasuredError, match=r"gave no answer 16 times in a row .last: cut."):
        run(suite_of(200), patience=replace(QUICK, attempts=2))
    assert 16 <= only_run(store).samples < 16 + 8
    vendor.faults.clear()
    done = run(suite_of(200), resume=only_run(store).id, retry_failed=True)
    assert (done.status, done.samples) == ("complete", 200)
    assert {sample.outcome for sample in store.samples(done.id)} == {"response"}


def test_failures_with_answers_in_between_do_not_stop_a_run(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    for n in range(20):
        vendor.fail(529, skip=2 * n)
    with pytest.raises(UnmeasuredError, match="20 of 60 samples failed"):
        run(suite_of(60), concurrency=1, patience=replace(QUICK, attempts=1))
    assert only_run(store).samples == 60


def test_a_few_failed_samples_are_part_of_a_complete_run(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    vendor.fail(529, times=3)
    done = run(suite_of(20), concurrency=1, patience=replace(QUICK, attempts=3))
    assert Counter(sample.outcome for sample in store.samples(done.id)) == {"response": 19, "failed": 1}


def test_failed_samples_can_be_asked_again(vendor: Vendor, store: Store, run: Callable[..., Run]) -> None:
    vendor.fail(529, times=4)
    with pytest.raises(UnmeasuredError, match="2 of 20 samples failed"):
        run(suite_of(20), concurrency=1, patience=replace(QUICK, attempts=2))
    stopped = only_run(store)
    with pytest.raises(UnmeasuredError, match="2 of 20"):
        run(suite_of(20), resume=stopped.id)
    assert len(vendor.log) == 22
    seen: list[Progress] = []
    done = run(suite_of(20), resume=stopped.id, retry_failed=True, progress=seen.append)
    assert (done.status, len(vendor.log)) == ("complete", 24)
    assert [(event.done, event.total, event.resumed) for event in seen] == [(19, 20, 18), (20, 20, 18)]


def test_an_error_of_our_own_ends_the_run_as_incomplete(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    def broken(event: Progress) -> None:
        if event.done == 3:
            raise RuntimeError("screen")

    with pytest.raises(RuntimeError, match="screen"):
        run(suite_of(30), concurrency=2, progress=broken)
    assert only_run(store).status == "incomplete"
    assert only_run(store).samples == len(vendor.log) < 6


# Resuming


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "claude-opus-5"}, "another target"),
        ({"api_version": "2023-06-01"}, "another API version"),
        ({"params": {"top_p": 1}}, "another parameters"),
    ],
)
def test_a_run_is_not_resumed_as_another_subject(
    vendor: Vendor, store: Store, run: Callable[..., Run], change: dict[str, Any], words: str
) -> None:
    vendor.fail(529, times=99)
    with pytest.raises(UnmeasuredError):
        run(suite_of(1), patience=replace(QUICK, attempts=1))
    target = replace(Target("anthropic", "claude-opus-5-5", base_url=vendor.url), **change)
    with pytest.raises(UsageError, match=words):
        run_suite(store, open_provider(target), suite_of(1), resume=only_run(store).id)


def test_a_complete_run_is_not_resumed(run: Callable[..., Run]) -> None:
    done = run(suite_of(1))
    with pytest.raises(UsageError, match="complete and sealed"):
        run(suite_of(1), resume=done.id, retry_failed=True)


def test_a_resumed_run_asks_what_it_began_with(vendor: Vendor, store: Store, run: Callable[..., Run]) -> None:
    vendor.fail(401)
    with pytest.raises(UnmeasuredError):
        run(suite_of(3), concurrency=1)
    vendor.log.clear()
    done = run(Suite("other", (probe("stranger"),)), resume=only_run(store).id)
    assert (done.suite, sorted(prompts(vendor))) == ("test", [f"Reply with n{n}" for n in range(3)])


SCRIPT = """
import sys
from pathlib import Path
from drift.errors import DriftError
from drift.model import Exchange, Message, Probe, Suite, Target
from drift.providers import open_provider
from drift.runner import run_suite
from drift.store import Store

path, url, count, resume = sys.argv[1:]
ask = lambda n: Exchange(messages=(Message("user", f"Reply with n{n}"),), max_tokens=20)
suite = Suite("test", tuple(Probe(f"t/n{n}", "t", "f", exchanges=(ask(n),)) for n in range(int(count))))
with Store.open(Path(path)) as store:
    provider = open_provider(Target("anthropic", "claude-opus-5-5", base_url=url))
    try:
        print(run_suite(store, provider, suite, resume=resume or None).status)
    except DriftError as error:
        print(error)
        sys.exit(error.exit_code)
"""


def start(vendor: Vendor, path: Path, count: int, resume: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "ANTHROPIC_API_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SCRIPT, str(path), vendor.url, str(count), resume]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def wait_for(vendor: Vendor, requests: int) -> None:
    deadline = time.monotonic() + 60
    while len(vendor.log) < requests:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_kill_9_loses_at_most_the_calls_in_flight(vendor: Vendor, tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    kills = 0
    run_id = ""
    for stop_at in (40, 150, 280):
        with vendor.behaving(delay_s=0.05):
            process = start(vendor, path, 500, run_id)
            wait_for(vendor, stop_at)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        kills += 1
        with Store.open(path) as store:
            killed = only_run(store)
            assert killed.status == "running"
            assert killed.samples >= len(vendor.log) - 8 * kills
            run_id = killed.id
    process = start(vendor, path, 500, run_id)
    assert process.communicate()[0] == "complete\n"
    with Store.open(path) as store:
        assert (only_run(store).status, only_run(store).samples) == ("complete", 500)
        assert store.verify() == []
    asked = Counter(prompts(vendor))
    assert len(asked) == 500
    assert sum(asked.values()) <= 500 + 8 * kills
    assert max(asked.values()) <= 1 + kills


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_the_calls_in_flight(
    vendor: Vendor, tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "drift.db"
    with vendor.behaving(delay_s=0.3):
        process = start(vendor, path, 200)
        wait_for(vendor, 9)
        process.send_signal(number)
        output, _ = process.communicate()
    with Store.open(path) as store:
        stopped = only_run(store)
        assert stopped.status == "incomplete"
        assert stopped.samples == len(vendor.log) < 40
    assert process.returncode == 130
    assert (
        output
        == f"stopped with {stopped.samples} of 200 samples stored; go on with `drift run {stopped.target} --resume`\n"
    )
    process = start(vendor, path, 200, stopped.id)
    assert process.communicate()[0] == "complete\n"
    assert len(vendor.log) == 200


def test_a_second_interrupt_waits_for_nothing(vendor: Vendor, tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    vendor.fail(hang_s=30, times=999, path="/v1/messages")
    process = start(vendor, path, 20)
    deadline = time.monotonic() + 30
    while len(vendor.log) < 8:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=8)
    assert (process.returncode, output.partition(";")[0]) == (130, "stopped with 0 of 20 samples stored")


def test_an_interrupt_ends_waiting_for_a_retry(vendor: Vendor, store: Store, run: Callable[..., Run]) -> None:
    vendor.fail(429, times=99, headers={"retry-after": "50"})

    async def interrupt_soon() -> None:
        await asyncio.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    from drift.runner import execute

    async def both() -> None:
        provider = open_provider(Target("anthropic", "claude-opus-5-5", base_url=vendor.url))
        asking = asyncio.create_task(execute(store, provider, suite_of(3)))
        await interrupt_soon()
        try:
            await asking
        finally:
            await provider.aclose()

    began = time.monotonic()
    with pytest.raises(InterruptedRunError, match="stopped with 0 of 3"):
        asyncio.run(both())
    assert time.monotonic() - began < 20
    assert only_run(store).samples == 0  # a sample that was given up is asked again, not counted as failed


def test_a_cancelled_run_is_incomplete(vendor: Vendor, store: Store) -> None:
    from drift.runner import execute

    async def cancelled() -> None:
        provider = open_provider(Target("anthropic", "claude-opus-5-5", base_url=vendor.url))
        asking = asyncio.create_task(execute(store, provider, suite_of(50), concurrency=2))
        await asyncio.sleep(0.5)
        asking.cancel()
        try:
            await asking
        finally:
            await provider.aclose()

    with vendor.behaving(delay_s=0.1), pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert only_run(store).status == "incomplete"


# Money


def test_the_budget_stops_a_run_before_it_is_exceeded(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    suite = suite_of(60)
    whole = run(suite).meta["cost_usd"]
    vendor.log.clear()
    limit = whole / 2
    with pytest.raises(
        UnmeasuredError, match=r"could exceed the budget.*--resume` under a higher --max-cost"
    ) as stop:
        run(suite, max_cost=limit)
    assert stop.value.exit_code == 3
    stopped = store.runs(status="incomplete")[0]
    assert 0 < stopped.samples == len(vendor.log) < 60
    assert stopped.meta["cost_usd"] <= limit
    done = run(suite, resume=stopped.id, max_cost=whole)
    assert (done.status, len(vendor.log)) == ("complete", 60)
    assert done.meta["cost_usd"] == pytest.approx(whole)


def test_a_budget_too_small_for_one_call_spends_nothing(vendor: Vendor, run: Callable[..., Run]) -> None:
    with pytest.raises(UnmeasuredError, match=r"0.0 of 0.000001 US dollars"):
        run(suite_of(5), max_cost=0.000001)
    assert vendor.log == []


def test_a_label_says_something(store: Store, run: Callable[..., Run]) -> None:
    with pytest.raises(UsageError, match="the label is empty"):
        run(suite_of(1), label=" ")
    assert store.runs() == []


def test_a_host_is_known_by_its_address() -> None:
    known = find_price("compatible", "llama-3.3-70b-versatile", "https://api.groq.com/openai/v1")
    assert known is not None
    assert (known.provider, known.source.split()[0]) == ("groq", "genai-prices")
    assert known.of_tokens(1000, 1000) > 0
    assert find_price("compatible", "llama-3.3-70b-versatile", "http://127.0.0.1:8000/v1") is None
    assert find_price("compatible", "llama-3.3-70b-versatile") is None


def test_a_stated_price_holds_a_budget(vendor: Vendor, run: Callable[..., Run]) -> None:
    spec = "compatible/open-model-7b"
    price = own_price("compatible", "open-model-7b", 1, 5)
    whole = run(suite_of(60), spec=spec, price=price, max_cost=1)
    assert whole.meta["price"]["source"] == "drift.yaml"
    assert whole.meta["cost_usd"] > 0
    vendor.log.clear()
    with pytest.raises(UnmeasuredError, match="could exceed the budget"):
        run(suite_of(60), spec=spec, price=price, max_cost=whole.meta["cost_usd"] / 2)
    assert 0 < len(vendor.log) < 60
    free = run(suite_of(2), spec=spec, price=own_price("compatible", "open-model-7b", 0, 0), max_cost=0.01)
    assert free.meta["cost_usd"] == 0


def test_what_may_have_been_billed_counts_in_full(vendor: Vendor, run: Callable[..., Run]) -> None:
    price = find_price("anthropic", "claude-opus-5-5")
    assert price is not None
    (size,) = sizes_of(suite_of(1).probes[0], Target("anthropic", "claude-opus-5-5"))
    vendor.fail(cut=30, times=99)
    with pytest.raises(UnmeasuredError):
        run(suite_of(4), max_cost=float(3 * size.bound(price)), concurrency=1)
    assert len(vendor.log) == 3


def test_a_budget_without_a_known_price_is_refused(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    with pytest.raises(UsageError, match="no price is known for compatible/open-model-7b"):
        run(suite_of(1), spec="compatible/open-model-7b", max_cost=1)
    assert store.runs() == []
    done = run(suite_of(1), spec="compatible/open-model-7b")
    assert (done.meta["price"], done.meta["cost_usd"]) == (None, None)


def test_a_reservation_waits_for_calls_in_flight_only() -> None:
    async def scenario() -> list[str]:
        budget = Budget(Decimal(10))
        told: list[str] = []
        assert await budget.reserve(Decimal(6))

        async def second() -> None:
            told.append(f"second {await budget.reserve(Decimal(5))}")

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        told.append("settled")
        budget.settle(Decimal(6), Decimal(1))
        await waiting
        assert not budget.take(Decimal("4.01"))
        assert budget.take(Decimal(4))
        budget.settle(Decimal(9), Decimal(9))
        told.append(f"third {await budget.reserve(Decimal('0.01'))}")
        return told

    assert asyncio.run(scenario()) == ["settled", "second True", "third False"]


def test_a_closed_budget_lets_nobody_wait() -> None:
    async def scenario() -> bool:
        budget = Budget(Decimal(1))
        assert budget.take(Decimal(1))
        waiting = asyncio.create_task(budget.reserve(Decimal(1)))
        await asyncio.sleep(0)
        budget.close()
        return await waiting

    assert asyncio.run(scenario()) is False


# Plan and prices


def test_a_plan_says_calls_tokens_and_cost_without_a_key(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    suite = Suite(
        "test",
        (
            *suite_of(3, epochs=2).probes,
            probe("b", dialects=("openai-chat",)),
            probe("open", Exchange(messages=(Message("user", "x" * 400),))),
        ),
    )
    target = Target("anthropic", "claude-opus-5-5")
    reckoned = plan(target, suite)
    assert (reckoned.probes, reckoned.calls, reckoned.not_carried, reckoned.uncapped) == (
        4,
        7,
        ("t/b",),
        ("t/open",),
    )
    assert reckoned.output_tokens == 6 * 20 + 4096
    assert 100 < reckoned.input_tokens < 400
    assert reckoned.cost_low_usd is not None
    assert reckoned.cost_high_usd is not None
    assert 0 < reckoned.cost_low_usd < reckoned.cost_high_usd
    assert plan(target, suite, epochs=5).calls == 20
    assert vendor.log == []
    measured = plan(target, suite_of(3), baseline=store.snapshot(run(suite_of(3)).id))
    pairs = [tokens_of(sample.document["exchanges"][0]) for sample in store.samples(only_run(store).id)]
    assert measured.input_tokens == sum(pair[0] for pair in pairs if pair)


@pytest.mark.parametrize("spec", ["anthropic/no-such-model", "compatible/claude-opus-5-5"])
def test_an_unknown_price_is_unknown_and_not_zero(spec: str) -> None:
    platform, model = spec.split("/")
    reckoned = plan(Target(platform, model), suite_of(1))
    assert (reckoned.price, reckoned.cost_low_usd, reckoned.cost_high_usd) == (None, None, None)


def test_a_local_model_costs_nothing() -> None:
    reckoned = plan(Target("local", "smollm2-q4_1"), suite_of(2))
    assert (reckoned.cost_low_usd, reckoned.cost_high_usd) == (0.0, 0.0)


def test_no_request_is_larger_than_its_bound(vendor: Vendor, store: Store, run: Callable[..., Run]) -> None:
    ask = Message("user", "What is the weather in Bern? \U0001f600 ü")
    turns = (ask, Message("assistant", replay=0), Message("user", tool_results="Sunny " * 50))
    talk = probe(
        "talk",
        Exchange(messages=(ask,), system="s" * 99, tools=(WEATHER,), max_tokens=50),
        Exchange(messages=turns, tools=(WEATHER,), max_tokens=50),
    )
    done = run(Suite("test", (talk,)))
    (sample,) = store.samples(done.id)
    sizes = sizes_of(talk, Target("anthropic", "claude-opus-5-5"))
    entries = sample.document["exchanges"]
    assert len(entries) == len(sizes) == 2
    for entry, size in zip(entries, sizes, strict=True):
        tokens = tokens_of(entry)
        assert tokens is not None
        assert tokens[0] <= size.input_bound


@pytest.mark.parametrize(
    "usage", [None, "many", [], {"input_tokens": "many"}, {"input_tokens": -1, "output_tokens": 1}]
)
def test_hostile_usage_has_no_price(usage: Any) -> None:
    price = find_price("anthropic", "claude-opus-5-5")
    assert price is not None
    for entry in (
        {"dialect": "anthropic", "events": None, "body": {"usage": usage}},
        {
            "dialect": "anthropic",
            "events": [{"data": {"message": {"usage": usage}}}, {"data": "[DONE]"}],
            "body": None,
        },
        {"dialect": "recorded", "events": None, "body": {"usage": {"input_tokens": 1}}},
    ):
        assert price.of_reply(entry) is None
        assert tokens_of(entry) is None


def test_a_stream_costs_what_the_same_plain_answer_costs(
    vendor: Vendor, store: Store, run: Callable[..., Run]
) -> None:
    for spec, dialect in (
        ("anthropic/claude-opus-5-5", "anthropic"),
        ("gemini/gemini-3.8-flash", "gemini"),
        ("openai/gpt-5.5", "openai-chat"),
        ("openai/gpt-5.5", "openai-responses"),
    ):
        exchange = Exchange(messages=(Message("user", "Tell me of birds."),), max_tokens=50)
        plain = run(Suite("test", (probe("a", exchange),)), spec=spec, dialect=dialect)
        streamed = run(
            Suite("test", (probe("a", replace(exchange, stream=True)),)), spec=spec, dialect=dialect
        )
        assert plain.meta["cost_usd"] == streamed.meta["cost_usd"] > 0, dialect
        for done in (plain, streamed):
            (sample,) = store.samples(done.id)
            assert sample.dialect == dialect
            assert tokens_of(sample.document["exchanges"][0]) is not None, dialect


# What must never be kept


def test_no_key_is_in_the_database_the_logs_or_the_output(
    vendor: Vendor,
    store: Store,
    run: Callable[..., Run],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.fail(529, times=2)
    vendor.fail(cut=40)
    vendor.fail(drop=True)
    for spec in ("anthropic/claude-opus-5-5", "openai/gpt-5.5"):
        run(suite_of(10), spec=spec)
    with vendor.behaving(keys=frozenset(), echo_key=True), pytest.raises(UnmeasuredError) as refused:
        run(suite_of(10))
    expected = Suite("test", (probe("key", expect=Expect(status=(401,))),))
    with vendor.behaving(keys=frozenset(), echo_key=True):
        run(expected)
        run(expected, spec="openai/gpt-5.5")
    assert any(KEY.encode() in received.sent for received in vendor.log)
    files = list(store.path.parent.iterdir())
    assert store.path in files
    for file in files:
        assert KEY.encode() not in file.read_bytes()
    output, errors = capfd.readouterr()
    assert KEY not in output + errors + caplog.text + str(refused.value)


def test_a_safety_probe_leaves_no_text_behind(vendor: Vendor, store: Store, run: Callable[..., Run]) -> None:
    secret = "Reply with forbiddenword"
    tool = Tool(
        "f", "d", {"type": "object", "properties": {"q": {"type": "string", "const": "forbiddenword"}}}
    )
    streamed = Exchange(messages=(Message("user", secret),), max_tokens=20, stream=True)
    call = Exchange(messages=(Message("user", secret),), max_tokens=50, tools=(tool,), tool_choice="f")
    probes = (
        probe("plain", Exchange(messages=(Message("user", secret),), max_tokens=20), store="shape"),
        probe("streamed", streamed, store="shape"),
        probe("call", call, store="shape"),
        probe("refused", Exchange(messages=(Message("user", secret),)), store="shape"),
    )
    vendor.fail(cut=200)
    vendor.fail(body=b"<p>forbiddenword</p>", content_type="text/html", skip=1)
    done = run(Suite("test", probes), concurrency=1)
    for sample in store.samples(done.id):
        kept = json.dumps(sample.document)
        assert "forbiddenword" not in kept
        assert sample.document["hashes"].keys() == {"prompt", "reply"}
        assert sample.document["shape"]["status"] == sample.document["exchanges"][0]["status"]
        assert sample.document["observer"] >= 1
    documents = {sample.probe_id: sample.document for sample in store.samples(done.id)}
    kept_texts = [document["exchanges"][0]["text"] for document in documents.values()]
    assert sorted(map(str, kept_texts)) == ["<string>", "None", "None", "None"]
    (skeleton,) = documents["t/plain"]["exchanges"]
    assert skeleton["body"]["content"] == [{"type": "<string>", "text": "<string>"}]
    assert skeleton["body"]["usage"]["output_tokens"] > 0
    assert skeleton["headers"]["request-id"]
    assert documents["t/streamed"]["exchanges"][0]["events"][0]["event"] == "message_start"
    assert documents["t/plain"]["hashes"]["reply"] != documents["t/streamed"]["hashes"]["reply"]
    assert done.meta["cost_usd"] > 0
