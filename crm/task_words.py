"""What the workers' tasks do, for people: their names are code."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "crm.tasks.ask_about_occasions": _("Ask about what happened"),
    "crm.tasks.change_customers": _("Change many customers"),
    "crm.tasks.follow_playbooks": _("Start and end playbooks"),
    "crm.tasks.invite": _("Find letters that are due"),
    "crm.tasks.refresh_company_index": _("Refresh the company's index"),
    "crm.tasks.requeue_expired_changes": _("Take up changes that stopped"),
    "crm.tasks.remove_deleted": _("Remove deleted files"),
    "crm.tasks.requeue_expired_imports": _("Take up imports that stopped"),
    "crm.tasks.ring_clocks": _("Watch the clocks"),
    "crm.tasks.run_import": _("Import a file"),
    "crm.tasks.send_digests": _("Send the letters of the day"),
    "crm.tasks.send_invitation": _("Send a letter to a contact"),
    "crm.tasks.send_mail": _("Send a letter to a user"),
    "crm.tasks.take_bounces": _("Read letters that came back"),
    "scoring.tasks.drop_old_runs": _("Delete old scores"),
    "scoring.tasks.open_nightly_run": _("Begin the nightly run"),
    "scoring.tasks.requeue_expired_shards": _("Take up parts of a run that stopped"),
    "scoring.tasks.rescore_customers": _("Compute scores after a change"),
    "scoring.tasks.run_shard": _("Compute a part of a run"),
    "scoring.tasks.sweep_stale": _("Compute scores that are out of date"),
}
