# The rule table: one explicit tuple of records, in a fixed order. Listing, docs, reports and overrides read it.
# Owns: the order of areas. Refuses to know: how a rule is measured.
"""All rules."""

from drift.rules import (
    cost,
    errors,
    labels,
    lifecycle,
    measurement,
    output,
    request,
    response,
    safety,
    stopping,
    stream,
    surface,
    tools,
)
from drift.rules.record import Rule

RULES: tuple[Rule, ...] = (
    *lifecycle.RULES,
    *request.RULES,
    *response.RULES,
    *stream.RULES,
    *errors.RULES,
    *tools.RULES,
    *output.RULES,
    *stopping.RULES,
    *safety.RULES,
    *cost.RULES,
    *labels.RULES,
    *measurement.RULES,
    *surface.RULES,
)

RULES_BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}
"""Rule id → record."""
