# Citations of an answer, held against the documents of the request: do they point where they say they do?
# Owns: the forms of a citation and what is wrong with one. Refuses to know: rules, what the answer says.
"""Problems of citations into documents that were sent along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.model import JSON


def citation_features(sent: JSON, body: JSON) -> dict[str, JSON]:
    """Return how many citations an answer has and what is wrong with them; nothing when it has none.

    Args:
        sent: body of the request.
        body: body of the answer, for a stream put together.

    Returns:
        `citations.problems` when there is a citation: sorted ids out of "unknown-document", "out-of-bounds" and
        "text-not-there". What a citation of an unknown form says is not judged.
    """
    citations = list(_citations(body))
    if not citations:
        return {}
    blocks = list(_blocks(sent))
    sources = {
        "document": [_texts(block) for block in blocks if block.get("type") == "document"],
        "search_result": [_texts(block) for block in blocks if block.get("type") == "search_result"],
    }
    problems = {problem for citation in citations for problem in _problems(citation, sources)}
    return {"citations.problems": sorted(problems)}


def _citations(body: JSON) -> Iterator[Mapping[str, Any]]:
    content = body.get("content") if isinstance(body, Mapping) else None
    for block in content if isinstance(content, list) else ():
        found = block.get("citations") if isinstance(block, Mapping) else None
        yield from (one for one in (found if isinstance(found, list) else ()) if isinstance(one, Mapping))


def _blocks(sent: JSON) -> Iterator[Mapping[str, Any]]:
    messages = sent.get("messages") if isinstance(sent, Mapping) else None
    for turn in messages if isinstance(messages, list) else ():
        content = turn.get("content") if isinstance(turn, Mapping) else None
        yield from (one for one in (content if isinstance(content, list) else ()) if isinstance(one, Mapping))


def _texts(block: Mapping[str, Any]) -> list[str] | None:
    """Return the passages of a document or search result; None when they are not in the request as text."""
    source = block.get("source")
    if isinstance(source, Mapping) and source.get("type") == "text":
        return [str(source.get("data") or "")]
    parts = source.get("content") if isinstance(source, Mapping) else block.get("content")
    if not isinstance(parts, list):
        return None
    return [str(part.get("text") or "") for part in parts if isinstance(part, Mapping)]


def _problems(citation: Mapping[str, Any], sources: Mapping[str, list[list[str] | None]]) -> Iterator[str]:
    form = citation.get("type")
    kind = "search_result" if form == "search_result_location" else "document"
    number = citation.get(f"{kind}_index")
    if form not in {"char_location", "content_block_location", "page_location", "search_result_location"}:
        return
    if not isinstance(number, int) or not 0 <= number < len(sources[kind]):
        yield "unknown-document"
        return
    texts = sources[kind][number]
    quoted = str(citation.get("cited_text") or "")
    if texts is None or form == "page_location":
        return  # pages are not in the request as text
    unit = "char" if form == "char_location" else "block"
    start, end = (citation.get(f"{side}_{unit}_index") for side in ("start", "end"))
    whole = texts[0] if form == "char_location" else texts
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(whole):
        yield "out-of-bounds"
    elif quoted.strip() not in (whole[start:end] if isinstance(whole, str) else "".join(whole[start:end])):
        yield "text-not-there"
