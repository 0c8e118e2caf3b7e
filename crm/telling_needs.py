"""Notices about needs, contracts and competitors in words."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.notices.models import Notice
from crm.queries.notices import Names
from crm.told import Facts, Told, customer_url


def _need_owned(notice: Notice, facts: Facts, names: Names) -> Told:
    values = {"who": names.users.get(facts.get("by", 0), _("Somebody")), "need": _need(facts, names)}
    text = _("%(who)s asks you to see to a need: %(need)s.") % values
    return Told(icon="bulb", text=text, url=_need_url(notice, facts, names), bar="watch")


def _need_undecided(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("Nobody decided in time about a need: %(need)s.") % {"need": _need(facts, names)}
    return Told(icon="alarm", text=text, url=_need_url(notice, facts, names), bar="at_risk")


def _need_broken(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("What was promised is not delivered: %(need)s.") % {"need": _need(facts, names)}
    return Told(icon="alarm", text=text, url=_need_url(notice, facts, names), bar="critical")


def _need(facts: Facts, names: Names) -> str:
    return names.needs.get(facts.get("need", 0), _("a need you do not see"))


def _need_url(notice: Notice, facts: Facts, names: Names) -> str:
    pk = facts.get("need")
    return reverse("need", args=[pk]) if pk in names.needs else customer_url(notice)


def _contract_ending(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("A contract ends soon, or its notice is due: %(contract)s.") % {
        "contract": _contract(facts, names)
    }
    return Told(icon="file-text", text=text, url=_contract_url(notice, facts, names), bar="watch")


def _contract_over(notice: Notice, facts: Facts, names: Names) -> Told:
    text = _("A contract ended and is not renewed: %(contract)s.") % {"contract": _contract(facts, names)}
    return Told(icon="alarm", text=text, url=_contract_url(notice, facts, names), bar="critical")


def _contract(facts: Facts, names: Names) -> str:
    return names.contracts.get(facts.get("contract", 0), _("a contract you do not see"))


def _contract_url(notice: Notice, facts: Facts, names: Names) -> str:
    pk = facts.get("contract")
    return reverse("contract", args=[pk]) if pk in names.contracts else customer_url(notice)


def _competitor_rising(notice: Notice, facts: Facts, names: Names) -> Told:
    rivals = pgettext("list", ", ").join(facts.get("names", []))
    text = _("%(customer)s buys more than a quarter ago of %(competitors)s.") % {
        "customer": notice.customer.short_name if notice.customer else _("A customer"),
        "competitors": rivals,
    }
    url = reverse("customer_deals", args=[notice.customer_id]) if notice.customer_id else ""
    return Told(icon="trending-up", text=text, url=url, bar="at_risk")


WORDS: dict[str, Callable[[Notice, Facts, Names], Told]] = {
    "need_owned": _need_owned,
    "need_undecided": _need_undecided,
    "need_broken_promise": _need_broken,
    "contract_ending": _contract_ending,
    "contract_over": _contract_over,
    "competitor_rising": _competitor_rising,
}
