# What a run begins with: its identity, its price, its order; and who may go on with it.
# Owns: the axes of a run, the order of asking. Refuses to know: how a suite is asked, SQL.
"""The beginning of a run."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from drift import __version__
from drift.canonical import canonical
from drift.errors import UsageError
from drift.model import Run, Suite
from drift.prices import Price, find_price
from drift.providers import Provider


def price_of(provider: Provider, stated: Price | None, max_cost: float | None) -> Price | None:
    """Return what calls cost: as stated, else as known, else None; UsageError when a maximum cost needs to know."""
    target = provider.target
    price = stated or find_price(target.platform, target.model, provider.base_url)
    if max_cost is not None and price is None:
        raise UsageError(
            f"no price is known for {target.spec}, so no maximum cost can be held",
            "give the target a price in drift.yaml, or leave the maximum out",
        )
    return price


def new_run(
    provider: Provider,
    suite: Suite,
    epochs: int | None,
    label: str | None,
    control_of: str | None,
    seed: int,
    price: Price | None,
) -> Run:
    """Return a run as it begins, with everything that was settled before the first call."""
    target = provider.target
    return Run(
        id=secrets.token_hex(8),
        target=target.spec,
        requested_model=target.model,
        platform=target.platform,
        status="running",
        created_at=now(),
        label=label,
        control_of=control_of,
        vendor=provider.vendor,
        api_version=provider.api_version,
        sdk=provider.sdk,
        base_url=provider.base_url,
        params=target.params,
        suite=suite.name,
        suite_hash=suite.hash,
        epochs=epochs,
        meta={
            **{name: value for name, value in _chosen(provider).items() if value is not None},
            "drift_version": __version__,
            "seed": seed,
            "api_version_asked": target.api_version,  # None: the one that nobody chose
            "price": None if price is None else price.to_json(),
            "not_carried": [probe.id for probe in suite.probes if provider.dialect_for(probe) is None],
        },
    )


def _chosen(provider: Provider) -> dict[str, str | None]:
    """Return the axes that only some platforms have."""
    return {"dialect": provider.target.dialect, "region": provider.region}


def refuse_other_subject(run: Run, provider: Provider) -> None:
    """Refuse to go on with a run as another subject: one snapshot holds one subject."""
    if run.status == "complete":
        raise UsageError(f"run {run.id} is complete and sealed", "start another run")
    target = provider.target
    axes = (
        ("target", run.target, target.spec),
        ("base URL", run.base_url, provider.base_url),
        ("API version", run.api_version, provider.api_version),
        ("SDK", run.sdk, provider.sdk),
        ("parameters", canonical(run.params), canonical(target.params)),
        *((name, run.meta.get(name), value) for name, value in _chosen(provider).items()),
    )
    for name, then, now in axes:
        if then != now:
            raise UsageError(
                f"run {run.id} began with another {name} ({then}, now {now})", "start another run"
            )


def mixed(missing: Sequence[tuple[str, int]], seed: int) -> list[tuple[str, int]]:
    """Order epoch by epoch with the probes mixed, so that trouble in time does not hit one family alone."""
    keyed = [
        (epoch, random.Random(f"{seed}:{epoch}:{probe_id}").random(), probe_id)  # noqa: S311 - an order
        for probe_id, epoch in missing
    ]
    return [(probe_id, epoch) for epoch, _, probe_id in sorted(keyed)]


def now() -> str:
    """Return the time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
