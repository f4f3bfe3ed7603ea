# Where a user's caches lie: what can always be made again.
# Owns: the folder. Refuses to know: what is kept there.
"""The cache folder of Drift."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_dir() -> Path:
    """Return the folder: `DRIFT_CACHE_DIR`, or where the platform keeps caches of a user. It may not exist yet."""
    if own := os.environ.get("DRIFT_CACHE_DIR"):
        return Path(own)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "model-drift-tracker"
