"""The pure part of scoring: arrays in, frozen dataclasses out.

No clock, database, settings or global state; numpy, scipy and the standard library only. Every function takes
what it needs, `as_of_day` included. Formulas, sources and defaults: docs/scoring.md.
"""
