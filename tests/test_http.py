# The recorder and the plain client: bytes in, data out, nothing lost and no key kept.
# Owns: tests of drift/http/. Refuses to know: dialects.

import asyncio
import json

import httpx
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.http import JsonClient, recording
from drift.http.events import EventParser, parse_json
from drift.http.headers import merge_headers, safe_request_headers, safe_response_headers
from drift.http.recording import describe_fault
from tests.vendor import Vendor

pytest_plugins = ("tests.vendor.plugin",)

KEY = "sk-test-4f1d0c9b8a7e"


def parse(*chunks: bytes) -> list[tuple[str | None, object]]:
    parser = EventParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)] + parser.close()
    return [(event["event"], event["data"]) for event in events]


# Server-sent events

LINES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=8)
NAMES = st.none() | st.text(
    st.characters(exclude_characters="\r\n\0", exclude_categories=("Cs",)), min_size=1, max_size=5
)


@given(
    events=st.lists(st.tuples(NAMES, st.lists(LINES, min_size=1, max_size=3)), max_size=5),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    cuts=st.lists(st.integers(0, 200), max_size=8),
    ended=st.booleans(),
)
def test_events_are_the_same_however_the_bytes_are_cut(
    events: list[tuple[str | None, list[str]]], ending: str, cuts: list[int], ended: bool
) -> None:
    text = ""
    for name, lines in events:
        text += ":a comment" + ending
        text += f"event: {name}{ending}" if name is not None else ""
        text += "".join(f"data: x{line}{ending}" for line in lines) + ending
    raw = text.encode()
    raw = raw if ended else raw.removesuffix(ending.encode())  # the last empty line may be missing
    places = sorted({min(cut, len(raw)) for cut in cuts})
    chunks = [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
    expected = [(name, "\n".join(f"x{line}" for line in lines)) for name, lines in events]
    assert parse(*chunks) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'data: {"a":1}\n\n', [(None, {"a": 1})]),
        (b"data: [DONE]\n\n", [(None, "[DONE]")]),
        (b'event: x\ndata: {"a":\ndata: 1}\n\n', [("x", {"a": 1})]),
        (b"data:1\n\ndata: 1\n\ndata:  1\n\n", [(None, 1), (None, 1), (None, 1)]),
        (b"\xef\xbb\xbfdata: 1\n\n", [(None, 1)]),
        (b": only a comment\n\n", []),
        (b"data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", [(None, "a\nb"), (None, "c")]),
        (b"data: a\rdata: b\r\rdata: c\r\r", [(None, "a\nb"), (None, "c")]),
        (b"id: 7\nretry: 10\ndata: 1\n\n", [(None, 1)]),
        (b"event: bare\n\n", [("bare", "")]),
        (b"data: NaN\n\n", [(None, "NaN")]),
        (b'data: {"a":1,"a":2}\n\n', [(None, '{"a":1,"a":2}')]),
        (b"data: \xff\n\n", [(None, "\udcff")]),
        (b"data: 1", [(None, 1)]),
        (b"", []),
    ],
)
def test_a_stream_is_read_as_documented(raw: bytes, expected: list[tuple[str | None, object]]) -> None:
    assert parse(raw) == expected
    assert parse(*(bytes([byte]) for byte in raw)) == expected


def test_what_a_cut_leaves_unfinished_is_kept_as_text() -> None:
    parser = EventParser()
    assert parser.feed(b'data: 1\n\nevent: late\ndata: {"a"\ndata: :1') == [{"event": None, "data": 1}]
    assert parser.rest() == 'event: late\ndata: {"a"\ndata: :1'


# JSON that survives storing


@pytest.mark.parametrize(
    "text", ["NaN", '{"a":1,"a":1}', "1e999", "-1e999", "[" * 101 + "]" * 101, "nonsense", "", "1" * 5000]
)
def test_json_that_would_not_survive_storing_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError means "keep it as text"
        parse_json(text)


