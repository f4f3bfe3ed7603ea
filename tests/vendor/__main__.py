# The stand-in for hands: run it, point a base URL at it, stop it with Ctrl-C.
# Owns: its command line. Refuses to know: everything else.
"""`python -m tests.vendor [--port N] [SWITCH=VALUE ...]`, for example `thinking=true seed=2`."""

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
        "switches", nargs="*", metavar="SWITCH=VALUE", help=", ".join(f.name for f in fields(Switches))
    )
    arguments = parser.parse_args()
    changes = {}
    for pair in arguments.switches:
        name, _, value = pair.partition("=")
        try:
            changes[name] = json.loads(value)
        except ValueError:
            changes[name] = value
    with Vendor(arguments.port) as vendor, vendor.behaving(**changes):
        addresses = {
            "ANTHROPIC_BASE_URL": vendor.url,
            "OPENAI_BASE_URL": vendor.openai_url,
            "GOOGLE_GEMINI_BASE_URL": vendor.gemini_url,
        }
        sys.stdout.writelines(f"export {name}={url}\n" for name, url in addresses.items())
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
