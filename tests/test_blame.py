# Which parameter a refusal is blamed on: the pairs say which rule fires, this table says with which name.
from __future__ import annotations

import pytest

from drift.compare import compare
from drift.ids import serves
from tests.pairs_support import PAIRS, read_pair


@pytest.mark.parametrize(
    ("case", "places"),
    [
        ("request-parameter-rejected/anthropic", ["temperature"]),
        ("request-parameter-rejected/anthropic-api-version", ["temperature", "top_p"]),
        ("request-parameter-rejected/openai-chat-gateway-nests-the-error", ["temperature"]),
        ("request-parameter-rejected/openai-chat-in-every-request", ["max_tokens"]),
        ("request-parameter-rejected/recorded", ["temperature"]),
        ("request-parameter-value-rejected/anthropic-relay-masks-words", ["thinking"]),
        ("request-parameter-value-rejected/anthropic-forced-tool", ["tool_choice"]),
        ("request-parameter-value-rejected/openai-chat-the-word-required", ["tool_choice"]),
        ("request-parameter-combination-rejected/anthropic-pair-alone", ["temperature+top_p"]),
        (
            "request-parameter-combination-rejected/anthropic-thinking-with-forced-tool",
            ["thinking+tool_choice"],
        ),
        ("request-parameter-combination-rejected/openai-chat-tools-with-effort", ["reasoning_effort+tools"]),
        ("request-parameter-combination-rejected/openai-chat-unnamed", ["temperature+top_p"]),
        ("request-parameter-combination-rejected/silent-culprit-unnamed", ["temperature"]),
        ("request-parameter-became-required/openai-chat-named-in-the-text-alone", ["reasoning_effort"]),
        ("request-message-role-rejected/silent-refused-for-a-parameter", ["temperature"]),
        ("request-history-replay-rejected/silent-first-turn-refused", ["temperature"]),
        ("request-history-replay-rejected/silent-refused-in-a-first-turn-too", ["thinking"]),
        ("request-tool-schema-keyword-rejected/anthropic-output-schema", ["output_schema"]),
        ("request-tool-schema-keyword-rejected/openai-chat-unique-items", ["tools"]),
    ],
)
def test_a_refusal_is_blamed_on_one_name(case, places):
    pair = read_pair(PAIRS / f"{case}.json")
    findings = compare(pair.baseline, pair.candidate)["findings"]
    assert sorted(place for finding in findings for place in finding["places"]) == places


@pytest.mark.parametrize(
    ("requested", "named", "expected"),
    [
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("gpt-4", "gpt-4-0613", True),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929", True),
        ("claude-sonnet-4@20250514", "claude-sonnet-4-20250514", True),
        ("accounts/host/models/llama-4-scout", "llama-4-scout", True),
        ("meta-llama/llama-4-scout:free", "meta-llama/llama-4-scout", True),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku-20241022", True),
        ("gemini-3.7-flash", "gemini-3.8-flash", False),
        ("gpt-5", "gpt-5.4", False),
        ("gpt-5", "gpt-5-mini-2025-08-07", False),
        ("claude-opus-4", "claude-opus-4-8", False),
        ("gemini-2.5-pro-preview-05-06", "gemini-2.5-pro", False),
        ("llama3.2:1b", "llama3.2:3b", False),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5-20250929", True),
        ("gpt-35-turbo", "gpt-3.5-turbo-0125", True),
        ("textembedding-gecko@001", "textembedding-gecko@002", False),
        ("ft:gpt-4o-mini-2024-07-18:acme::abc", "ft:gpt-4o-mini-2024-07-18:acme::xyz", False),
        ("local/smollm2-q4_0", "smollm2-q4_0", True),
    ],
)
def test_a_snapshot_of_a_model_serves_it_and_its_neighbour_does_not(requested, named, expected):
    assert serves(requested, named) is expected
