"""What interactions cost: an admin says which activity each kind uses."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import access
from accounts.interactions.costing import set_activities
from crm.forms.interaction_costs import KindActivitiesForm
from crm.views.request import UserRequest
from crm.views.writing import page_or_post, status_of


@page_or_post
def interaction_costs(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_costs(request.user))
    form = KindActivitiesForm(request.POST or None)
    if form.is_valid():
        set_activities(form.chosen())
        messages.success(request, _("Saved. It holds for what is logged from now on."))
        return redirect("interaction_costs")
    context = {"form": form, "is_offered": form.is_offered}
    return render(request, "interactions/costs.html", context, status=status_of(form))
