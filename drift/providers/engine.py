# The child process that serves one model file: llama.cpp's own HTTP server on a free loopback port.
# Owns: xllamacpp and the settings of its server. Refuses to know: Drift. It runs as a script by its path, so
# that it starts fast and imports nothing that stands beside it.
"""Serve one GGUF file on loopback until the parent goes away.

    python -P engine.py DIRECTORY GGUF NAME THREADS [TEMPLATE]

Writes the base address to the file `address` in DIRECTORY when the model is loaded, then waits. Standard
input is the life line: the parent holds its other end, and however the parent ends, also by `kill -9`, the
system closes it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

CONTEXT_TOKENS = 4096


def _follow_parent(directory: Path) -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)  # not sys.exit: the server's destructor waits for answers that nobody reads any more


def _serve(directory: Path, gguf: str, name: str, threads: int, template: Path | None) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = gguf
    params.model_alias = {name}  # replies name the model, not the path of a file on someone's machine
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # the system picks a free one: no race between looking for a port and taking it
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1  # one slot, so that an answer never depends on what else is in the batch
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.n_gpu_layers = 0  # the same arithmetic on every machine
    params.cache_prompt = (
        False  # or the same request counts other input tokens the second time, and a seed is no seed
    )
    params.cache_ram_mib = 0
    params.fit_params = False
    params.ui = False
    params.endpoint_slots = False
    params.cors_origins = ""
    params.verbosity = 1  # errors only: the log is shown when the start fails
    if template is not None:
        params.chat_template = template.read_text(encoding="utf-8")
    server = xllamacpp.Server(params)
    fresh = directory / "address.new"
    fresh.write_text(server.listening_address, encoding="ascii")
    fresh.replace(directory / "address")
    threading.Event().wait()


if __name__ == "__main__":
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group: the parent decides when to stop
    place = Path(sys.argv[1])
    threading.Thread(target=_follow_parent, args=(place,), daemon=True).start()
    _serve(place, sys.argv[2], sys.argv[3], int(sys.argv[4]), Path(sys.argv[5]) if sys.argv[5:] else None)
