# A stored run as a provider: asks nobody, costs nothing, answers what was answered then.
# Owns: nothing but the lookup. Refuses to know: the network, the store (it is given a snapshot).
"""The provider that plays a stored run."""

from __future__ import annotations

from drift.errors import UnmeasuredError
from drift.model import Probe, Snapshot, Target
from drift.providers import Around, Reply


class ReplayProvider:
    """Plays the documents of a stored run. Nothing is sent, so `around` is never called."""

    key_variable: str | None = None

    def __init__(self, target: Target, snapshot: Snapshot) -> None:
        """Play `snapshot`; the axes (vendor, API version, SDK) are those of the stored run."""
        run = snapshot.run
        self.target = target
        self.vendor = run.vendor or "replay"
        self.sdk = run.sdk
        self.api_version = run.api_version
        self.region = run.meta.get("region")
        self.base_url = run.base_url
        self._run_id = run.id
        self._probes = snapshot.probes
        self._samples = {(sample.probe_id, sample.epoch): sample for sample in snapshot.samples}
        self._dialects = {sample.probe_id: sample.dialect for sample in snapshot.samples}

    def dialect_for(self, probe: Probe) -> str | None:
        """Return the dialect in which the probe was asked then; None when the run did not ask it."""
        stored = self._probes.get(probe.id)
        return self._dialects.get(probe.id) if stored is not None and stored.hash == probe.hash else None

    async def ask(self, probe: Probe, epoch: int, around: Around | None = None) -> Reply:
        """Return what was stored.

        Raises:
            UnmeasuredError: the run holds no such sample, or the probe has changed since.
        """
        del around
        sample = self._samples.get((probe.id, epoch)) if self.dialect_for(probe) else None
        if sample is None:
            raise UnmeasuredError(
                f"run {self._run_id} holds no sample of {probe.id}, epoch {epoch}",
                "ask for fewer epochs or other probes",
            )
        return Reply(sample.outcome, sample.document, sample.dialect, sample.latency_ms)

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""