@pytest.mark.parametrize(
    "text", ['{"a":[1,1.5,"\\ud83d",null,true]}', "[" * 100 + "]" * 100, "[" + "[]," * 200 + "[]]"]
)
def test_json_that_survives_storing_is_parsed(text: str) -> None:
    assert json.dumps(parse_json(text), separators=(",", ":")) == text


# Headers


def test_only_listed_headers_are_kept() -> None:
    sent = [
        ("Authorization", "Bearer k"),
        ("X-Api-Key", "k"),
        ("Cookie", "c"),
        ("Anthropic-Version", "2026-10-21"),
    ]
    assert safe_request_headers(sent) == {"anthropic-version": "2026-10-21"}
    received = [
        ("Set-Cookie", "c"),
        ("anthropic-organization-id", "o"),
        ("anthropic-workspace-id", "w"),
        ("openai-organization", "o"),
        ("openai-project", "p"),
        ("location", "https://elsewhere"),
        ("Request-Id", "r"),
        ("anthropic-ratelimit-tokens-limit", "1"),
        ("X-RateLimit-Remaining-Tokens", "2"),
        ("Warning", "a"),
        ("Warning", "b"),
    ]
    assert safe_response_headers(received) == {
        "request-id": "r",
        "anthropic-ratelimit-tokens-limit": "1",
        "x-ratelimit-remaining-tokens": "2",
        "warning": "a, b",
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"authorization": "Bearer k", "accept": "a"}),
        ({"Accept": "b", "New": "c"}, {"authorization": "Bearer k", "accept": "b", "new": "c"}),
        ({"ACCEPT": ""}, {"authorization": "Bearer k"}),
        ({"Authorization": "Bearer bad"}, {"authorization": "Bearer bad", "accept": "a"}),
        ({"X-Api-Key": "bad"}, {"x-api-key": "bad", "accept": "a"}),
        ({"x-api-key": ""}, {"accept": "a"}),
    ],
)
def test_a_probe_changes_headers_and_replaces_the_credential_as_a_whole(
    changes: dict[str, str], expected: dict[str, str]
) -> None:
    assert merge_headers({"Authorization": "Bearer k", "Accept": "a"}, changes) == expected


# Trouble


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ConnectError", "connect"),
        ("ProxyError", "connect"),
        ("ConnectTimeout", "timeout"),
        ("ReadTimeout", "timeout"),
        ("ReadError", "cut"),
        ("WriteError", "cut"),
        ("RemoteProtocolError", "cut"),
        ("LocalProtocolError", "protocol"),
        ("UnsupportedProtocol", "protocol"),
        ("DecodingError", "protocol"),
    ],
)
def test_transport_trouble_has_one_of_four_names(library: object, name: str, kind: str) -> None:
    error = getattr(library, name)("words")
    assert describe_fault(error) == {"kind": kind, "message": f"{name}: words"}
    wrapped = RuntimeError("sdk")
    wrapped.__cause__ = error
    assert describe_fault(wrapped)["kind"] == kind


def send(
    base_url: str, body: object = None, *, key: str | None = KEY, timeout_s: float = 5, **headers: str
) -> dict:
    async def once() -> dict:
        client = JsonClient(base_url, key=key, timeout_s=timeout_s)
        try:
            return await client.send(
                "POST",
                "/chat/completions",
                body,
                headers=headers,
                dialect="openai-chat",
                operation="generate",
            )
        finally:
            await client.aclose()

    return asyncio.run(once())


ASKED = {"model": "gpt-5.5", "messages": [{"role": "user", "content": "Reply with ok"}]}


def test_what_is_recorded_is_what_arrived_at_the_server(vendor: Vendor) -> None:
    odd = {**ASKED, "metadata": {"text": "ü \U0001f600 \ud83d", "number": 1.0}}
    entry = send(vendor.openai_url, odd)
    received = vendor.log[0]
    assert entry["request"]["body"] == received.json == odd
    assert entry["request"]["path"] == received.path == "/v1/chat/completions"
    assert entry["request"]["headers"].items() <= received.headers.items()
    assert "authorization" not in entry["request"]["headers"]
    assert entry["request"]["auth"] == ["authorization bearer"]
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert entry["body"] == json.loads(received.sent)
    assert not {"set-cookie", "openai-organization", "openai-project"} & entry["headers"].keys()


