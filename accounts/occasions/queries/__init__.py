"""Reads of the surveys beside the weekly one. Whose answers count is decided by the queryset given."""

from accounts.occasions.queries.asking import Candidate, active_version, candidates
from accounts.occasions.queries.forms import Asked, asked_of, invitation_by_token

__all__ = ["Asked", "Candidate", "active_version", "asked_of", "candidates", "invitation_by_token"]
