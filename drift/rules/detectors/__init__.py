# The explicit list of detectors. No registration on import.
# Owns: their order, which is the order of signals. Refuses to know: anything else.
"""All detectors."""

from drift.rules.detectors.caching import detect_caching
from drift.rules.detectors.calls import detect_calls
from drift.rules.detectors.envelope import detect_envelope
from drift.rules.detectors.hulls import detect_hulls
from drift.rules.detectors.labels import detect_labels
from drift.rules.detectors.numbers import detect_numbers
from drift.rules.detectors.payload import detect_payload
from drift.rules.detectors.rates import detect_rates
from drift.rules.detectors.repeats import detect_repeats
from drift.rules.detectors.requests import detect_requests
from drift.rules.detectors.sets import detect_sets
from drift.rules.detectors.texts import detect_texts
from drift.rules.detectors.wire import detect_wire
from drift.rules.facts import Detector

DETECTORS: tuple[Detector, ...] = (
    detect_requests,
    detect_envelope,
    detect_rates,
    detect_sets,
    detect_calls,
    detect_payload,
    detect_numbers,
    detect_labels,
    detect_texts,
    detect_wire,
    detect_repeats,
    detect_caching,
    detect_hulls,
)
