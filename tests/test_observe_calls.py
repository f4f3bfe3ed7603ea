# Calls that were written into the text instead of being made: how models and hosts spell them.
from __future__ import annotations

import pytest

from drift.model import Expect, Tool
from drift.observe.reply import Reply
from drift.observe.tools import tool_features

TOOLS = (Tool("get_weather", "", {"type": "object"}), Tool("add_lines", "", {"type": "object"}))


def as_text(text: str, tools=TOOLS) -> bool:
    return tool_features(Reply("openai-chat", text=text, stop="stop"), tools, Expect())["tool.as_text"]


WRITTEN = {
    "Hermes": '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>',
    "Qwen, elements": "<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n</function>",
    "an element that names the function": '<function=get_weather>{"city": "Oslo"}</function>',
    "Llama 3.1, bare JSON": '{"name": "get_weather", "parameters": {"city": "Oslo"}}',
    "Llama, python tag": '<|python_tag|>get_weather.call(city="Oslo")',
    "Llama 3.2, pythonic": '[get_weather(city="Oslo")]',
    "pythonic with nested values": '[get_weather(city="Oslo", at=[1, 2]), add_lines(x=(1,2))]',
    "Mistral": '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Oslo"}}]',
    "Mistral, newer": '[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}',
    "DeepSeek": "<\uff5ctool\u2581calls\u2581begin\uff5c>function<\uff5ctool\u2581sep\uff5c>get_weather",
    "Kimi": "Let me look. <|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_end|>",
    "Gemma, a fence": '```tool_code\nget_weather(city="Oslo")\n```',
    "Gemma, printed": 'print(get_weather(city="Oslo"))',
    "Cohere": '<|START_ACTION|>[{"tool_name": "get_weather", "parameters": {"city": "Oslo"}}]<|END_ACTION|>',
    "GLM": "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>",
    "MiniMax": '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Oslo</parameter>\n</invoke>',
    "Harmony": '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Oslo"}',
    "Harmony without its tokens": 'I will look. commentary to=functions.get_weather json{"city":"Oslo"}',
    "Claude's older form": '<function_calls>\n<invoke name="get_weather">\n<parameter name="city">Oslo</parameter>',
    "Granite": '<|tool_call|>[{"name": "get_weather", "arguments": {"city": "Oslo"}}]',
    "Firefunction": 'functools[{"name": "get_weather", "arguments": {"city": "Oslo"}}]',
    "InternLM": '<|action_start|><|plugin|>{"name": "get_weather", "parameters": {}}<|action_end|>',
    "JSON in prose": 'Sure, I will look it up: {"name": "get_weather", "arguments": {"city": "Oslo"}}',
    "the API's own form": '{"tool_calls": [{"function": {"name": "get_weather", "arguments": "{}"}}]}',
    "arguments first": '{"arguments": {"city": "Oslo"}, "name": "get_weather"}',
    "JSON in a fence": '```json\n{"tool": "get_weather", "tool_input": {"city": "Oslo"}}\n```',
    "a name with a prefix": '{"name": "functions.get_weather", "arguments": {"city": "Oslo"}}',
    "thought and action": 'Thought: I need the weather.\nAction: get_weather\nAction Input: {"city": "Oslo"}',
    "an element of the tool's name": "<get_weather>\n<city>Oslo</city>\n</get_weather>",
    "an unknown tool in markup": '<tool_call>{"name": "weather", "arguments": {}}</tool_call>',
}
SPOKEN = {
    "the tool is explained": "The function get_weather takes the name of a city.",
    "the call is told": 'I called get_weather(city="Oslo") for you, and it rains.',
    "another JSON object": '{"name": "Ada", "arguments": {"of": "the debate"}}',
    "a name without arguments": '{"name": "get_weather"}',
    "markup is spoken of": "Models of that family open a call with the <tool_call> tag.",
    "an action of another kind": "Action: go home\nResult: rest",
    "code that defines it": "```python\ndef get_weather(city):\n    return 1\n```",
    "an answer": "It rains in Oslo.",
    "nothing": "",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_written_call_is_seen(text: str):
    assert as_text(text)


@pytest.mark.parametrize("text", SPOKEN.values(), ids=SPOKEN)
def test_talk_about_a_tool_is_no_call(text: str):
    assert not as_text(text)


def test_a_tool_that_was_not_offered_is_not_called_by_its_json():
    assert not as_text('{"name": "get_weather", "arguments": {}}', tools=(Tool("other", "", {}),))


def test_names_of_tools_are_no_patterns():
    assert not as_text("getXweather(city)", tools=(Tool("get.weather", "", {}),))
    assert as_text("get.weather(city)", tools=(Tool("get.weather", "", {}),))
