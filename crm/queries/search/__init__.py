"""One search over customers, contacts, projects, corrective actions, contracts, orders and talks.

`asking` takes apart what was typed, `named` finds by name and number, `cases` by their own number, `talks` in
the words of interactions, `marking` says which part of a text was meant, `answering` puts it together.
"""

from crm.queries.search.answering import Answer, Group, Hit, Kind, answer_to, recent_hits
from crm.queries.search.asking import MAX_CHARACTERS, Question, TooLongError, question_of

__all__ = [
    "MAX_CHARACTERS",
    "Answer",
    "Group",
    "Hit",
    "Kind",
    "Question",
    "TooLongError",
    "answer_to",
    "question_of",
    "recent_hits",
]
