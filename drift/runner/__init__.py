# The runner's door: reckon a run, execute a run.
# Owns: its names. Refuses to know: everything else, see plan.py, beginning.py, execute.py, retry.py and budget.py.
"""Execute a suite against a target, or reckon what that would cost."""

from drift.runner.beginning import price_of
from drift.runner.execute import CONCURRENCY, MAX_FAILED_SHARE, Progress, Watch, execute, run_suite
from drift.runner.plan import ASSUMED_MAX_TOKENS, Plan, plan
from drift.runner.retry import Patience

__all__ = [
    "ASSUMED_MAX_TOKENS",
    "CONCURRENCY",
    "MAX_FAILED_SHARE",
    "Patience",
    "Plan",
    "Progress",
    "Watch",
    "execute",
    "plan",
    "price_of",
    "run_suite",
]
