# The models that the stand-in offers.
# Owns: ids, dates and limits of the catalogues. Refuses to know: how a catalogue is sent.
"""Model catalogues, newest first."""

from __future__ import annotations

from typing import Any


def _claude(model: str, created: str, lifecycle: str = "active", **dates: str) -> dict[str, Any]:
    return {
        "type": "model",
        "id": model,
        "display_name": model.replace("claude-", "Claude ").replace("-", " ").title(),
        "created_at": f"{created}T00:00:00Z",
        "lifecycle": lifecycle,
        "deprecated_at": dates.get("deprecated"),
        "retires_at": dates.get("retires"),
        "line": None,
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
        "capabilities": None,
    }


CLAUDE = [
    _claude("claude-haiku-5-5", "2026-10-07"),
    _claude("claude-sonnet-5-5", "2026-09-28"),
    _claude("claude-opus-5-5", "2026-09-22"),
    _claude("claude-opus-5", "2026-07-24"),
    _claude(
        "claude-sonnet-4-5",
        "2025-09-29",
        "deprecated",
        deprecated="2026-09-29T00:00:00Z",
        retires="2026-11-30T00:00:00Z",
    ),
    _claude(
        "claude-opus-4-1",
        "2025-08-05",
        "retired",
        deprecated="2026-06-05T00:00:00Z",
        retires="2026-08-05T00:00:00Z",
    ),
]

OPENAI: list[dict[str, Any]] = [
    {
        "id": "gpt-5.6-terra",
        "object": "model",
        "created": 1783555200,
        "owned_by": "openai",
        "shutdown_date": None,
    },
    {"id": "gpt-5.5", "object": "model", "created": 1776000000, "owned_by": "openai", "shutdown_date": None},
    {
        "id": "gpt-4o",
        "object": "model",
        "created": 1715367049,
        "owned_by": "system",
        "shutdown_date": "2027-01-14",
    },
    {
        "id": "open-model-7b",
        "object": "model",
        "created": 1750000000,
        "owned_by": "nobody",
        "shutdown_date": None,
    },
]


def _gemini(model: str, version: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"models/{model}",
        "version": version,
        "displayName": model.replace("-", " ").title(),
        "description": f"Stable release of {model}.",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens", "createCachedContent"],
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
        "thinking": True,
        **more,
    }


GEMINI: list[dict[str, Any]] = [
    _gemini("gemini-3.8-flash", "3.8-flash-09-2026"),
    _gemini("gemini-3.6-flash", "3.6-flash-05-2026"),
    _gemini("gemini-3.1-pro-preview", "3.1-pro-preview-03-2026"),
    _gemini("gemini-2.5-pro", "2.5"),
]
