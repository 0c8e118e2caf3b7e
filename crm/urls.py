"""Every address of the product."""

from django.urls import include, path

from crm.views import explanations, health, home, jobs, people, teams, tokens

urlpatterns = [
    path("", home.home, name="home"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    # People who log in
    path("people/", people.people, name="users"),
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
    # Every number opens
    path("customers/<int:pk>/explain/<slug:what>/", explanations.explanation, name="explanation"),
    # Jobs
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/start", jobs.start, name="job_start"),
    path("jobs/<int:pk>", jobs.job, name="job"),
    path("jobs/<int:pk>/retry", jobs.retry, name="job_retry"),
    path("jobs/<int:pk>/cancel", jobs.cancel, name="job_cancel"),
    # REST API
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<slug:key>/revoke", tokens.revoke, name="token_revoke"),
    path("api/v1/", include("crm.api.urls")),
]
