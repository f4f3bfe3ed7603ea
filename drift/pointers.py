# JSON pointers (RFC 6901): the notation of every place in a document, a request or a reply.
# Owns: its two escapes. Refuses to know: what stands at a place; `*` for any index is a key like another here.
"""Write and read JSON pointers."""

from __future__ import annotations

from collections.abc import Iterable


def escape(key: str) -> str:
    """Return a key as one token of a pointer."""
    return key.replace("~", "~0").replace("/", "~1") if "/" in key or "~" in key else key


def pointer_to(keys: Iterable[str | int]) -> str:
    """Return the pointer to the place that these keys and indexes lead to; "" for the whole value."""
    return "".join(f"/{escape(str(key))}" for key in keys)


def general_pointer(keys: Iterable[str | int]) -> str:
    """Return the pointer with `*` in the place of every index."""
    return pointer_to("*" if isinstance(key, int) else key for key in keys)


def keys_of(pointer: str) -> list[str]:
    """Return the keys of a pointer, unescaped; what stands before its first slash is no key."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
