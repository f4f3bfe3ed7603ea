# One question asked in two ways by one probe: plain and streamed.
# Owns: which exchanges of a probe are the same question, and what may differ between the answers.
# Refuses to know: rules, the other side of a comparison.
"""What two replies to the same question say differently, in one sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from drift.model import Exchange, Probe
from drift.observe.readers import reader_of
from drift.observe.reply import Reply
from drift.observe.usage import input_tokens
from drift.shapes import parent_of, shape_of


def stream_differences(replies: Sequence[Reply], probe: Probe) -> list[str] | None:
    """Return where the assembled stream has another shape than the plain answer to the same question.

    Shapes, never wording: the two answers were drawn separately. Places whose presence the answer decides are left
    out. Sorted, such as ["/usage/cached: only plain", "/usage/total: integer, streamed number", "stop: only plain"].

    Returns:
        None when the probe does not ask both ways, or one of the two did not end as an answer.
    """
    for plain, streamed in _pairs(replies, probe):
        asked = (plain[0], streamed[0])
        if asked[0].stream or not asked[1].stream or replace(asked[1], stream=False) != asked[0]:
            continue
        return _differences(plain[1], streamed[1])
    return None


def _pairs(
    replies: Sequence[Reply], probe: Probe
) -> list[tuple[tuple[Exchange, Reply], tuple[Exchange, Reply]]]:
    """Return each two exchanges in either order; a list of models is no question, and comes in pages."""
    if any(exchange.operation == "list_models" for exchange in probe.exchanges):
        return []
    told = list(zip(probe.exchanges, replies, strict=False))
    return [pair for first, second in combinations(told, 2) for pair in ((first, second), (second, first))]


def _answered(reply: Reply) -> bool:
    whole = not reply.streamed or bool(reply.terminal)
    return reply.status is not None and reply.status // 100 == 2 and reply.error is None and whole


def _differences(plain: Reply, streamed: Reply) -> list[str] | None:
    if not streamed.streamed or plain.streamed or not _answered(plain) or not _answered(streamed):
        return None
    reader = reader_of(plain.dialect)
    shapes: list[Mapping[str, Sequence[str]]] = [
        shape_of(reply.body, opaque=reader.OPAQUE, tag=reader.tag) for reply in (plain, streamed)
    ]
    found: list[str] = []
    for path in shapes[0].keys() | shapes[1].keys():
        if path in reader.THERE_BY_ANSWER | reader.STREAM_ONLY or path.rpartition("/")[2].startswith("*"):
            continue  # which blocks there are is the answer's business
        if any("object" not in shape.get(parent_of(path), ()) for shape in shapes):
            continue  # the whole object is missing: said once, at its own place
        types = [set(shape.get(path, ())) for shape in shapes]
        if path in reader.NULL_BY_ANSWER:
            types = [side - {"null"} for side in types]
        if not types[0] or not types[1]:
            missing = [path not in shape for shape in shapes]
            found += [f"{path}: only {'streamed' if missing[0] else 'plain'}"] if any(missing) else []
        elif types[0] != types[1]:
            found.append(f"{path}: {'|'.join(sorted(types[0]))}, streamed {'|'.join(sorted(types[1]))}")
    for name in ("stop", "model"):
        values = [getattr(reply, name) for reply in (plain, streamed)]
        if (values[0] is None) != (values[1] is None):
            found.append(f"{name}: only {'streamed' if values[0] is None else 'plain'}")
    if plain.model and streamed.model and plain.model != streamed.model:
        found.append("model: another one streams")
    tokens = [input_tokens(reply.usage) for reply in (plain, streamed)]
    if None not in tokens and tokens[0] != tokens[1]:
        found.append("input tokens: another number streamed")
    return sorted(found)
