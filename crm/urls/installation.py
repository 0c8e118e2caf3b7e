"""Addresses of people who log in, jobs, files, the state of the installation, tokens."""

from django.urls import include, path

from crm.views import (
    imports,
    jobs,
    people,
    status,
    teams,
    tokens,
)

urlpatterns = [
    # People who log in
    path("people/", people.people, name="users"),
    path("people/options", people.user_options, name="user_options"),
    path("people/new", people.new_user, name="user_new"),
    path("people/<int:pk>", people.user, name="user"),
    path("people/<int:pk>/invite", people.invite, name="user_invite"),
    path("people/<int:pk>/deactivate", people.deactivate, name="user_deactivate"),
    path("people/<int:pk>/reactivate", people.reactivate, name="user_reactivate"),
    path("people/<int:pk>/hand-over", people.hand_over, name="user_hand_over"),
    path("teams/", teams.teams, name="teams"),
    path("teams/new", teams.new_team, name="team_new"),
    path("teams/<int:pk>", teams.team, name="team"),
    path("teams/<int:pk>/delete", teams.delete_team, name="team_delete"),
    path("profile", people.profile, name="profile"),
    path("i18n/setlang/", people.set_language, name="set_language"),
    path("accounts/email/", people.email_address, name="account_email"),
    path("accounts/", include("allauth.urls")),
    # Jobs
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/start", jobs.start, name="job_start"),
    path("jobs/<int:pk>", jobs.job, name="job"),
    path("jobs/<int:pk>/retry", jobs.retry, name="job_retry"),
    path("jobs/<int:pk>/cancel", jobs.cancel, name="job_cancel"),
    # The state of the installation
    path("status/", status.status, name="status"),
    path("metrics", status.metrics, name="metrics"),
    # Orders from a file
    path("imports/", imports.imports, name="imports"),
    path("imports/new", imports.upload, name="import_new"),
    path("imports/<int:pk>", imports.one_import, name="import"),
    path("imports/<int:pk>/cancel", imports.cancel, name="import_cancel"),
    path("imports/<int:pk>/refused.csv", imports.refused_csv, name="import_refused"),
    path("imports/<int:pk>/file", imports.file, name="import_file"),
    # REST API
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<slug:key>/revoke", tokens.revoke, name="token_revoke"),
    path("api/v1/", include("crm.api.urls")),
]
