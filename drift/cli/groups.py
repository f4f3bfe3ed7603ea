# A group of commands that lists when no verb is given: `drift rules` is `drift rules list`.
# Owns: that one convention. Refuses to know: what is listed.
"""Command groups."""

from typing import Any

import typer
from typer.core import TyperGroup


class Listing(TyperGroup):
    """A group whose verb is `list` when the first word is none of its verbs but a flag, or nothing."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the verb in front."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def group(about: str, *examples: str) -> typer.Typer:
    """Return an empty group with one sentence of help, and lines that show it at work."""
    shown = "\n".join(("\b", *examples))
    return typer.Typer(
        cls=Listing,
        help=f"{about} Without a verb: list.\n\n{shown}",
        rich_markup_mode=None,
        add_completion=False,
    )
