# Citations are held against the documents of their own request, whatever their form.
# Owns: what is wrong with a citation as executable cases. Refuses to know: rules.

from __future__ import annotations

from typing import Any

import pytest

from drift.observe.citations import citation_features

TEXT = "The lighthouse was built in 1874. Its lamp burned oil until 1931."
DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": TEXT}}
PASSAGES = {
    "type": "document",
    "source": {
        "type": "content",
        "content": [{"type": "text", "text": text} for text in ("Thursdays.", "Since 1602.")],
    },
}
RESULT = {
    "type": "search_result",
    "content": [{"type": "text", "text": "The tunnel is 2.4 kilometres long."}],
}
FILE = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}
SENT = {
    "messages": [
        {"role": "user", "content": [DOCUMENT, PASSAGES, RESULT, FILE, {"type": "text", "text": "?"}]}
    ]
}


def char(start: int, end: int, text: str, document: int = 0) -> dict[str, Any]:
    return {
        "type": "char_location", "cited_text": text, "document_index": document,
        "start_char_index": start, "end_char_index": end,
    }  # fmt: skip


def block(start: int, end: int, text: str, document: int = 1) -> dict[str, Any]:
    return {
        "type": "content_block_location", "cited_text": text, "document_index": document,
        "start_block_index": start, "end_block_index": end,
    }  # fmt: skip


def found(number: int, text: str) -> dict[str, Any]:
    place = {"search_result_index": number, "start_block_index": 0, "end_block_index": 1}
    return {"type": "search_result_location", "cited_text": text, **place}


@pytest.mark.parametrize(
    ("citation", "problems"),
    [
        (char(0, 33, "The lighthouse was built in 1874."), []),
        (char(0, 34, "The lighthouse was built in 1874. "), []),
        (char(34, 65, "The lighthouse was built in 1874."), ["text-not-there"]),
        (char(0, 900, "The lighthouse was built in 1874."), ["out-of-bounds"]),
        (char(-1, 5, "The l"), ["out-of-bounds"]),
        (char(5, 5, ""), ["out-of-bounds"]),
        (char(0, 5, "The l", document=7), ["unknown-document"]),
        (block(1, 2, "Since 1602."), []),
        (block(0, 2, "Thursdays.Since 1602."), []),
        (block(0, 1, "Since 1602."), ["text-not-there"]),
        (block(2, 3, "Since 1602."), ["out-of-bounds"]),
        (found(0, "2.4 kilometres"), []),
        (found(0, "3 kilometres"), ["text-not-there"]),
        (found(1, "2.4 kilometres"), ["unknown-document"]),
        (char(0, 5, "whatever", document=2), []),
        ({"type": "page_location", "document_index": 0, "cited_text": "x"}, []),
        ({"type": "page_location", "document_index": 9, "cited_text": "x"}, ["unknown-document"]),
        ({"type": "hologram_location", "cited_text": "x"}, []),
    ],
)  # fmt: skip
def test_a_citation_points_into_its_document_or_is_named(
    citation: dict[str, Any], problems: list[str]
) -> None:
    body = {"content": [{"type": "text", "text": "Yes.", "citations": [citation]}]}
    assert citation_features(SENT, body) == {"citations.problems": problems}


@pytest.mark.parametrize(
    "body",
    [None, {}, {"content": "text"}, {"content": [{"type": "text", "text": "x", "citations": None}]}, [1]],
)
def test_an_answer_without_citations_says_nothing(body: Any) -> None:
    assert citation_features(SENT, body) == {}


@pytest.mark.parametrize("sent", [None, {}, {"messages": "x"}, {"messages": [{"content": "text"}, 3]}])
def test_a_request_without_documents_makes_every_citation_stray(sent: Any) -> None:
    body = {"content": [{"type": "text", "text": "x", "citations": [char(0, 5, "The l")]}]}
    assert citation_features(sent, body)["citations.problems"] == ["unknown-document"]
