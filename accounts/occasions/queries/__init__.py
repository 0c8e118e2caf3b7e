"""Reads of the surveys beside the weekly one. Whose answers count is decided by the queryset given."""

from accounts.occasions.queries.asking import Candidate, active_version, candidates
from accounts.occasions.queries.forms import Asked, asked_of, invitation_by_token
from accounts.occasions.queries.results import Results, ResultsFilter, answers_in, results_of, scope_of
from accounts.occasions.queries.words import Words, words_in

__all__ = [
    "Asked",
    "Candidate",
    "Results",
    "ResultsFilter",
    "Words",
    "active_version",
    "answers_in",
    "asked_of",
    "candidates",
    "invitation_by_token",
    "results_of",
    "scope_of",
    "words_in",
]
