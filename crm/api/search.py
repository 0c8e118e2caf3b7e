"""/api/v1/search: customers, contacts, projects, orders and interactions at once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.users.models import User
from crm import recent
from crm.queries import search
from crm.queries.search import MAX_CHARACTERS, Answer, Kind

DEFAULT_LIMIT, MAX_LIMIT = 5, 200
_PARAMETERS = [
    OpenApiParameter(
        "q",
        {"type": "string", "pattern": r"^[^\u0000]*$", "maxLength": MAX_CHARACTERS},
        description="Words, each of which must be found.",
    ),
    OpenApiParameter("kind", {"type": "string", "enum": Kind.values}),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}, description="Of a kind."
    ),
]


class HitRecord(serializers.Serializer[search.Hit]):
    """``id``: of an interaction its identity. ``matched``: what else it was found by, say a former name."""

    kind = serializers.ChoiceField(Kind.choices)
    id = serializers.CharField(source="key")
    customer = serializers.IntegerField(source="customer_id")
    title = serializers.CharField(source="name")
    note = serializers.CharField()
    matched = serializers.SerializerMethodField()

    def get_matched(self, hit: search.Hit) -> str:
        return "".join(part.text for part in hit.other or [])


class GroupRecord(serializers.Serializer[search.Group]):
    kind = serializers.ChoiceField(Kind.choices)
    count = serializers.IntegerField()
    count_is_exact = serializers.BooleanField()
    hits = HitRecord(many=True)


class AnswerRecord(serializers.Serializer[Answer]):
    """``is_guess``: nothing is written like this; these are names that are written alike."""

    is_guess = serializers.BooleanField()
    groups = GroupRecord(many=True)


class SearchView(APIView):
    """Only what the person may see, the best of each kind first."""

    @extend_schema(parameters=_PARAMETERS, responses=AnswerRecord)
    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        given = _given(request)
        question = search.question_of(given["q"])
        if question is None:
            return Response(AnswerRecord(Answer([])).data)
        opened = [pk for kind, pk in recent.opened_lately(request.user.pk) if kind == Kind.CUSTOMER]
        answer = search.answer_to(
            question, user=request.user, recent=opened, kinds=given["kinds"], limit=given["limit"]
        )
        return Response(AnswerRecord(answer).data)


def _given(request: Request) -> dict[str, Any]:
    """The parameters; a misspelt, repeated or wrong one is an error."""
    wrong: dict[str, list[str]] = {
        name: [_("There is no such filter.")] for name in request.query_params.keys() - {"q", "kind", "limit"}
    }
    wrong |= {name: [_("Give it once.")] for name, values in request.query_params.lists() if len(values) > 1}
    text, kind = request.query_params.get("q", ""), request.query_params.get("kind")
    limit = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if len(text) > MAX_CHARACTERS:
        wrong["q"] = [_("Type at most %(most)s characters.") % {"most": MAX_CHARACTERS}]
    if "\x00" in text:
        wrong["q"] = [_("Null characters are not allowed.")]
    if kind is not None and kind not in Kind.values:
        wrong["kind"] = [_("There is no such kind.")]
    is_number = limit.isascii() and limit.isdecimal() and len(limit) < 4
    if not is_number or not 1 <= int(limit) <= MAX_LIMIT:
        wrong["limit"] = [_("A number from 1 to %(most)s.") % {"most": MAX_LIMIT}]
    if wrong:
        raise ValidationError(wrong)
    return {"q": text, "kinds": [kind] if kind else Kind.values, "limit": int(limit)}
