# What texts are about, as vectors: a static embedding model from a folder of the user's.
# Owns: model2vec, and what it needs to be told so that nothing is downloaded.
# Refuses to know: which texts are compared, what their likeness means.
"""Vectors of texts by a static embedding model (`pip install 'model-drift-tracker[semantic]'`).

A static model is a table of word pieces: a text's vector is the mean of theirs, without a network to run. It tells what
a text is about, and neither who did what nor whether it is denied: so it is never the only witness of anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drift.errors import UsageError

_CHARACTERS = 4000
"""More than the 512 word pieces that a model reads of a text."""


class Meaning:
    """A model in a folder; it is read when it is first asked."""

    def __init__(self, folder: Path) -> None:
        """Name the folder.

        Raises:
            UsageError: the folder holds no model, or the package that reads it is not installed.
        """
        # A path that does not exist would be taken for the name of a model on a hub and be downloaded.
        if not (folder / "config.json").is_file():
            todo = "name the folder of a Model2Vec model: config.json, tokenizer.json and model.safetensors"
            raise UsageError(f"{folder} holds no embedding model", todo)
        if find_spec("model2vec") is None:
            raise UsageError(
                "comparing what texts are about needs the package model2vec",
                "pip install 'model-drift-tracker[semantic]'",
            )
        self._folder = folder
        self._model: Any = None

    def vectors(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of length 1 a text; all zeros for a text without a known word piece.

        Raises:
            UsageError: the files of the model cannot be read.
        """
        if self._model is None:
            self._model = self._read()
        # Model text may hold half a surrogate pair, which no tokenizer takes.
        clean = [text[:_CHARACTERS].encode("utf-8", "replace").decode("utf-8") for text in texts]
        found: list[list[float]] = self._model.encode(
            clean, use_multiprocessing=False, normalize=True
        ).tolist()
        return found

    def _read(self) -> Any:
        from model2vec import StaticModel

        try:
            return StaticModel.from_pretrained(self._folder)
        except Exception as error:  # the tokenizer and the tensors raise bare exceptions of their own
            raise UsageError(f"the embedding model in {self._folder} cannot be read: {error}", "") from error
