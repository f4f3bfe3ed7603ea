# The package: only its version, so that importing it costs nothing.
"""Drift: what a new model version does to the software that calls it."""

__version__ = "0.1.0"