def test_no_redirect_is_followed(vendor: Vendor) -> None:
    vendor.fail(307, headers={"location": f"{vendor.url}/elsewhere"})
    entry = send(vendor.openai_url, ASKED)
    assert (entry["status"], entry["error"]) == (307, None)
    assert len(vendor.log) == 1


def test_nobody_there_is_a_connect_fault() -> None:
    entry = send("http://127.0.0.1:9/v1", ASKED)
    assert entry["status"] is None
    assert entry["error"]["kind"] == "connect"
    assert entry["request"]["body"] == ASKED


def test_a_dropped_connection_is_a_cut(vendor: Vendor) -> None:
    vendor.fail(drop=True)
    entry = send(vendor.openai_url, ASKED)
    assert (entry["status"], entry["error"]["kind"]) == (None, "cut")


def test_a_timeout_is_for_the_whole_exchange_and_keeps_what_came(vendor: Vendor) -> None:
    with vendor.behaving(chunk_delay_s=0.1):
        entry = send(vendor.openai_url, {**ASKED, "stream": True}, timeout_s=0.25)
    assert entry["error"]["kind"] == "timeout"
    assert entry["status"] == 200
    assert 1 <= len(entry["events"]) <= 4
    assert entry["first_event_ms"] < entry["latency_ms"] < 2000


def test_a_body_that_is_cut_is_kept_as_text(vendor: Vendor) -> None:
    vendor.fail(cut=20)
    entry = send(vendor.openai_url, ASKED)
    assert entry["error"]["kind"] == "cut"
    assert (entry["status"], entry["body"], entry["text"]) == (200, None, vendor.log[0].sent.decode())


def test_an_error_body_that_is_cut_keeps_its_status_and_headers(vendor: Vendor) -> None:
    vendor.fail(529, cut=5, headers={"retry-after": "3"})
    entry = send(vendor.openai_url, ASKED)
    assert (entry["status"], entry["headers"]["retry-after"]) == (529, "3")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>\xff</html>", "<html>\udcff</html>"),
        (b"", ""),
        (b"null", "null"),
        (b'{"a":1e999}', '{"a":1e999}'),
        (b"[" * 5000, "[" * 5000),
    ],
)
def test_a_body_that_is_no_json_is_kept_as_text(vendor: Vendor, body: bytes, expected: str) -> None:
    vendor.fail(body=body, content_type="text/html")
    entry = send(vendor.openai_url, ASKED)
    assert (entry["status"], entry["body"], entry["text"]) == (200, None, expected)
    assert entry["error"] is None


def test_a_reply_without_end_is_stopped(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_MAX_REPLY_BYTES", 100)
    entry = send(vendor.openai_url, ASKED)
    assert entry["error"]["kind"] == "protocol"
    assert entry["status"] == 200


def test_a_key_that_is_repeated_in_a_reply_is_taken_out(vendor: Vendor) -> None:
    with vendor.behaving(keys=frozenset(), echo_key=True):
        entry = send(vendor.openai_url, ASKED)
    assert KEY in vendor.log[0].sent.decode()
    assert KEY not in json.dumps(entry)
    assert "[key]" in entry["body"]["error"]["message"]
    vendor.fail(body=f'data: {{"{KEY}":["{KEY}"]}}\n\ndata: {KEY}'.encode(), content_type="text/event-stream")
    entry = send(vendor.openai_url, ASKED)
    assert [event["data"] for event in entry["events"]] == [{"[key]": ["[key]"]}, "[key]"]


def test_headers_can_be_removed_and_added(vendor: Vendor) -> None:
    send(vendor.openai_url, ASKED, **{"User-Agent": "", "Authorization": "", "x-odd": "1"})
    received = vendor.log[0].headers
    assert "user-agent" not in received
    assert "authorization" not in received
    assert received["x-odd"] == "1"
    assert vendor.log[0].status == 401
