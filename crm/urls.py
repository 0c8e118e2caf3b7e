"""Every address of the product."""

from django.conf import settings
from django.urls import include, path, re_path

from crm.views import (
    cases,
    contacts,
    costs,
    customers,
    errors,
    explanations,
    frame,
    health,
    home,
    imports,
    interactions,
    jobs,
    listening,
    notices,
    orders,
    outbox,
    people,
    projects,
    respondents,
    satisfaction,
    status,
    survey,
    survey_confirm,
    survey_stop,
    teams,
    today,
    tokens,
)

handler400 = errors.bad_request
handler500 = errors.server_error

urlpatterns = [
    path("", home.home, name="home"),
    # Today, and what others did
    path("today/", today.today, name="today"),
    path("today/snooze", today.snooze, name="snooze"),
    path("today/unsnooze", today.unsnooze, name="unsnooze"),
    path("customers/<int:pk>/flag/acknowledge", today.flag_acknowledge, name="flag_acknowledge"),
    path("interactions/<uuid:identity>/follow-up", today.follow_up_done, name="follow_up_done"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read", notices.notices_read, name="notices_read"),
    path("notices/<int:pk>", notices.notice_open, name="notice_open"),
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
    # Customers
    path("customers/", customers.customers, name="customers"),
    path("customers/export.csv", customers.customers_csv, name="customers_csv"),
    path("customers/options", customers.customer_options, name="customer_options"),
    path("customers/new", customers.customer_new, name="customer_new"),
    path("customers/<int:pk>", customers.customer, name="customer"),
    path("customers/<int:pk>/standing", customers.customer_standing, name="customer_standing"),
    path("customers/<int:pk>/edit", customers.customer_edit, name="customer_edit"),
    path("customers/<int:pk>/former-names/new", customers.former_name_new, name="former_name_new"),
    path("customers/<int:pk>/people", customers.customer_people, name="customer_people"),
    path("customers/<int:pk>/projects", customers.customer_projects, name="customer_projects"),
    path("customers/<int:pk>/orders", customers.customer_orders, name="customer_orders"),
    path("customers/<int:pk>/satisfaction", customers.customer_satisfaction, name="customer_satisfaction"),
    path(
        "customers/<int:pk>/satisfaction.csv",
        customers.customer_satisfaction_csv,
        name="customer_satisfaction_csv",
    ),
    path("customers/<int:pk>/history", customers.customer_history, name="customer_history"),
    # Listening
    path("listening/", listening.listening, name="listening"),
    path("customers/<int:pk>/listening", listening.customer_listening, name="customer_listening"),
    path("customers/<int:pk>/measured.csv", listening.customer_measured_csv, name="customer_measured_csv"),
    # Contacts
    path("customers/<int:pk>/contacts/new", contacts.contact_new, name="contact_new"),
    path("contacts/<int:pk>", contacts.contact, name="contact"),
    path("contacts/<int:pk>/edit", contacts.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/left", contacts.contact_left, name="contact_left"),
    path("contacts/<int:pk>/back", contacts.contact_back, name="contact_back"),
    # Projects
    path("projects/", projects.projects, name="projects"),
    path("customers/<int:pk>/projects/new", projects.project_new, name="project_new"),
    path("projects/<int:pk>", projects.project, name="project"),
    path("projects/<int:pk>/edit", projects.project_edit, name="project_edit"),
    # The weekly review, and whom we ask
    path("satisfaction/", satisfaction.satisfaction, name="satisfaction"),
    path("satisfaction/export.csv", satisfaction.satisfaction_csv, name="satisfaction_csv"),
    path("projects/<int:pk>/satisfaction", satisfaction.project_satisfaction, name="project_satisfaction"),
    path("projects/<int:pk>/respondents", respondents.project_respondents, name="project_respondents"),
    path("respondents/<int:pk>/state", respondents.respondent_change, name="respondent_change"),
    # Interactions
    path("log", interactions.quick_log, name="quick_log"),
    path("customers/<int:pk>/interactions/new", interactions.interaction_new, name="interaction_new"),
    path("interactions/<uuid:identity>", interactions.interaction, name="interaction"),
    path("interactions/<uuid:identity>/edit", interactions.interaction_edit, name="interaction_edit"),
    path("interactions/<uuid:identity>/delete", interactions.interaction_delete, name="interaction_delete"),
    path(
        "customers/<int:pk>/interactions/<uuid:identity>/deleted",
        interactions.interaction_deleted,
        name="interaction_deleted",
    ),
    # Orders
    path("customers/<int:pk>/orders/new", orders.order_new, name="order_new"),
    path("orders/<int:pk>/edit", orders.order_edit, name="order_edit"),
    path("orders/<int:pk>/delete", orders.order_delete, name="order_delete"),
    # Cost to serve
    path("costs/", costs.costs, name="costs"),
    path("costs/new", costs.activity_new, name="activity_new"),
    path("costs/<int:pk>", costs.activity, name="activity"),
    path("costs/<int:pk>/rates", costs.activity_rate, name="activity_rate"),
    path("costs/<int:pk>/rates/<int:rate>/withdraw", costs.rate_withdraw, name="rate_withdraw"),
    path("customers/<int:pk>/costs", costs.customer_costs, name="customer_costs"),
    path("customers/<int:pk>/costs/<int:usage>/remove", costs.usage_remove, name="usage_remove"),
    path("customers/<int:pk>/costs.csv", costs.customer_costs_csv, name="customer_costs_csv"),
    # Every number opens
    path("customers/<int:pk>/explain/<slug:what>/", explanations.explanation, name="explanation"),
    # Corrective actions
    path("cases/", cases.cases, name="cases"),
    path("cases/export.csv", cases.cases_csv, name="cases_csv"),
    path("cases/<int:pk>", cases.case, name="case"),
    path("cases/<int:pk>/acknowledge", cases.case_acknowledge, name="case_acknowledge"),
    path("cases/<int:pk>/plan", cases.case_plan, name="case_plan"),
    path("cases/<int:pk>/advance", cases.case_advance, name="case_advance"),
    path("cases/<int:pk>/comment", cases.case_comment, name="case_comment"),
    path("cases/<int:pk>/assign", cases.case_assign, name="case_assign"),
    # The respondent's page
    path("s/c/<str:token>", survey_confirm.survey_confirm, name="survey_confirm"),
    path("s/<str:token>", survey.survey, name="survey"),
    path("s/<str:token>/stop", survey_stop.survey_stop, name="survey_stop"),
    path("s/<str:token>/cases/<int:pk>", survey.survey_case, name="survey_case"),
    re_path(r"^[sS](?:/(?P<link>(?s:.*)))?$", survey.lost_link, name="survey_lost"),
    # Letters to respondents
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>", outbox.message, name="outbox_message"),
    path("outbox/<int:pk>/send-again", outbox.send_again, name="outbox_send_again"),
    path("outbox/letters/", outbox.letters, name="outbox_letters"),
    path("outbox/letters/<slug:name>", outbox.letter, name="outbox_letter"),
    path("outbox/letters/<slug:name>/html", outbox.letter_html, name="outbox_letter_html"),
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
if settings.DEBUG:
    urlpatterns.append(path("gallery/", frame.gallery, name="gallery"))
