"""Addresses of what needs somebody, what somebody promised, and search."""

from django.urls import path

from crm.views import (
    actions,
    appointments,
    health,
    home,
    notices,
    playbooks,
    reminders,
    search,
    today,
)

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
    # Search over everything
    path("search/", search.search, name="search"),
    path("search/palette", search.palette, name="search_palette"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    # What somebody promised to do
    path("actions/", actions.actions, name="actions"),
    path("actions/new", actions.action_new, name="action_new"),
    path("actions/change", actions.actions_change, name="actions_change"),
    path("customers/<int:pk>/actions", actions.customer_actions, name="customer_actions"),
    path("actions/<int:pk>", actions.action, name="action"),
    path("actions/<int:pk>/done", actions.action_done, name="action_done"),
    path("actions/<int:pk>/drop", actions.action_drop, name="action_drop"),
    # Meetings that are to come
    path("customers/<int:pk>/appointments/new", appointments.appointment_new, name="appointment_new"),
    path("appointments/<int:pk>", appointments.appointment, name="appointment"),
    path("appointments/<int:pk>/cancel", appointments.appointment_cancel, name="appointment_cancel"),
    path("appointments/<int:pk>/again", appointments.appointment_write_again, name="appointment_write_again"),
    # Playbooks
    path("playbooks/", playbooks.playbooks, name="playbooks"),
    path("playbooks/new", playbooks.playbook_new, name="playbook_new"),
    path("playbooks/<int:pk>", playbooks.playbook, name="playbook"),
    path("playbooks/<int:pk>/switch", playbooks.playbook_switch, name="playbook_switch"),
    path("customers/<int:pk>/playbooks/start", playbooks.playbook_start, name="playbook_start"),
    path("customers/<int:pk>/playbooks/<int:run>/stop", playbooks.playbook_stop, name="playbook_stop"),
    # Reminders outside the product
    path("account/reminders/", reminders.reminders, name="reminders"),
    path("account/reminders/calendar", reminders.feed_new, name="feed_new"),
    path("account/reminders/calendar/revoke", reminders.feed_revoke, name="feed_revoke"),
    path("calendar/<str:token>.ics", reminders.calendar_feed, name="calendar_feed"),
    path("digest/<str:token>/stop", reminders.digest_stop, name="digest_stop"),
]
