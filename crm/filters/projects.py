"""How projects are narrowed down."""

from __future__ import annotations

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.projects.models import Project
from crm.filters.strict import WholeFilter, YesNoFilter
from crm.queries import projects as queries


class ProjectFilter(FilterSet):
    q = CharFilter(label=_("Search by name"), method="by_text", max_length=200)
    customer = WholeFilter()
    manager = WholeFilter(label=_("Project manager"))
    active = YesNoFilter(field_name="ended_on", lookup_expr="isnull")

    class Meta:
        model = Project
        fields: list[str] = []

    def by_text(self, found: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        return found.filter(queries.matching(value))


class Show(TextChoices):
    """Which projects a list shows beside those under way."""

    ENDED = "ended", pgettext_lazy("projects", "Ended")
    ALL = "all", _("Under way and ended")


class ProjectListFilter(ProjectFilter):
    """Narrows `access.visible_projects` for people: an ended project is only there for who asks for it."""

    show = ChoiceFilter(label=_("State"), choices=Show.choices, method="by_show")

    @property
    def found(self) -> QuerySet[Project]:
        """Nothing where a value is wrong: without that filter it would be another list than was asked for."""
        if not self.is_valid():
            return Project.objects.none()
        found: QuerySet[Project] = self.qs
        return found if self.form.cleaned_data["show"] else found.filter(ended_on=None)

    @property
    def faults(self) -> list[str]:
        """What is wrong with the values, in words."""
        return [f"{self.form[name].label}: {text}" for name, texts in self.errors.items() for text in texts]

    def by_show(self, found: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        return found.exclude(ended_on=None) if value == Show.ENDED else found
