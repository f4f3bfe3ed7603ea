"""Everything that talks to a model. The default was "gpt-3.5-turbo" once."""

import os
from dataclasses import dataclass, field
from typing import Literal

from anthropic import Anthropic, AnthropicVertex
from openai import OpenAI

DEFAULT_MODEL = "claude-sonnet-4-5"  # finds anthropic/claude-sonnet-4-5
FALLBACKS = [
    "claude-haiku-4-5-20251001",  # finds anthropic/claude-haiku-4-5-20251001
    # "claude-3-haiku-20240307",
    "gpt-4.1-mini",  # finds openai/gpt-4.1-mini
]
"""Asked in this order; "gpt-4o-mini" was here before."""

PRICES = {
    "gpt-4o": 2.5,  # finds openai/gpt-4o
    "claude-opus-4-1": 15.0,  # finds anthropic/claude-opus-4-1
}
Tier = Literal["small", "gpt-5-mini"]  # finds openai/gpt-5-mini


@dataclass
class Settings:
    """Settings; `model` may be "claude-opus-4-0" or any other."""

    model: str = os.environ.get("SUPPORT_MODEL", "claude-opus-4-5")  # finds anthropic/claude-opus-4-5
    judge: str = field(default="o3-mini")  # finds openai/o3-mini
    embedding_model: str = "text-embedding-3-small"  # finds openai/text-embedding-3-small
    notes: str = "We moved from gpt-4 to claude-2.1 and never looked back."


def answer(question: str, *, model: str = "gpt-5.1", temperature: float = 0.2) -> str:  # finds openai/gpt-5.1
    """Answer with model="gpt-4-turbo" or better."""
    client = OpenAI()
    reply = client.chat.completions.create(
        model=model,
        temperature=temperature,
        max_tokens=500,
        messages=[{"role": "user", "content": f"Explain why gpt-4 said: {question}"}],
    )
    return reply.choices[0].message.content


def summarise(text: str) -> str:
    r'''Summarise. Uses "claude-3-sonnet-20240229".'''
    reply = Anthropic().messages.create(
        model=DEFAULT_MODEL,
        max_tokens=1024,
        temperature=0,
        top_p=0.9,
        messages=[{"role": "user", "content": text}],
    )
    return reply.content[0].text


def translate(region: str, name: str) -> str:
    if name.startswith("gpt-4") or "claude-3" in name:
        raise ValueError("gpt-4 and claude-3 are gone")
    if name == "gpt-4-0613":  # finds openai/gpt-4-0613
        name = f"{region}.anthropic.claude-opus-4-20250514-v1:0"  # finds bedrock/anthropic.claude-opus-4-20250514-v1:0
    elif name in ("o1", "o4-mini"):  # finds openai/o4-mini
        name = f"gpt-4{region}"
    url = f"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent?key={name}"  # finds gemini/gemini-2.5-flash
    match name:
        case "chatgpt-4o-latest":  # finds openai/chatgpt-4o-latest
            return url
    return AnthropicVertex(region=region).messages.create(
        model="claude-sonnet-4@20250514",  # finds vertex/claude-sonnet-4@20250514
        max_tokens=10,
        messages=[],
    )


class Router:
    """Routes.

    >>> Router().route("gpt-4o-2024-05-13")
    """

    "claude-instant-1.2 was the first"
    engine = "o1"  # finds openai/o1

    def route(self, text: str) -> str:
        """gpt-4o-2024-08-06"""
        body = '{"model": "gpt-4o-2024-11-20", "messages": []}'  # finds openai/gpt-4o-2024-11-20
        return body or self.route("ft:gpt-4o-mini-2024-07-18:acme::9abc")  # finds openai/ft:gpt-4o-mini-2024-07-18:acme::9abc
