"""/api/v1/satisfaction-index: the index of whatever has one, by week, as the pages give it; for reading."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.users.models import User
from crm.api.errors import RefusedError
from crm.api.paging import DEFAULT_LIMIT, MAX_LIMIT
from crm.queries.satisfaction_index import Cut, IndexPage, Line, NoUnitError, Wish, index_page
from crm.queries.satisfaction_index_members import Level, Scope
from crm.queries.satisfaction_index_ranking import SORTS, Ranked
from scoring.satisfaction import WeekIndex

WEEKS = ("13", "26", "52")
MEANS = ("plain", "revenue")
WAYS = tuple(way for name in SORTS for way in (name, f"-{name}"))
UNIT = r"^(company|[a-z_]{1,20}-[0-9]{1,18})$"


class WeekRecord(serializers.Serializer[WeekIndex]):
    """``index``: -100 to 100 with the product's own points, higher is better; null where nobody graded.
    ``weighted_index``: the same by revenue. ``lowest``: letter of the worst grade. ``response_rate``:
    answered / invited. ``is_too_few``: for reference only. ``is_open``: somebody still has time."""

    week = serializers.DateField()
    index = serializers.FloatField(allow_null=True)
    weighted_index = serializers.FloatField(allow_null=True)
    lowest = serializers.CharField()
    answered = serializers.IntegerField()
    invited = serializers.IntegerField()
    response_rate = serializers.FloatField(allow_null=True)
    is_too_few = serializers.BooleanField()
    is_open = serializers.BooleanField()


class RankedRecord(serializers.Serializer[Ranked]):
    """A unit in its latest ``week`` that has an index. ``of`` names it; ``change``: against the week before;
    ``slope``: points per week, from ``slope_weeks`` of the last 13."""

    of = serializers.CharField(source="scope.code")
    id = serializers.IntegerField(source="unit.id")
    name = serializers.CharField(source="unit.name")
    week = serializers.DateField(source="week.week")
    index = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True)
    slope = serializers.FloatField(allow_null=True)
    slope_weeks = serializers.IntegerField()
    lowest = serializers.CharField(source="week.lowest")
    answered = serializers.IntegerField(source="week.answered")
    invited = serializers.IntegerField(source="week.invited")
    response_rate = serializers.FloatField(source="week.response_rate", allow_null=True)
    is_too_few = serializers.BooleanField(source="week.is_too_few")
    is_open = serializers.BooleanField(source="week.is_open")


class LineRecord(serializers.Serializer[Line]):
    """``values``: the index by week, the oldest first."""

    name = serializers.CharField()
    values = serializers.ListField(child=serializers.FloatField(allow_null=True))


class IndexRecord(serializers.Serializer[IndexPage]):
    """One unit, the oldest week first; beside it the company's index of the same weeks. ``threshold``: the
    least response rate, 0 to 1."""

    of = serializers.SerializerMethodField()
    name = serializers.CharField(source="unit.name")
    threshold = serializers.FloatField()
    weeks = WeekRecord(source="picture.weeks", many=True)
    dimensions = LineRecord(many=True)
    company = serializers.ListField(child=serializers.FloatField(allow_null=True))

    def get_of(self, page: IndexPage) -> str:
        return page.wish.scope.code or Level.COMPANY.value


def _choice(name: str, values: tuple[str, ...], text: str = "") -> OpenApiParameter:
    schema = {"type": "string", "enum": list(values), "default": values[0]}
    return OpenApiParameter(name, schema, description=text)


_LEVELS = (Level.CUSTOMER.value, *(value for value in Level.values if value != Level.CUSTOMER))
_OF = {"type": "string", "pattern": UNIT}
_WEEKS = _choice("weeks", WEEKS)
_LISTED = [
    _choice("level", _LEVELS, "What the list is of."),
    OpenApiParameter("of", _OF, description="Only what belongs to this unit, such as team-3."),
    _WEEKS,
    _choice("mean", MEANS),
    _choice("sort", ("slope", *(way for way in WAYS if way != "slope"))),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    ),
    OpenApiParameter(
        "cursor", {"type": "string", "maxLength": 8}, description="``next`` of the page before."
    ),
]


class RankedPage(serializers.Serializer[None]):
    """One page of units, and where the next one begins."""

    results = RankedRecord(many=True)
    next = serializers.CharField(allow_null=True)


_ONE_PAGE = forced_singular_serializer(RankedPage)  # type: ignore[no-untyped-call]


class IndexView(ViewSet):
    """Only of projects whose grades the person sees; people are compared as on the page."""

    lookup_field = "of"
    lookup_value_regex = "[^/]+"

    @extend_schema(parameters=_LISTED, responses=_ONE_PAGE)
    def list(self, request: Request) -> Response:
        given = _given(
            request, {"level": _LEVELS, "weeks": WEEKS, "mean": MEANS, "sort": WAYS}, "of limit cursor"
        )
        limit = _number(request, "limit", str(DEFAULT_LIMIT), most=MAX_LIMIT)
        start = _place(request.query_params.get("cursor", ""))
        wish = Wish(
            scope=_scope(request.query_params.get("of", Level.COMPANY.value)),
            level=Level(given.get("level", Level.CUSTOMER)),
            cut=Cut.WHOLE,
            weeks=int(given.get("weeks", WEEKS[0])),
            is_weighted=given.get("mean") == "revenue",
        )
        ranked = _page(wish, request).ranked
        rows = ranked.rows(given.get("sort", "slope"), start=start, count=limit)
        following = str(start + limit) if start + limit < len(ranked) else None
        return Response({"results": [RankedRecord(row).data for row in rows], "next": following})

    @extend_schema(
        parameters=[OpenApiParameter("of", _OF, OpenApiParameter.PATH), _WEEKS], responses=IndexRecord
    )
    def retrieve(self, request: Request, of: str) -> Response:
        given = _given(request, {"weeks": WEEKS}, "")
        weeks = int(given.get("weeks", WEEKS[0]))
        wish = Wish(_scope(of), Level.PROJECT, Cut.WHOLE, weeks, is_weighted=False)
        return Response(IndexRecord(_page(wish, request)).data)


def _page(wish: Wish, request: Request) -> IndexPage:
    assert isinstance(request.user, User)
    now, language = timezone.now(), get_language() or "en"
    try:
        return index_page(wish, request.user, language=language, as_of=now, with_revenue=True)
    except NoUnitError as error:
        raise Http404 from error


def _scope(code: str) -> Scope:
    """What is no unit, or none that he may see, is the same 404."""
    if code == Level.COMPANY.value:
        return Scope()
    level, _dash, number = code.rpartition("-")
    is_number = number.isascii() and number.isdigit() and len(number) <= 18
    if level not in Level.values or level == Level.COMPANY.value or not is_number:
        raise Http404
    return Scope(Level(level), int(number))


def _given(request: Request, choices: dict[str, tuple[str, ...]], others: str) -> dict[str, str]:
    """The parameters with a choice; a misspelt, repeated or wrong one is an error."""
    wrong: dict[str, list[str]] = {
        name: [_("There is no such filter.")]
        for name in request.query_params.keys() - choices.keys() - set(others.split())
    }
    wrong |= {name: [_("Give it once.")] for name, values in request.query_params.lists() if len(values) > 1}
    given = {name: request.query_params[name] for name in choices if name in request.query_params}
    wrong |= {
        name: [_("There is no such choice.")] for name, value in given.items() if value not in choices[name]
    }
    if wrong:
        raise ValidationError(wrong)
    return given


def _number(request: Request, name: str, default: str, *, most: int) -> int:
    text = request.query_params.get(name, default)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= number <= most:
        raise ValidationError({name: [_("A number from 1 to %(most)s.") % {"most": most}]})
    return number


def _place(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 8):
        raise RefusedError({"cursor": [_("This is no cursor of this list.")]}, "bad_cursor")
    return int(cursor or 0)
