# The stand-in for hands: run it, point a base URL at it, stop it with Ctrl-C.
# Owns: its command line. Refuses to know: everything else.
"""Run the stand-in: `python -m tests.vendor [--port N] [EVENT | SWITCH=VALUE ...]`.

For example `python -m tests.vendor no-sampling-params seed=2`. An EVENT is the id of a documented event, or the name
of its switch (docs/events.md).
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from contextlib import suppress
from dataclasses import fields

from tests.vendor import Switches, Vendor


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.vendor", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(
        "switches", nargs="*", metavar="EVENT|SWITCH=VALUE", help=", ".join(f.name for f in fields(Switches))
    )
    arguments = parser.parse_args()
    events = [name for name in arguments.switches if "=" not in name]
    changes = {}
    for pair in set(arguments.switches) - set(events):
        name, _, value = pair.partition("=")
        try:
            changes[name] = json.loads(value)
        except ValueError:
            changes[name] = value
    with Vendor(arguments.port) as vendor, vendor.behaving(*events, **changes):
        addresses = {
            "ANTHROPIC_BASE_URL": vendor.url,
            "OPENAI_BASE_URL": vendor.openai_url,
            "GOOGLE_GEMINI_BASE_URL": vendor.gemini_url,
            "ANTHROPIC_BEDROCK_BASE_URL": vendor.url,
            "ANTHROPIC_FOUNDRY_BASE_URL": f"{vendor.url}/anthropic",
            "ANTHROPIC_VERTEX_BASE_URL": f"{vendor.url}/v1",
        }
        sys.stdout.writelines(f"export {name}={url}\n" for name, url in addresses.items())
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
