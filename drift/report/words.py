# Which words differ between two texts.
# Owns: tokens, the bound on the cost, what a reader may skip. Refuses to know: colours, columns, witnesses.
"""Differences of two texts at the level of words, at a bounded cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

Mark = Literal["same", "gone", "new"]

GAP = " ⋯ "
"""Stands for text that is left out."""

# A word, a run of white space, or a run of one sign: a code fence is one token, and so is each bracket of JSON.
_TOKEN = re.compile(r"\w+|\s+|([^\w\s])\1*")

_WORD = re.compile(r"\w+")
_CUT_FIRST = re.compile(r"^\S{1,20}\s")
_CUT_LAST = re.compile(r"\s\S{1,20}$")
_CONTEXT = 80
_LONGEST = 20_000


class Segment(NamedTuple):
    """A stretch of text: `same` on both sides, `gone` (baseline only) or `new` (candidate only)."""

    mark: Mark
    text: str


class Part(NamedTuple):
    """A stretch of one side's text, and whether it is on this side only."""

    text: str
    changed: bool = False


def word_diff(a: str, b: str, cap: int = 400) -> list[Segment]:
    """Return what differs between a baseline text `a` and a candidate text `b`.

    The `same` and `gone` segments join to `a`, the `same` and `new` ones to `b`; neighbours never have the same mark.
    Common words at both ends are found in linear time. Between them at most `cap` words a side are aligned; a longer
    middle is one `gone` and one `new` segment.
    """
    old = [match[0] for match in _TOKEN.finditer(a)]
    new = [match[0] for match in _TOKEN.finditer(b)]
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    gone, came = old[head : len(old) - tail], new[head : len(new) - tail]
    if gone and came and max(len(gone), len(came)) <= cap:
        middle = _aligned(gone, came)
    else:
        middle = [Segment("gone", "".join(gone)), Segment("new", "".join(came))]
    return _joined(
        [Segment("same", "".join(old[:head])), *middle, Segment("same", "".join(old[len(old) - tail :]))]
    )


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    count = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        count += 1
    return count


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[Segment]:
    from difflib import SequenceMatcher

    segments = []
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        # Blanks and signs alone between two changes are no agreement: they would cut one change into words.
        if operation == "equal" and any(_WORD.match(token) for token in old[i:j]):
            segments.append(Segment("same", "".join(old[i:j])))
        else:
            segments += [Segment("gone", "".join(old[i:j])), Segment("new", "".join(new[k:m]))]
    return segments


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    """Merge neighbours of one mark, and what went before what came within one change; leave empty ones out."""
    joined: list[Segment] = []
    for same, group in groupby(segments, key=lambda segment: segment.mark == "same"):
        change = list(group)
        marks: tuple[Mark, ...] = ("same",) if same else ("gone", "new")
        joined += [Segment(mark, "".join(text for other, text in change if other == mark)) for mark in marks]
    return [segment for segment in joined if segment.text]


def side_by_side(a: str, b: str, *, limit: int, signs: bool) -> tuple[list[Part], list[Part]]:
    """Return both texts for a reader, at most about `limit` characters each, with what differs marked.

    Far from a change common text is left out. With `signs` a change is written as `[-gone-]` or `{+new+}`. Texts that
    share less than half of the shorter one are two texts, not a change of one: then nothing is marked.
    """
    segments = word_diff(a[:_LONGEST], b[:_LONGEST])
    if _weight(segments, "same") < min(_weight(segments, "gone"), _weight(segments, "new")):
        return [Part(_ends(a, limit, 0))], [Part(_ends(b, limit, 0))]
    short = _shortened(segments, limit)
    return _marked(short, "gone", ("[-", "-]"), signs=signs), _marked(short, "new", ("{+", "+}"), signs=signs)


def _weight(segments: Iterable[Segment], mark: Mark) -> int:
    """Return how many characters of words have this mark."""
    return sum(len("".join(_WORD.findall(text))) for other, text in segments if other == mark)


def _shortened(segments: Sequence[Segment], limit: int) -> list[Segment]:
    last = len(segments) - 1
    room = {"gone": limit, "new": limit}
    short: list[Segment] = []
    for i, (mark, text) in enumerate(segments):
        touched = ("gone", "new") if mark == "same" else (mark,)
        left = min(room[side] for side in touched)
        if left <= 0:
            short.append(Segment("same", GAP))
            break
        # Nothing stands before the first segment or after the last one: there is a change on one side only.
        before, after = (0 if i == 0 and last else _CONTEXT), (0 if i == last else _CONTEXT)
        kept = _ends(text, before, after) if mark == "same" and last else text
        short.append(Segment(mark, _ends(kept, left, 0)))
        for side in touched:
            room[side] -= len(short[-1].text)
    return short


def _ends(text: str, start: int, end: int) -> str:
    """Return about the first `start` and the last `end` characters, cut at words, and a gap for what is left out."""
    if len(text) <= start + end + len(GAP):
        return text
    head = _CUT_LAST.sub("", text[:start])
    tail = _CUT_FIRST.sub("", text[-end:]) if end else ""
    return head + GAP + tail


def _marked(segments: Iterable[Segment], mark: Mark, around: tuple[str, str], *, signs: bool) -> list[Part]:
    opening, closing = around if signs else ("", "")
    parts: list[Part] = []
    for segment in segments:
        if segment.mark == "same":
            parts.append(Part(segment.text))
        elif segment.mark == mark:
            # A line feed at the end is made visible, because the sign behind it would hide it.
            feed = segment.text.endswith("\n")
            shown = segment.text[:-1] + "⏎" if feed else segment.text
            parts.append(Part(f"{opening}{shown}{closing}", changed=True))
            parts += [Part("\n")] if feed else []
    return parts
