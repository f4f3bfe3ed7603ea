# Recorded series as a file, and drift as a process: what the tests of the command line share.
# Owns: the form of a recorded line. Refuses to know: what is tested.
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def write_recorded(path: Path, *labels: str, probes: int = 30, **fields: object) -> Path:
    """Write one series of JSON answers a label; the answers of the label "fenced" stand in a Markdown fence."""
    lines = []
    for label in labels:
        for number in range(probes):
            text = f'{{"n": {number}}}'
            line = {
                "dataset": "shop",
                "target": "acme/model",
                "version_label": label,
                "probe_id": f"p{number}",
                "sample": 0,
                "recorded_at": "2026-01-01T00:00:00",
                "prompt": f"Give the number {number} as JSON.",
                "purpose": "machine",
                "family": "orders",
                "output_text": f"```json\n{text}\n```" if label == "fenced" else text,
                **fields,
            }
            lines.append(json.dumps(line))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def drift(
    *argv: str, env: dict[str, str] | None = None, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run drift as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "drift", *argv],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        timeout=120,
        **settings,
    )
