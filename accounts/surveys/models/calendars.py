"""Holiday calendars: the days on which no clock of a corrective action runs, and those on which it does all
the same (China moves working days to weekends)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class HolidayCalendar(models.Model):
    """Kept by an admin. ``country``: ISO 3166 code that its days were filled in from; empty: by hand alone.

    A clock is computed once, when it starts: days that change later move nothing that runs.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        verbose_name = _("holiday calendar")
        verbose_name_plural = _("holiday calendars")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="calendar_has_a_name")]

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """A day that is not as its weekday says: a holiday, or (``is_working``) a make-up working day."""

    calendar = models.ForeignKey(HolidayCalendar, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("make-up working day"), default=False)
    name = models.CharField(_("name"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("day of a calendar")
        verbose_name_plural = _("days of a calendar")
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_once")]
