"""The permission table: address x method x person -> answer.

owner keeps ``customer``; mate is in his team, lead leads it; stranger keeps another customer; manager
manages a project of ``customer``, member works in it. Every address with a key asks for ``customer``, its
contact, project, interaction and order, or for the person and team named in KEYS.

An answer is a status, or "login": the way to the log-in page. "=" repeats the answer before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from accounts.actions.models import Action
from accounts.actions.services import add_action
from accounts.appointments.models import Appointment, AppointmentKind, AppointmentLetter
from accounts.appointments.services import AppointmentFacts, plan_appointment
from accounts.contacts.models import Contact, Level
from accounts.costs.models import ActivityRate, ActivityUsage, CostPool, Driver
from accounts.costs.services import UsageFacts, add_activity, add_usage, set_rate
from accounts.files.models import Attachment
from accounts.files.services import add_file
from accounts.imports.models import Import, ImportKind
from accounts.interactions.models import Interaction, KindTemplate
from accounts.occasions.facts import survey_facts_of
from accounts.occasions.models import OccasionInvitation
from accounts.orders.models import Order
from accounts.playbooks.models import Doer, Playbook, PlaybookRun, Trigger
from accounts.playbooks.services import PlaybookFacts, StepFacts, Words, save_playbook, start_runs
from accounts.projects.models import FunctionalRole, Project, ProjectMember
from accounts.reminding.services import make_feed
from accounts.surveys.links import hashed
from accounts.surveys.models import (
    CaseState,
    ConfirmationRequest,
    CorrectiveAction,
    HolidayCalendar,
    Invitation,
    ProgrammeVersion,
    Referral,
    Respondent,
)
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    ask_customer,
    ensure_programme,
    issue_confirmation_token,
    issue_token,
    make_invitations,
    name_respondent,
    propose,
    publish_version,
    start_draft,
    start_meeting,
)
from accounts.surveys.services.calendars import create_calendar
from accounts.surveys.standard import STANDARD, facts_of
from accounts.users.models import Team, User
from accounts.voice.models import Voice, VoiceKind
from accounts.voice.services import VoiceFacts, add_voice
from crm.mail.digest import stop_url
from scoring.models import RunKind, ScoringRun
from scoring.policy import active_policy
from tests.accounts.surveys import office as surveys
from tests.conftest import MONDAY, World
from tests.crm import asked as asking
from tests.crm import links, listed
from tests.house import wanted

PEOPLE = ("nobody", "stranger", "mate", "member", "manager", "owner", "lead", "executive", "admin")

TABLE = """
# address                              method nobody strngr mate  membr mangr owner lead  exec  admin
health_live                            GET    200   200   =     =     =     =     =     =     =
health_live                            POST   405   405   =     =     =     =     =     =     =
health_ready                           GET    200   200   =     =     =     =     =     =     =
health_ready                           POST   405   405   =     =     =     =     =     =     =
metrics                                GET    200   200   =     =     =     =     =     =     =
metrics                                POST   405   405   =     =     =     =     =     =     =
users                                  GET    login 404   =     =     =     =     =     =     200
users                                  POST   login 405   =     =     =     =     =     =     =
user_new                               GET    login 404   =     =     =     =     =     =     200
user_new                               POST   login 404   =     =     =     =     =     =     302
user                                   GET    login 404   =     =     =     =     =     =     200
user                                   POST   login 404   =     =     =     =     =     =     302
user_invite                            GET    login 405   =     =     =     =     =     =     =
user_invite                            POST   login 404   =     =     =     =     =     =     302
user_deactivate                        GET    login 405   =     =     =     =     =     =     =
user_deactivate                        POST   login 404   =     =     =     =     =     =     302
user_reactivate                        GET    login 405   =     =     =     =     =     =     =
user_reactivate                        POST   login 404   =     =     =     =     =     =     302
user_hand_over                         GET    login 404   =     =     =     =     =     =     200
user_hand_over                         POST   login 404   =     =     =     =     =     =     302
teams                                  GET    login 404   =     =     =     =     =     =     200
teams                                  POST   login 405   =     =     =     =     =     =     =
team_new                               GET    login 404   =     =     =     =     =     =     200
team_new                               POST   login 404   =     =     =     =     =     =     302
team                                   GET    login 404   =     =     =     =     =     =     200
team                                   POST   login 404   =     =     =     =     =     =     302
team_delete                            GET    login 405   =     =     =     =     =     =     =
team_delete                            POST   login 404   =     =     =     =     =     =     302
profile                                GET    login 200   =     =     =     =     =     =     =
profile                                POST   login 302   =     =     =     =     =     =     =
set_language                           GET    405   405   =     =     =     =     =     =     =
set_language                           POST   302   302   =     =     =     =     =     =     =
account_email                          GET    login 302   =     =     =     =     =     =     =
account_email                          POST   login 405   =     =     =     =     =     =     =
account_login                          GET    200   302   =     =     =     =     =     =     =
account_login                          POST   200   302   =     =     =     =     =     =     =
account_logout                         GET    302   200   =     =     =     =     =     =     =
account_logout                         POST   302   302   =     =     =     =     =     =     =
account_inactive                       GET    200   200   =     =     =     =     =     =     =
account_inactive                       POST   405   405   =     =     =     =     =     =     =
account_signup                         GET    200   302   =     =     =     =     =     =     =
account_signup                         POST   200   302   =     =     =     =     =     =     =
account_reauthenticate                 GET    login 200   =     =     =     =     =     =     =
account_reauthenticate                 POST   login 200   =     =     =     =     =     =     =
account_email_verification_sent        GET    200   200   =     =     =     =     =     =     =
account_email_verification_sent        POST   405   405   =     =     =     =     =     =     =
account_change_password                GET    login 200   =     =     =     =     =     =     =
account_change_password                POST   login 200   =     =     =     =     =     =     =
account_set_password                   GET    login 302   =     =     =     =     =     =     =
account_set_password                   POST   login 302   =     =     =     =     =     =     =
account_reset_password                 GET    200   200   =     =     =     =     =     =     =
account_reset_password                 POST   200   200   =     =     =     =     =     =     =
account_confirm_login_code             GET    login 302   =     =     =     =     =     =     =
account_confirm_login_code             POST   login 302   =     =     =     =     =     =     =
account_confirm_email                  GET    200   200   =     =     =     =     =     =     =
account_confirm_email                  POST   404   404   =     =     =     =     =     =     =
account_reset_password_from_key_done   GET    200   200   =     =     =     =     =     =     =
account_reset_password_from_key_done   POST   405   405   =     =     =     =     =     =     =
account_reset_password_from_key        GET    200   200   =     =     =     =     =     =     =
account_reset_password_from_key        POST   200   200   =     =     =     =     =     =     =
account_reset_password_done            GET    200   200   =     =     =     =     =     =     =
account_reset_password_done            POST   405   405   =     =     =     =     =     =     =
mfa_index                              GET    login 200   =     =     =     =     =     =     =
mfa_index                              POST   login 405   =     =     =     =     =     =     =
mfa_authenticate                       GET    login 302   =     =     =     =     =     =     =
mfa_authenticate                       POST   login 302   =     =     =     =     =     =     =
mfa_reauthenticate                     GET    login 302   =     =     =     =     =     =     =
mfa_reauthenticate                     POST   login 302   =     =     =     =     =     =     =
mfa_activate_totp                      GET    login 302   =     =     =     =     =     =     =
mfa_activate_totp                      POST   login 302   =     =     =     =     =     =     =
mfa_deactivate_totp                    GET    login 404   =     =     =     =     =     =     =
mfa_deactivate_totp                    POST   login 404   =     =     =     =     =     =     =
mfa_view_recovery_codes                GET    login 404   =     =     =     =     =     =     =
mfa_view_recovery_codes                POST   login 405   =     =     =     =     =     =     =
mfa_generate_recovery_codes            GET    login 302   =     =     =     =     =     =     =
mfa_generate_recovery_codes            POST   login 302   =     =     =     =     =     =     =
mfa_download_recovery_codes            GET    login 404   =     =     =     =     =     =     =
mfa_download_recovery_codes            POST   login 404   =     =     =     =     =     =     =
mfa_list_webauthn                      GET    login 200   =     =     =     =     =     =     =
mfa_list_webauthn                      POST   login 405   =     =     =     =     =     =     =
mfa_add_webauthn                       GET    login 302   =     =     =     =     =     =     =
mfa_add_webauthn                       POST   login 302   =     =     =     =     =     =     =
mfa_reauthenticate_webauthn            GET    login 302   =     =     =     =     =     =     =
mfa_reauthenticate_webauthn            POST   login 302   =     =     =     =     =     =     =
mfa_remove_webauthn                    GET    login 302   =     =     =     =     =     =     =
mfa_remove_webauthn                    POST   login 302   =     =     =     =     =     =     =
mfa_edit_webauthn                      GET    login 302   =     =     =     =     =     =     =
mfa_edit_webauthn                      POST   login 302   =     =     =     =     =     =     =
mfa_login_webauthn                     GET    login 302   =     =     =     =     =     =     =
mfa_login_webauthn                     POST   login 302   =     =     =     =     =     =     =
home                                   GET    login 302   =     =     =     =     =     =     =
home                                   POST   login 405   =     =     =     =     =     =     =
status                                 GET    login 404   =     =     =     =     =     =     200
status                                 POST   login 405   =     =     =     =     =     =     =
today                                  GET    login 200   =     =     =     =     =     =     =
today                                  POST   login 405   =     =     =     =     =     =     =
snooze                                 GET    login 405   =     =     =     =     =     =     =
snooze                                 POST   login 404   =     =     302   404   =     =     302
unsnooze                               GET    login 405   =     =     =     =     =     =     =
unsnooze                               POST   login 302   =     =     =     =     =     =     =
flag_acknowledge                       GET    login 405   =     =     =     =     =     =     =
flag_acknowledge                       POST   login 404   =     403   =     302   =     403   302
follow_up_done                         GET    login 405   =     =     =     =     =     =     =
follow_up_done                         POST   login 404   =     403   =     302   =     403   302
notices                                GET    login 200   =     =     =     =     =     =     =
notices                                POST   login 405   =     =     =     =     =     =     =
notices_read                           GET    login 302   =     =     =     =     =     =     =
notices_read                           POST   login 302   =     =     =     =     =     =     =
notice_open                            GET    login 302   =     =     =     =     =     =     =
notice_open                            POST   login 404   =     =     =     =     =     =     =
customers                              GET    login 200   =     =     =     =     =     =     =
customers                              POST   login 405   =     =     =     =     =     =     =
customers_csv                          GET    login 200   =     =     =     =     =     =     =
customers_csv                          POST   login 405   =     =     =     =     =     =     =
customers_xlsx                         GET    login 200   =     =     =     =     =     =     =
customers_xlsx                         POST   login 405   =     =     =     =     =     =     =
customers_filters                      GET    login 200   =     =     =     =     =     =     =
customers_filters                      POST   login 405   =     =     =     =     =     =     =
customers_columns                      GET    login 200   =     =     =     =     =     =     =
customers_columns                      POST   login 302   =     =     =     =     =     =     =
customers_change                       GET    login 200   =     =     =     =     =     =     =
customers_change                       POST   login 200   =     =     =     =     =     =     =
bulk_change                            GET    login 404   =     =     =     200   404   =     =
bulk_change                            POST   login 405   =     =     =     =     =     =     =
bulk_change_undo                       GET    login 405   =     =     =     =     =     =     =
bulk_change_undo                       POST   login 404   =     =     =     302   404   =     =
saved_views                            GET    login 200   =     =     =     =     =     =     =
saved_views                            POST   login 405   =     =     =     =     =     =     =
saved_view_new                         GET    login 200   =     =     =     =     =     =     =
saved_view_new                         POST   login 200   =     =     =     =     =     =     =
saved_view                             GET    login 403   =     =     =     200   403   =     200
saved_view                             POST   login 403   =     =     =     200   403   =     200
saved_view_update                      GET    login 405   =     =     =     =     =     =     =
saved_view_update                      POST   login 403   =     =     =     302   403   =     302
saved_view_delete                      GET    login 405   =     =     =     =     =     =     =
saved_view_delete                      POST   login 403   =     =     =     302   403   =     302
saved_view_restore                     GET    login 405   =     =     =     =     =     =     =
saved_view_restore                     POST   login 404   =     =     =     302   404   =     302
custom_fields                          GET    login 404   =     =     =     =     =     =     200
custom_fields                          POST   login 405   =     =     =     =     =     =     =
custom_field_new                       GET    login 404   =     =     =     =     =     =     200
custom_field_new                       POST   login 404   =     =     =     =     =     =     200
custom_field                           GET    login 404   =     =     =     =     =     =     200
custom_field                           POST   login 404   =     =     =     =     =     =     200
custom_field_archive                   GET    login 405   =     =     =     =     =     =     =
custom_field_archive                   POST   login 404   =     =     =     =     =     =     302
search                                 GET    login 200   =     =     =     =     =     =     =
search                                 POST   login 405   =     =     =     =     =     =     =
search_palette                         GET    login 200   =     =     =     =     =     =     =
search_palette                         POST   login 405   =     =     =     =     =     =     =
customer_options                       GET    login 200   =     =     =     =     =     =     =
customer_options                       POST   login 405   =     =     =     =     =     =     =
user_options                           GET    login 200   =     =     =     =     =     =     =
user_options                           POST   login 405   =     =     =     =     =     =     =
customer_new                           GET    login 200   =     403   =     200   =     403   200
customer_new                           POST   login 200   =     403   =     200   =     403   200
customer_standing                      GET    login 404   =     200   =     =     =     =     =
customer_standing                      POST   login 405   =     =     =     =     =     =     =
customer                               GET    login 404   =     200   =     =     =     =     =
customer                               POST   login 405   =     =     =     =     =     =     =
customer_edit                          GET    login 404   =     403   =     200   =     403   200
customer_edit                          POST   login 404   =     403   =     200   =     403   200
customer_fact                          GET    login 404   =     403   =     200   =     403   200
customer_fact                          POST   login 404   =     403   =     200   =     403   200
former_name_new                        GET    login 404   =     403   =     200   =     403   200
former_name_new                        POST   login 404   =     403   =     200   =     403   200
customer_people                        GET    login 404   =     200   =     =     =     =     =
customer_people                        POST   login 405   =     =     =     =     =     =     =
customer_projects                      GET    login 404   =     200   =     =     =     =     =
customer_projects                      POST   login 405   =     =     =     =     =     =     =
customer_orders                        GET    login 404   =     200   =     =     =     =     =
customer_orders                        POST   login 405   =     =     =     =     =     =     =
customer_satisfaction                  GET    login 404   =     200   =     =     =     =     =
customer_satisfaction                  POST   login 405   =     =     =     =     =     =     =
customer_satisfaction_csv              GET    login 404   =     200   =     =     =     =     =
customer_satisfaction_csv              POST   login 405   =     =     =     =     =     =     =
listening                              GET    login 200   =     =     =     =     =     =     =
listening                              POST   login 405   =     =     =     =     =     =     =
voices                                 GET    login 200   =     =     =     =     =     =     =
voices                                 POST   login 405   =     =     =     =     =     =     =
voices_csv                             GET    login 200   =     =     =     =     =     =     =
voices_csv                             POST   login 405   =     =     =     =     =     =     =
voice_choose                           GET    login 200   =     =     =     =     =     =     =
voice_choose                           POST   login 405   =     =     =     =     =     =     =
voice_new                              GET    login 404   =     403   200   =     =     =     =
voice_new                              POST   login 404   =     403   302   =     =     =     =
voice                                  GET    login 404   =     200   =     =     =     =     =
voice                                  POST   login 405   =     =     =     =     =     =     =
voice_edit                             GET    login 404   =     403   200   =     =     =     =
voice_edit                             POST   login 404   =     403   302   =     =     =     =
voice_answer                           GET    login 302   =     =     =     =     =     =     =
voice_answer                           POST   login 404   =     403   302   =     =     =     =
voice_reopen                           GET    login 302   =     =     =     =     =     =     =
voice_reopen                           POST   login 404   =     403   302   =     =     =     =
needs                                  GET    login 200   =     =     =     =     =     =     =
needs                                  POST   login 405   =     =     =     =     =     =     =
needs_csv                              GET    login 200   =     =     =     =     =     =     =
needs_csv                              POST   login 405   =     =     =     =     =     =     =
needs_xlsx                             GET    login 200   =     =     =     =     =     =     =
needs_xlsx                             POST   login 405   =     =     =     =     =     =     =
need_board                             GET    login 200   =     =     =     =     =     =     =
need_board                             POST   login 405   =     =     =     =     =     =     =
need_demand                            GET    login 200   =     =     =     =     =     =     =
need_demand                            POST   login 405   =     =     =     =     =     =     =
need_demand_csv                        GET    login 200   =     =     =     =     =     =     =
need_demand_csv                        POST   login 405   =     =     =     =     =     =     =
need_choose                            GET    login 200   =     =     =     =     =     =     =
need_choose                            POST   login 405   =     =     =     =     =     =     =
customer_needs                         GET    login 404   =     200   =     =     =     =     =
customer_needs                         POST   login 405   =     =     =     =     =     =     =
need_new                               GET    login 404   =     403   200   =     =     =     =
need_new                               POST   login 404   =     403   302   =     =     =     =
need                                   GET    login 404   =     200   =     =     =     =     =
need                                   POST   login 405   =     =     =     =     =     =     =
need_edit                              GET    login 404   =     403   200   =     =     =     =
need_edit                              POST   login 404   =     403   302   =     =     =     =
need_triage                            GET    login 302   =     =     =     =     =     =     =
need_triage                            POST   login 404   =     403   302   =     =     =     =
need_promise                           GET    login 302   =     =     =     =     =     =     =
need_promise                           POST   login 404   =     403   302   =     =     =     =
need_deliver                           GET    login 302   =     =     =     =     =     =     =
need_deliver                           POST   login 404   =     403   302   =     =     =     =
need_confirm                           GET    login 302   =     =     =     =     =     =     =
need_confirm                           POST   login 404   =     403   302   =     =     =     =
need_back                              GET    login 302   =     =     =     =     =     =     =
need_back                              POST   login 404   =     403   302   =     =     =     =
contracts                              GET    login 200   =     =     =     =     =     =     =
contracts                              POST   login 405   =     =     =     =     =     =     =
contracts_csv                          GET    login 200   =     =     =     =     =     =     =
contracts_csv                          POST   login 405   =     =     =     =     =     =     =
contracts_xlsx                         GET    login 200   =     =     =     =     =     =     =
contracts_xlsx                         POST   login 405   =     =     =     =     =     =     =
opportunities                          GET    login 200   =     =     =     =     =     =     =
opportunities                          POST   login 405   =     =     =     =     =     =     =
opportunities_csv                      GET    login 200   =     =     =     =     =     =     =
opportunities_csv                      POST   login 405   =     =     =     =     =     =     =
opportunities_xlsx                     GET    login 200   =     =     =     =     =     =     =
opportunities_xlsx                     POST   login 405   =     =     =     =     =     =     =
customer_deals                         GET    login 404   =     200   =     =     =     =     =
customer_deals                         POST   login 405   =     =     =     =     =     =     =
contract_new                           GET    login 404   =     403   =     200   =     403   200
contract_new                           POST   login 404   =     403   =     302   =     403   302
supply_say                             GET    login 404   =     403   =     200   =     403   200
supply_say                             POST   login 404   =     403   =     302   =     403   302
contract_edit                          GET    login 404   =     403   =     200   =     403   200
contract_edit                          POST   login 404   =     403   =     302   =     403   302
opportunity_new                        GET    login 404   =     403   200   =     =     =     =
opportunity_new                        POST   login 404   =     403   302   =     =     =     =
contract                               GET    login 404   =     200   =     =     =     =     =
contract                               POST   login 405   =     =     =     =     =     =     =
contract_end                           GET    login 302   =     =     =     =     =     =     =
contract_end                           POST   login 404   =     403   =     302   =     403   302
opportunity                            GET    login 404   =     200   =     =     =     =     =
opportunity                            POST   login 404   =     403   302   =     =     =     =
customer_listening                     GET    login 404   =     200   =     =     =     =     =
customer_listening                     POST   login 405   =     =     =     =     =     =     =
customer_measured_csv                  GET    login 404   =     200   =     =     =     =     =
customer_measured_csv                  POST   login 405   =     =     =     =     =     =     =
customer_costs                         GET    login 404   =     403   =     200   =     =     =
customer_costs                         POST   login 405   =     =     =     =     =     =     =
customer_costs_csv                     GET    login 404   =     403   =     200   =     =     =
customer_costs_csv                     POST   login 405   =     =     =     =     =     =     =
usage_remove                           GET    login 405   =     =     =     =     =     =     =
usage_remove                           POST   login 404   =     403   =     =     =     =     302
customer_history                       GET    login 404   =     200   =     =     =     =     =
customer_history                       POST   login 405   =     =     =     =     =     =     =
contact_new                            GET    login 404   =     403   =     200   =     403   200
contact_new                            POST   login 404   =     403   =     200   =     403   200
contact                                GET    login 404   =     200   =     =     =     =     =
contact                                POST   login 405   =     =     =     =     =     =     =
contact_edit                           GET    login 404   =     403   =     200   =     403   200
contact_edit                           POST   login 404   =     403   =     200   =     403   200
contact_fact                           GET    login 404   =     403   =     200   =     403   200
contact_fact                           POST   login 404   =     403   =     200   =     403   200
contact_left                           GET    login 404   =     403   =     200   =     403   200
contact_left                           POST   login 404   =     403   =     302   =     403   302
contact_move                           GET    login 404   =     403   =     200   =     403   200
contact_move                           POST   login 404   =     403   =     200   =     403   200
contact_back                           GET    login 405   =     =     =     =     =     =     =
contact_back                           POST   login 404   =     403   =     302   =     403   302
projects                               GET    login 200   =     =     =     =     =     =     =
projects                               POST   login 405   =     =     =     =     =     =     =
project_new                            GET    login 404   =     403   =     200   =     403   200
project_new                            POST   login 404   =     403   =     200   =     403   200
project                                GET    login 404   =     200   =     =     =     =     =
project                                POST   login 405   =     =     =     =     =     =     =
project_edit                           GET    login 404   =     403   200   =     =     403   200
project_edit                           POST   login 404   =     403   200   =     =     403   200
satisfaction                           GET    login 200   =     =     =     =     =     =     =
satisfaction                           POST   login 405   =     =     =     =     =     =     =
satisfaction_csv                       GET    login 200   =     =     =     =     =     =     =
satisfaction_csv                       POST   login 405   =     =     =     =     =     =     =
satisfaction_xlsx                      GET    login 200   =     =     =     =     =     =     =
satisfaction_xlsx                      POST   login 405   =     =     =     =     =     =     =
satisfaction_print                     GET    login 200   =     =     =     =     =     =     =
satisfaction_print                     POST   login 405   =     =     =     =     =     =     =
satisfaction_open                      GET    login 404   =     200   =     =     =     =     =
satisfaction_open                      POST   login 405   =     =     =     =     =     =     =
board_log                              GET    login 404   =     302   =     =     =     =     =
board_log                              POST   login 405   =     =     =     =     =     =     =
invitation_remind                      GET    login 405   =     =     =     =     =     =     =
invitation_remind                      POST   login 404   =     403   302   =     =     403   302
review_mark                            GET    login 405   =     =     =     =     =     =     =
review_mark                            POST   login 404   =     403   302   =     =     403   302
review_unmark                          GET    login 405   =     =     =     =     =     =     =
review_unmark                          POST   login 404   =     403   302   =     =     403   302
review_note                            GET    login 302   =     =     =     =     =     =     =
review_note                            POST   login 404   =     403   302   =     =     403   302
satisfaction_index                     GET    login 200   =     =     =     =     =     =     =
satisfaction_index                     POST   login 405   =     =     =     =     =     =     =
satisfaction_index_csv                 GET    login 200   =     =     =     =     =     =     =
satisfaction_index_csv                 POST   login 405   =     =     =     =     =     =     =
satisfaction_index_xlsx                GET    login 200   =     =     =     =     =     =     =
satisfaction_index_xlsx                POST   login 405   =     =     =     =     =     =     =
satisfaction_retention                 GET    login 200   =     =     =     =     =     =     =
satisfaction_retention                 POST   login 405   =     =     =     =     =     =     =
satisfaction_retention_csv             GET    login 200   =     =     =     =     =     =     =
satisfaction_retention_csv             POST   login 405   =     =     =     =     =     =     =
satisfaction_index_behind              GET    login 404   =     =     =     =     =     =     =
satisfaction_index_behind              POST   login 405   =     =     =     =     =     =     =
meetings                               GET    login 200   =     =     =     =     =     =     =
meetings                               POST   login 405   =     =     =     =     =     =     =
meeting_start                          GET    login 302   =     =     =     =     =     =     =
meeting_start                          POST   login 302   =     404   302   =     =     404   302
meeting                                GET    login 404   =     200   =     404   =     200   =
meeting                                POST   login 404   =     302   =     404   =     403   302
meeting_mode                           GET    login 404   =     200   =     404   =     200   =
meeting_mode                           POST   login 405   =     =     =     =     =     =     =
meeting_xlsx                           GET    login 404   =     200   =     404   =     200   =
meeting_xlsx                           POST   login 405   =     =     =     =     =     =     =
meeting_decide                         GET    login 302   =     =     =     =     =     =     =
meeting_decide                         POST   login 404   =     302   =     404   =     403   302
meeting_act                            GET    login 302   =     =     =     =     =     =     =
meeting_act                            POST   login 404   =     302   =     404   =     403   302
meeting_close                          GET    login 302   =     =     =     =     =     =     =
meeting_close                          POST   login 404   =     302   =     404   =     403   302
meeting_reopen                         GET    login 302   =     =     =     =     =     =     =
meeting_reopen                         POST   login 404   =     302   =     404   =     403   302
project_satisfaction                   GET    login 404   =     200   =     =     =     =     =
project_satisfaction                   POST   login 405   =     =     =     =     =     =     =
project_respondents                    GET    login 404   =     200   =     =     =     =     =
project_respondents                    POST   login 404   =     403   200   =     =     403   200
respondent_change                      GET    login 405   =     =     =     =     =     =     =
respondent_change                      POST   login 404   =     403   302   =     =     403   302
quick_log                              GET    login 200   =     =     =     =     =     =     =
quick_log                              POST   login 405   =     =     =     =     =     =     =
interactions                           GET    login 200   =     =     =     =     =     =     =
interactions                           POST   login 405   =     =     =     =     =     =     =
interactions_csv                       GET    login 200   =     =     =     =     =     =     =
interactions_csv                       POST   login 405   =     =     =     =     =     =     =
interactions_xlsx                      GET    login 200   =     =     =     =     =     =     =
interactions_xlsx                      POST   login 405   =     =     =     =     =     =     =
interaction_costs                      GET    login 404   =     =     =     =     =     =     200
interaction_costs                      POST   login 404   =     =     =     =     =     =     302
interaction_templates                  GET    login 404   =     =     =     =     =     =     200
interaction_templates                  POST   login 405   =     =     =     =     =     =     =
interaction_template_new               GET    login 404   =     =     =     =     =     =     200
interaction_template_new               POST   login 404   =     =     =     =     =     =     302
interaction_template                   GET    login 404   =     =     =     =     =     =     200
interaction_template                   POST   login 404   =     =     =     =     =     =     302
interaction_template_delete            GET    login 302   =     =     =     =     =     =     =
interaction_template_delete            POST   login 404   =     =     =     =     =     =     302
day_words                              GET    login 200   =     =     =     =     =     =     =
day_words                              POST   login 405   =     =     =     =     =     =     =
interaction_new                        GET    login 404   =     403   200   =     =     =     =
interaction_new                        POST   login 404   =     403   200   =     =     =     =
interaction                            GET    login 404   =     200   =     =     =     =     =
interaction                            POST   login 405   =     =     =     =     =     =     =
interaction_edit                       GET    login 404   =     403   =     200   =     403   200
interaction_edit                       POST   login 404   =     403   =     200   =     403   200
interaction_delete                     GET    login 405   =     =     =     =     =     =     =
interaction_delete                     POST   login 404   =     403   =     302   =     403   302
interaction_deleted                    GET    login 404   =     =     =     =     =     =     =
interaction_deleted                    POST   login 404   =     =     =     =     =     =     =
order_new                              GET    login 404   =     403   =     200   =     403   200
order_new                              POST   login 404   =     403   =     200   =     403   200
order_edit                             GET    login 404   =     403   =     200   =     403   200
order_edit                             POST   login 404   =     403   =     200   =     403   200
customer_files                         GET    login 404   =     200   =     =     =     =     =
customer_files                         POST   login 405   =     =     =     =     =     =     =
file_upload                            GET    login 405   =     =     =     =     =     =     =
file_upload                            POST   login 404   =     403   302   =     =     =     =
file_open                              GET    login 404   =     200   =     =     =     =     =
file_open                              POST   login 405   =     =     =     =     =     =     =
file_delete                            GET    login 405   =     =     =     =     =     =     =
file_delete                            POST   login 404   =     403   =     302   =     403   302
file_restore                           GET    login 405   =     =     =     =     =     =     =
file_restore                           POST   login 404   =     =     =     =     =     =     =
order_delete                           GET    login 405   =     =     =     =     =     =     =
order_delete                           POST   login 404   =     403   =     302   =     403   302
explanation                            GET    login 404   =     403   =     200   =     =     =
explanation                            POST   login 405   =     =     =     =     =     =     =
actions                                GET    login 200   =     =     =     =     =     =     =
actions                                POST   login 405   =     =     =     =     =     =     =
action_new                             GET    login 200   =     =     =     =     =     =     =
action_new                             POST   login 302   =     =     =     =     =     =     =
actions_change                         GET    login 405   =     =     =     =     =     =     =
actions_change                         POST   login 404   =     403   =     302   =     403   302
customer_actions                       GET    login 404   =     200   =     =     =     =     =
customer_actions                       POST   login 405   =     =     =     =     =     =     =
playbooks                              GET    login 200   =     =     =     =     =     =     =
playbooks                              POST   login 405   =     =     =     =     =     =     =
playbook_new                           GET    login 404   =     =     =     =     =     =     200
playbook_new                           POST   login 404   =     =     =     =     =     =     302
playbook                               GET    login 200   =     =     =     =     =     =     =
playbook                               POST   login 403   =     =     =     =     =     =     302
playbook_switch                        GET    login 405   =     =     =     =     =     =     =
playbook_switch                        POST   login 403   =     =     =     =     =     =     302
playbook_start                         GET    login 405   =     =     =     =     =     =     =
playbook_start                         POST   login 404   =     403   =     302   =     403   302
playbook_stop                          GET    login 405   =     =     =     =     =     =     =
playbook_stop                          POST   login 404   =     403   =     302   =     403   302
action                                 GET    login 404   =     200   =     =     =     =     =
action                                 POST   login 404   =     403   =     302   =     403   302
appointment_new                        GET    login 404   =     403   200   =     =     =     =
appointment_new                        POST   login 404   =     403   302   =     =     =     =
appointment                            GET    login 404   =     200   =     =     =     =     =
appointment                            POST   login 404   =     403   =     302   =     403   302
appointment_cancel                     GET    login 405   =     =     =     =     =     =     =
appointment_cancel                     POST   login 404   =     403   =     302   =     403   302
appointment_write_again                GET    login 405   =     =     =     =     =     =     =
appointment_write_again                POST   login 404   =     403   =     302   =     403   302
action_done                            GET    login 405   =     =     =     =     =     =     =
action_done                            POST   login 404   =     403   =     302   =     403   302
action_drop                            GET    login 405   =     =     =     =     =     =     =
action_drop                            POST   login 404   =     403   =     302   =     403   302
cases                                  GET    login 200   =     =     =     =     =     =     =
cases                                  POST   login 405   =     =     =     =     =     =     =
cases_csv                              GET    login 200   =     =     =     =     =     =     =
cases_csv                              POST   login 405   =     =     =     =     =     =     =
case_board                             GET    login 200   =     =     =     =     =     =     =
case_board                             POST   login 405   =     =     =     =     =     =     =
case_figures                           GET    login 200   =     =     =     =     =     =     =
case_figures                           POST   login 405   =     =     =     =     =     =     =
case_figures_csv                       GET    login 200   =     =     =     =     =     =     =
case_figures_csv                       POST   login 405   =     =     =     =     =     =     =
case                                   GET    login 404   =     200   =     =     =     =     =
case                                   POST   login 405   =     =     =     =     =     =     =
case_acknowledge                       GET    login 302   =     =     =     =     =     =     =
case_acknowledge                       POST   login 404   =     403   302   =     =     403   302
case_plan                              GET    login 302   =     =     =     =     =     =     =
case_plan                              POST   login 404   =     403   302   =     =     403   302
case_advance                           GET    login 302   =     =     =     =     =     =     =
case_advance                           POST   login 404   =     403   302   =     =     403   302
case_comment                           GET    login 302   =     =     =     =     =     =     =
case_comment                           POST   login 404   =     403   302   =     =     403   302
case_ask                               GET    login 302   =     =     =     =     =     =     =
case_ask                               POST   login 404   =     403   422   =     =     403   422
case_ask_instead                       GET    login 302   =     =     =     =     =     =     =
case_ask_instead                       POST   login 404   =     403   422   =     =     403   422
case_question_again                    GET    login 404   =     302   =     =     =     =     =
case_question_again                    POST   login 404   =     403   404   =     =     403   404
case_prevent                           GET    login 302   =     =     =     =     =     =     =
case_prevent                           POST   login 404   =     403   422   =     =     403   422
case_fill                              GET    login 302   =     =     =     =     =     =     =
case_fill                              POST   login 404   =     403   422   =     =     403   422
case_link                              GET    login 302   =     =     =     =     =     =     =
case_link                              POST   login 404   =     403   302   =     =     403   302
case_report                            GET    login 404   =     200   =     =     =     =     =
case_report                            POST   login 405   =     =     =     =     =     =     =
case_assign                            GET    login 302   =     =     =     =     =     =     =
case_assign                            POST   login 404   =     403   302   =     =     403   302
outbox                                 GET    login 404   =     =     =     =     =     =     200
outbox                                 POST   login 405   =     =     =     =     =     =     =
outbox_message                         GET    login 404   =     =     =     =     =     =     =
outbox_message                         POST   login 405   =     =     =     =     =     =     =
outbox_send_again                      GET    login 405   =     =     =     =     =     =     =
outbox_send_again                      POST   login 404   =     =     =     =     =     =     =
outbox_surveys                         GET    login 404   =     =     =     =     =     =     200
outbox_surveys                         POST   login 405   =     =     =     =     =     =     =
outbox_survey_message                  GET    login 404   =     =     =     =     =     =     =
outbox_survey_message                  POST   login 405   =     =     =     =     =     =     =
outbox_survey_send_again               GET    login 405   =     =     =     =     =     =     =
outbox_survey_send_again               POST   login 404   =     =     =     =     =     =     =
outbox_questions                       GET    login 404   =     =     =     =     =     =     200
outbox_questions                       POST   login 405   =     =     =     =     =     =     =
outbox_letters                         GET    login 404   =     =     =     =     =     =     =
outbox_letters                         POST   login 405   =     =     =     =     =     =     =
outbox_letter                          GET    login 404   =     =     =     =     =     =     =
outbox_letter                          POST   login 405   =     =     =     =     =     =     =
outbox_letter_html                     GET    login 404   =     =     =     =     =     =     =
outbox_letter_html                     POST   login 405   =     =     =     =     =     =     =
referral_accept                        GET    login 405   =     =     =     =     =     =     =
referral_accept                        POST   login 404   =     403   =     302   =     403   302
referral_decline                       GET    login 405   =     =     =     =     =     =     =
referral_decline                       POST   login 404   =     403   302   =     =     403   302
referral_order                         GET    login 405   =     =     =     =     =     =     =
referral_order                         POST   login 404   =     403   302   =     =     403   302
survey_stop                            GET    200   200   =     =     =     =     =     =     =
survey_stop                            POST   422   422   =     =     =     =     =     =     =
survey_confirm                         GET    200   200   =     =     =     =     =     =     =
survey_confirm                         POST   422   422   =     =     =     =     =     =     =
survey_confirm_stop                    GET    200   200   =     =     =     =     =     =     =
survey_confirm_stop                    POST   422   422   =     =     =     =     =     =     =
survey                                 GET    200   200   =     =     =     =     =     =     =
survey                                 POST   422   422   =     =     =     =     =     =     =
survey_case                            GET    405   405   =     =     =     =     =     =     =
survey_case                            POST   422   422   =     =     =     =     =     =     =
survey_lost                            GET    404   404   =     =     =     =     =     =     =
survey_lost                            POST   404   404   =     =     =     =     =     =     =
occasion_survey                        GET    200   200   =     =     =     =     =     =     =
occasion_survey                        POST   422   422   =     =     =     =     =     =     =
occasion_stop                          GET    200   200   =     =     =     =     =     =     =
occasion_stop                          POST   422   422   =     =     =     =     =     =     =
surveys                                GET    login 200   =     =     =     =     =     =     =
surveys                                POST   login 405   =     =     =     =     =     =     =
survey_new                             GET    login 404   =     =     =     =     =     =     200
survey_new                             POST   login 404   =     =     =     =     =     =     302
survey_programme                       GET    login 404   =     =     =     =     =     =     200
survey_programme                       POST   login 404   =     =     =     =     =     =     302
survey_draft_new                       GET    login 405   =     =     =     =     =     =     =
survey_draft_new                       POST   login 404   =     =     =     =     =     =     302
survey_withdraw                        GET    login 405   =     =     =     =     =     =     =
survey_withdraw                        POST   login 404   =     =     =     =     =     =     302
survey_version                         GET    login 404   =     =     =     =     =     =     200
survey_version                         POST   login 405   =     =     =     =     =     =     =
survey_preview                         GET    login 404   =     =     =     =     =     =     200
survey_preview                         POST   login 405   =     =     =     =     =     =     =
survey_draft                           GET    login 404   =     =     =     =     =     =     200
survey_draft                           POST   login 404   =     =     =     =     =     =     422
survey_publish                         GET    login 404   =     =     =     =     =     =     200
survey_publish                         POST   login 404   =     =     =     =     =     =     302
survey_discard                         GET    login 405   =     =     =     =     =     =     =
survey_discard                         POST   login 404   =     =     =     =     =     =     302
survey_results                         GET    login 200   =     =     =     =     =     =     =
survey_results                         POST   login 405   =     =     =     =     =     =     =
survey_results_xlsx                    GET    login 200   =     =     =     =     =     =     =
survey_results_xlsx                    POST   login 405   =     =     =     =     =     =     =
occasion_new                           GET    login 404   =     403   200   =     =     403   200
occasion_new                           POST   login 404   =     403   302   =     =     403   302
interview_new                          GET    login 404   =     403   200   =     =     403   200
interview_new                          POST   login 404   =     403   200   =     =     403   200
occasion                               GET    login 404   =     200   =     =     =     =     =
occasion                               POST   login 405   =     =     =     =     =     =     =
occasion_cancel                        GET    login 405   =     =     =     =     =     =     =
occasion_cancel                        POST   login 404   =     403   302   =     =     403   302
occasion_interview                     GET    login 404   =     403   200   =     =     403   200
occasion_interview                     POST   login 404   =     403   422   =     =     403   422
jobs                                   GET    login 404   =     =     =     =     =     =     200
jobs                                   POST   login 405   =     =     =     =     =     =     =
job_start                              GET    login 405   =     =     =     =     =     =     =
job_start                              POST   login 404   =     =     =     =     =     =     302
job                                    GET    login 404   =     =     =     =     =     =     200
job                                    POST   login 405   =     =     =     =     =     =     =
job_retry                              GET    login 405   =     =     =     =     =     =     =
job_retry                              POST   login 404   =     =     =     =     =     =     302
job_cancel                             GET    login 405   =     =     =     =     =     =     =
job_cancel                             POST   login 404   =     =     =     =     =     =     302
imports                                GET    login 404   =     =     =     =     =     =     200
imports                                POST   login 405   =     =     =     =     =     =     =
import_new                             GET    login 404   =     =     =     =     =     =     200
import_new                             POST   login 404   =     =     =     =     =     =     200
import                                 GET    login 404   =     =     =     =     =     =     200
import                                 POST   login 404   =     =     =     =     =     =     200
import_cancel                          GET    login 405   =     =     =     =     =     =     =
import_cancel                          POST   login 404   =     =     =     =     =     =     302
import_refused                         GET    login 404   =     =     =     =     =     =     200
import_refused                         POST   login 405   =     =     =     =     =     =     =
import_file                            GET    login 404   =     =     =     =     =     =     =
import_file                            POST   login 405   =     =     =     =     =     =     =
programme                              GET    login 404   =     =     =     =     =     =     200
programme                              POST   login 405   =     =     =     =     =     =     =
programme_version                      GET    login 404   =     =     =     =     =     =     200
programme_version                      POST   login 405   =     =     =     =     =     =     =
programme_end                          GET    login 405   =     =     =     =     =     =     =
programme_end                          POST   login 404   =     =     =     =     =     =     302
programme_draft_new                    GET    login 405   =     =     =     =     =     =     =
programme_draft_new                    POST   login 404   =     =     =     =     =     =     302
programme_draft                        GET    login 404   =     =     =     =     =     =     200
programme_draft                        POST   login 404   =     =     =     =     =     =     422
programme_activate                     GET    login 404   =     =     =     =     =     =     200
programme_activate                     POST   login 404   =     =     =     =     =     =     302
programme_discard                      GET    login 405   =     =     =     =     =     =     =
programme_discard                      POST   login 404   =     =     =     =     =     =     302
functional_managers                    GET    login 404   =     =     =     =     =     =     200
functional_managers                    POST   login 404   =     =     =     =     =     =     302
calendars                              GET    login 404   =     =     =     =     =     =     200
calendars                              POST   login 404   =     =     =     =     =     =     302
calendar                               GET    login 404   =     =     =     =     =     =     200
calendar                               POST   login 404   =     =     =     =     =     =     302
calendar_fill                          GET    login 404   =     =     =     =     =     =     302
calendar_fill                          POST   login 404   =     =     =     =     =     =     302
calendar_day                           GET    login 404   =     =     =     =     =     =     302
calendar_day                           POST   login 404   =     =     =     =     =     =     302
calendar_day_remove                    GET    login 405   =     =     =     =     =     =     =
calendar_day_remove                    POST   login 404   =     =     =     =     =     =     302
calendar_delete                        GET    login 405   =     =     =     =     =     =     =
calendar_delete                        POST   login 404   =     =     =     =     =     =     302
customer_programme                     GET    login 404   =     403   =     =     =     =     200
customer_programme                     POST   login 405   =     =     =     =     =     =     =
project_programme                      GET    login 404   =     403   =     =     =     =     200
project_programme                      POST   login 405   =     =     =     =     =     =     =
costs                                  GET    login 404   =     =     =     =     =     =     200
costs                                  POST   login 405   =     =     =     =     =     =     =
activity_new                           GET    login 404   =     =     =     =     =     =     200
activity_new                           POST   login 404   =     =     =     =     =     =     302
activity                               GET    login 404   =     =     =     =     =     =     200
activity                               POST   login 404   =     =     =     =     =     =     200
activity_rate                          GET    login 404   =     =     =     =     =     =     302
activity_rate                          POST   login 404   =     =     =     =     =     =     302
rate_withdraw                          GET    login 405   =     =     =     =     =     =     =
rate_withdraw                          POST   login 404   =     =     =     =     =     =     302
reminders                              GET    login 200   =     =     =     =     =     =     =
reminders                              POST   login 302   =     =     =     =     =     =     =
feed_new                               GET    login 405   =     =     =     =     =     =     =
feed_new                               POST   login 200   =     =     =     =     =     =     =
feed_revoke                            GET    login 405   =     =     =     =     =     =     =
feed_revoke                            POST   login 302   =     =     =     =     =     =     =
calendar_feed                          GET    200   200   =     =     =     =     =     =     =
calendar_feed                          POST   405   405   =     =     =     =     =     =     =
digest_stop                            GET    200   200   =     =     =     =     =     =     =
digest_stop                            POST   200   200   =     =     =     =     =     =     =
tokens                                 GET    login 200   =     =     =     =     =     =     =
tokens                                 POST   login 200   =     =     =     =     =     =     =
token_revoke                           GET    login 405   =     =     =     =     =     =     =
token_revoke                           POST   login 404   =     =     =     =     =     =     =
api_search                             GET    401   200   =     =     =     =     =     =     =
api_search                             POST   401   405   =     =     =     =     =     =     =
api_schema                             GET    401   200   =     =     =     =     =     =     =
api_schema                             POST   401   405   =     =     =     =     =     =     =
api_schema_json                        GET    401   200   =     =     =     =     =     =     =
api_schema_json                        POST   401   405   =     =     =     =     =     =     =
api_nowhere                            GET    401   404   =     =     =     =     =     =     =
api_nowhere                            POST   401   404   =     =     =     =     =     =     =
customer-list                          GET    401   200   =     =     =     =     =     =     =
customer-list                          POST   401   201   =     403   =     201   =     403   201
customer-detail                        GET    401   404   =     200   =     =     =     =     =
customer-detail                        PATCH  401   404   =     403   =     200   =     403   200
contact-list                           GET    401   200   =     =     =     =     =     =     =
contact-list                           POST   401   422   =     403   =     201   =     403   201
contact-detail                         GET    401   404   =     200   =     =     =     =     =
contact-detail                         PATCH  401   404   =     403   =     200   =     403   200
project-list                           GET    401   200   =     =     =     =     =     =     =
project-list                           POST   401   422   =     403   =     201   =     403   201
project-detail                         GET    401   404   =     200   =     =     =     =     =
project-detail                         PATCH  401   404   =     403   200   =     =     403   200
interaction-list                       GET    401   200   =     =     =     =     =     =     =
interaction-list                       POST   401   422   =     403   201   =     =     =     =
interaction-detail                     GET    401   404   =     200   =     =     =     =     =
interaction-detail                     PATCH  401   404   =     403   =     200   =     403   200
interaction-detail                     DELETE 401   404   =     403   =     204   =     403   204
interaction-template-list              GET    401   200   =     =     =     =     =     =     =
interaction-template-detail            GET    401   200   =     =     =     =     =     =     =
file-list                              GET    401   200   =     =     =     =     =     =     =
file-list                              POST   401   422   =     403   201   =     =     =     =
file-detail                            GET    401   404   =     200   =     =     =     =     =
file-detail                            DELETE 401   404   =     403   =     204   =     403   204
file-content                           GET    401   404   =     200   =     =     =     =     =
need-list                              GET    401   200   =     =     =     =     =     =     =
need-list                              POST   401   422   =     403   201   =     =     =     =
need-detail                            GET    401   404   =     200   =     =     =     =     =
need-detail                            PATCH  401   404   =     403   200   =     =     =     =
contract-list                          GET    401   200   =     =     =     =     =     =     =
contract-list                          POST   401   422   =     403   =     201   =     403   201
contract-detail                        GET    401   404   =     200   =     =     =     =     =
contract-detail                        PATCH  401   404   =     403   =     200   =     403   200
opportunity-list                       GET    401   200   =     =     =     =     =     =     =
opportunity-list                       POST   401   422   =     403   201   =     =     =     =
opportunity-detail                     GET    401   404   =     200   =     =     =     =     =
opportunity-detail                     PATCH  401   404   =     403   200   =     =     =     =
supply-share-list                      GET    401   200   =     =     =     =     =     =     =
supply-share-list                      POST   401   422   =     403   =     201   =     403   201
supply-share-detail                    GET    401   404   =     200   =     =     =     =     =
order-list                             GET    401   200   =     =     =     =     =     =     =
order-list                             POST   401   422   =     403   =     201   =     403   201
order-detail                           GET    401   404   =     200   =     =     =     =     =
order-detail                           PATCH  401   404   =     403   =     200   =     403   200
order-detail                           DELETE 401   404   =     403   =     204   =     403   204
usage-list                             GET    401   200   =     =     =     =     =     =     =
usage-detail                           GET    401   404   =     =     =     200   =     =     =
invitation-list                        GET    401   200   =     =     =     =     =     =     =
invitation-detail                      GET    401   404   =     200   =     =     =     =     =
corrective-action-list                 GET    401   200   =     =     =     =     =     =     =
corrective-action-detail               GET    401   404   =     200   =     =     =     =     =
satisfaction-index-list                GET    401   200   =     =     =     =     =     =     =
satisfaction-index-detail              GET    401   404   =     200   =     =     =     =     =
score-list                             GET    401   200   =     =     =     =     =     =     =
score-detail                           GET    401   404   =     =     =     =     =     =     =
user-list                              GET    401   200   =     =     =     =     =     =     =
user-detail                            GET    401   200   =     =     =     =     =     =     =
"""


@dataclass(frozen=True)
class Line:
    name: str
    method: str
    answers: dict[str, str]


def _read(table: str) -> list[Line]:
    lines = []
    for row in table.strip().splitlines():
        if not row.strip() or row.startswith("#"):
            continue
        name, method, *cells = row.split()
        assert len(cells) == len(PEOPLE), row
        answers: list[str] = []
        for cell in cells:
            answers.append(answers[-1] if cell == "=" else cell)
        lines.append(Line(name, method, dict(zip(PEOPLE, answers, strict=True))))
    return lines


LINES = _read(TABLE)


@dataclass(frozen=True)
class Office:
    """The world with one record of each kind at ``customer``."""

    world: World
    project: Project
    contact: Contact
    interaction: Interaction
    order: Order
    team: Team
    run: ScoringRun
    file: Import
    usage: ActivityUsage
    rate: ActivityRate

    @property
    def people(self) -> dict[str, User | None]:
        return {"nobody": None, **self.world.users}


def _usage(world: World) -> ActivityUsage:
    visits = add_activity(code="VIS", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, now=MONDAY)
    set_rate(activity=visits, valid_from=MONDAY.date(), rate_minor=Decimal(1), author=None, now=MONDAY)
    facts = UsageFacts(activity=visits, used_on=MONDAY.date(), quantity=Decimal(1))
    return add_usage(customer=world.customer, facts=facts, now=MONDAY)


def office_of(world: World) -> Office:
    project = Project.objects.create(
        customer=world.customer, name="Line 4", manager=world.manager, started_on=MONDAY, known_at=MONDAY
    )
    ProjectMember.objects.create(project=project, user=world.member, functional_role=FunctionalRole.QUALITY)
    contact = Contact.objects.create(
        customer=world.customer, name="Chen", level=Level.SPECIALIST, known_at=MONDAY, sort_key="chen"
    )
    interaction = Interaction.objects.create(
        customer=world.customer, kind="call", started_at=MONDAY, author=world.owner, known_at=MONDAY
    )
    order = Order.objects.create(
        customer=world.customer,
        identity="O-1",
        number="O-1",
        ordered_on=MONDAY,
        amount_minor=100,
        base_amount_minor=100,
        currency="CNY",
        known_at=MONDAY,
    )
    run = ScoringRun.objects.create(kind=next(iter(RunKind)), as_of=MONDAY, policy=active_policy())
    file = Import.objects.create(kind=ImportKind.ORDERS, file_name="orders.csv", sha256="0" * 64, bytes=1)
    return Office(
        world,
        project,
        contact,
        interaction,
        order,
        Team.objects.get(name="East"),
        run=run,
        file=file,
        usage=_usage(world),
        rate=ActivityRate.objects.get(),
    )


Build = Callable[[Office], Any]


def _person(office: Office) -> dict[str, Any]:
    return {"pk": office.world.stranger.pk}


def _respondent(office: Office) -> Respondent:
    return name_respondent(project=office.project, contact=office.contact, author=None, now=MONDAY)


def _case(office: Office) -> CorrectiveAction:
    """An acknowledged corrective action of the project; the same for everybody who asks."""
    found = CorrectiveAction.objects.filter(project=office.project).first()
    if found is not None:
        return found
    li = surveys.contact_of(office.world, "Li")
    name_respondent(project=office.project, contact=li, author=None, now=MONDAY)
    asked = surveys.Office(office.world, ensure_programme(now=MONDAY), office.project, li, li)
    asked.invite()
    asked.say(li, delivery="D")
    return acknowledge_case(asked.case(), by=office.world.manager, now=surveys.DUE + 2 * surveys.HOUR)


def _template(_office: Office) -> KindTemplate:
    found, _is_new = KindTemplate.objects.get_or_create(kind="visit", defaults={"text": "Present:"})
    return found


def _playbook(office: Office) -> Playbook:
    """The one that there is, or a first."""
    facts = PlaybookFacts(
        Words("Call at once"), Trigger.STAGE, "dormant", (StepFacts(Words("Call"), 0, Doer.OWNER),)
    )
    found = Playbook.objects.first()
    return found or save_playbook(facts, by=office.world.admin, now=MONDAY)


def _playbook_run(office: Office) -> PlaybookRun:
    playbook = _playbook(office)
    start_runs(playbook, [office.world.customer.pk], now=MONDAY, by=office.world.owner)
    return PlaybookRun.objects.get()


def _appointment(office: Office) -> Appointment:
    """A meeting to come, with a letter to its guest."""
    now = dt.datetime.now(dt.UTC)
    facts = AppointmentFacts(
        kind=AppointmentKind.CALL,
        title="Prices",
        starts_at=now + 30 * surveys.DAY,
        invites=True,
        contacts=(office.contact.pk,),
    )
    owner = office.world.owner
    return plan_appointment(customer=office.world.customer, facts=facts, author=owner, now=now)


def _appointment_form(office: Office) -> dict[str, Any]:
    fields = {"kind": "call", "title": "Prices", "starts_at": f"{_soon()}T10:00", "minutes": 30}
    return fields | {"contacts": [office.contact.pk], "invites": "on", "version": 1}


def _action(office: Office) -> Action:
    """What the owner is to do for his customer."""
    owner = office.world.owner
    return add_action(
        title="Call back", owner=owner, author=owner, customer=office.world.customer, now=MONDAY
    )


def _question(office: Office) -> dict[str, Any]:
    """A link that asks whether the corrective action solved it."""
    case = _case(office)
    now = dt.datetime.now(dt.UTC)
    if case.corrected_at is None:
        advance_case(case, to=CaseState.CORRECTED, by=office.world.manager, comment="Done.", now=now)
        ask_customer(case, message="Two trucks.", by=office.world.manager, now=now)
    return {"token": issue_confirmation_token(ConfirmationRequest.objects.get(case=case), now=now)}


def _referral(office: Office) -> Referral:
    """A colleague whom the contact proposes."""
    token = _link(office)["token"]
    invitation = Invitation.objects.get(tokens__sha256=hashed(token))
    return propose(invitation, name="Wang", email="wang@huaxing.test", message="", now=MONDAY)[0]


def _meeting(office: Office) -> dict[str, Any]:
    """The project manager's, at which the member was."""
    found = start_meeting(
        week=surveys.WEEK,
        chair=office.world.manager,
        held_on=MONDAY.date(),
        attendees=[office.world.member],
        now=MONDAY,
    )
    return {"pk": found.pk}


def _version(office: Office) -> ProgrammeVersion:
    return ensure_programme(now=MONDAY)


def _draft(office: Office) -> ProgrammeVersion:
    return start_draft(_version(office).programme, author=None)


def _override(office: Office) -> ProgrammeVersion:
    """The customer's own programme."""
    programme, customer = _version(office).programme, office.world.customer
    own = ProgrammeVersion.objects.filter(customer=customer).first()
    return own or publish_version(programme, facts=STANDARD, author=None, customer=customer, now=MONDAY)


def _calendar(office: Office) -> HolidayCalendar:
    known = HolidayCalendar.objects.filter(name="China").first()
    return known or create_calendar(name="China", country="CN")


def _team(office: Office) -> dict[str, Any]:
    return {"pk": office.team.pk}


def _link(office: Office) -> dict[str, Any]:
    """A link of the contact's, of a week that may be answered now."""
    Contact.objects.filter(pk=office.contact.pk).update(email="chen@huaxing.test")
    name_respondent(project=office.project, contact=office.contact, author=None, now=MONDAY)
    make_invitations(surveys.WEEK, now=surveys.DUE)
    links.keep_open()
    (invitation,) = Invitation.objects.filter(contact=office.contact)
    return {"token": issue_token(invitation, now=surveys.DUE)}


def _silent_person(office: Office) -> dict[str, Any]:
    Contact.objects.filter(pk=office.contact.pk).update(email="chen@huaxing.test")
    name_respondent(project=office.project, contact=office.contact, author=None, now=MONDAY)
    make_invitations(surveys.WEEK, now=surveys.DUE)
    return {"invitation": Invitation.objects.get(contact=office.contact).pk}


_NAMES_BY_KEY: list[tuple[Build, str]] = [
    (_person, "user user_invite user_deactivate user_reactivate user_hand_over user-detail"),
    (_team, "team team_delete"),
    (
        lambda office: {"pk": office.world.customer.pk},
        "customer customer_edit former_name_new customer_people customer_projects customer_orders"
        " customer_satisfaction customer_satisfaction_csv customer_listening customer_measured_csv voice_new"
        " customer_needs customer_actions appointment_new need_new playbook_start"
        " customer_deals contract_new opportunity_new supply_say"
        " flag_acknowledge"
        " customer_costs customer_costs_csv"
        " customer_standing customer_history contact_new project_new interaction_new order_new"
        " customer-detail",
    ),
    (lambda office: {"pk": office.world.customer.pk, "what": "value"}, "explanation"),
    (lambda office: {"pk": office.world.customer.pk, "field": "kind"}, "customer_fact"),
    (lambda office: {"pk": office.contact.pk, "field": "title"}, "contact_fact"),
    (lambda office: {"customer": office.world.customer.pk}, "score-detail"),
    (
        lambda office: {"pk": office.contact.pk},
        "contact contact_edit contact_left contact_move contact_back contact-detail",
    ),
    (
        lambda office: {"pk": office.project.pk},
        "project project_edit project-detail project_satisfaction project_respondents review_note",
    ),
    (lambda office: {"pk": _respondent(office).pk}, "respondent_change"),
    (
        _meeting,
        "meeting meeting_mode meeting_xlsx meeting_decide meeting_act meeting_close meeting_reopen",
    ),
    (lambda office: {"pk": wanted.need(office.world).pk}, "need need_edit need_triage need-detail"),
    (lambda office: {"pk": wanted.accepted(office.world).pk}, "need_promise need_deliver need_back"),
    (
        lambda office: {"pk": wanted.contract(office.world).pk},
        "contract contract_edit contract_end contract-detail",
    ),
    (lambda office: {"pk": wanted.opportunity(office.world).pk}, "opportunity opportunity-detail"),
    (lambda office: {"pk": wanted.share(office.world).pk}, "supply-share-detail"),
    (lambda office: {"pk": wanted.delivered(office.world).pk}, "need_confirm"),
    (
        lambda office: {"pk": listed.view(office.world.owner).pk},
        "saved_view saved_view_update saved_view_delete saved_view_restore",
    ),
    (
        lambda office: {"pk": listed.change(office.world.owner, office.world.customer).pk},
        "bulk_change bulk_change_undo",
    ),
    (lambda office: {"pk": listed.field().pk}, "custom_field custom_field_archive"),
    (lambda office: {"pk": _voice(office).pk}, "voice voice_edit voice_answer voice_reopen"),
    (
        lambda office: {"identity": office.interaction.identity},
        "interaction follow_up_done interaction_edit interaction_delete interaction-detail",
    ),
    (
        lambda office: {"pk": office.world.customer.pk, "identity": office.interaction.identity},
        "interaction_deleted",
    ),
    (
        lambda office: {"pk": _template(office).pk},
        "interaction_template interaction_template_delete interaction-template-detail",
    ),
    (lambda office: {"pk": _file(office).pk}, "file_open file_delete file_restore file-detail file-content"),
    (lambda office: {"pk": office.world.customer.pk}, "customer_files file_upload"),
    (lambda office: {"pk": office.order.pk}, "order_edit order_delete order-detail"),
    (lambda office: {"pk": _playbook(office).pk}, "playbook playbook_switch"),
    (lambda office: {"pk": office.world.customer.pk, "run": _playbook_run(office).pk}, "playbook_stop"),
    (lambda office: {"pk": _action(office).pk}, "action action_done action_drop"),
    (
        lambda office: {"pk": _appointment(office).pk},
        "appointment appointment_cancel appointment_write_again",
    ),
    (
        lambda office: {"pk": _case(office).pk},
        "case case_acknowledge case_plan case_advance case_comment case_assign case_ask case_prevent"
        " case_fill case_link case_report case_ask_instead",
    ),
    (lambda office: {"pk": _case(office).pk, "question": 1}, "case_question_again"),
    (lambda office: {"pk": office.run.pk}, "job job_retry job_cancel"),
    (lambda office: {"pk": office.file.pk}, "import import_cancel import_refused import_file"),
    (lambda office: {"pk": office.usage.pk}, "usage-detail"),
    (lambda office: {"pk": _case(office).pk}, "corrective-action-detail"),
    (lambda office: {"pk": _case(office).opened_by.invitation_id}, "invitation-detail"),
    (lambda office: {"of": f"project-{office.project.pk}"}, "satisfaction-index-detail"),
    (lambda office: {"pk": office.usage.customer_id, "usage": office.usage.pk}, "usage_remove"),
    (lambda office: {"pk": office.rate.activity_id}, "activity activity_rate"),
    (lambda office: {"pk": office.rate.activity_id, "rate": office.rate.pk}, "rate_withdraw"),
    (
        lambda office: {"pk": 1},
        "outbox_message outbox_send_again outbox_survey_message outbox_survey_send_again",
    ),
    (lambda office: {"name": "nothing"}, "outbox_letter outbox_letter_html"),
    (lambda office: {"pk": _version(office).pk}, "programme_version"),
    (lambda office: {"pk": _override(office).pk}, "programme_end"),
    (lambda office: {"pk": _draft(office).pk}, "programme_draft programme_activate programme_discard"),
    (
        lambda office: {"pk": _calendar(office).pk},
        "calendar calendar_fill calendar_day calendar_day_remove calendar_delete",
    ),
    (lambda office: {"pk": office.world.customer.pk}, "customer_programme"),
    (lambda office: {"pk": office.project.pk}, "project_programme"),
    (_link, "survey survey_stop"),
    (
        lambda office: {"pk": asking.survey().pk},
        "survey_programme survey_draft_new survey_withdraw survey_results survey_results_xlsx",
    ),
    (lambda office: {"pk": asking.survey().versions.get(state="active").pk}, "survey_version survey_preview"),
    (
        lambda office: {"pk": asking.draft_of(asking.survey()).pk},
        "survey_draft survey_publish survey_discard",
    ),
    (lambda office: {"pk": office.world.customer.pk}, "occasion_new interview_new"),
    (lambda office: {"pk": _asked(office).occasion_id}, "occasion"),
    (lambda office: {"pk": _asked(office).pk}, "occasion_cancel"),
    (
        lambda office: {"pk": _asked(office).occasion_id, "contact": _asked(office).contact_id},
        "occasion_interview",
    ),
    (lambda office: {"token": asking.token_of(_asked(office))}, "occasion_survey occasion_stop"),
    (_question, "survey_confirm survey_confirm_stop"),
    (lambda office: {"pk": _referral(office).pk}, "referral_accept referral_decline referral_order"),
    (lambda office: _link(office) | {"pk": 1}, "survey_case"),
    (lambda office: {"link": "lost"}, "survey_lost"),
    (lambda office: {"token": make_feed(office.world.owner, now=MONDAY)}, "calendar_feed"),
    (lambda office: {"token": stop_url(office.world.owner).split("/")[-2]}, "digest_stop"),
    (lambda office: {"key": "nothing"}, "account_confirm_email token_revoke"),
    (lambda office: {"uidb36": "1", "key": "nothing"}, "account_reset_password_from_key"),
    (lambda office: {"pk": 1}, "mfa_remove_webauthn mfa_edit_webauthn notice_open"),
]
KEYS: dict[str, Build] = {name: build for build, names in _NAMES_BY_KEY for name in names.split()}


def _new_person(office: Office) -> dict[str, Any]:
    return {
        "name": "New",
        "email": "new@truenorth.test",
        "role": "member",
        "language": "en",
        "time_zone": "UTC",
    }


def _of_customer(office: Office) -> dict[str, Any]:
    return {"customer": office.world.customer.pk}


def _voice(office: Office) -> Voice:
    """Noted by the admin, who owns it too."""
    facts = VoiceFacts(
        kind=VoiceKind.SUGGESTION,
        text="Larger boxes.",
        heard_on=MONDAY.date(),
        owner_id=office.world.admin.pk,
    )
    return add_voice(customer=office.world.customer, facts=facts, author=office.world.admin, now=MONDAY)


def _file(office: Office) -> Attachment:
    """Added by the admin."""
    return add_file(
        customer=office.world.customer,
        content=ContentFile(b"Minutes"),
        name="minutes.txt",
        uploaded_by=office.world.admin,
        now=MONDAY,
        most_bytes=100,
    )


def _voice_form(office: Office) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": "complaint",
        "theme": "delivery",
        "channel": "call",
        "text": "Late again.",
        "heard_on": "2026-03-02",
        "owner": office.world.admin.pk,
    }


def _profile(office: Office) -> dict[str, Any]:
    return {"name": "Renamed", "language": "en", "time_zone": "UTC"}


def _asked(office: Office) -> OccasionInvitation:
    """Somebody of the customer who is asked about a delivery."""
    wu = asking.person(office.world.customer)
    known = OccasionInvitation.objects.filter(contact=wu).first()
    return known or asking.asked(wu, office.world.owner)


def _ask_form(office: Office) -> dict[str, Any]:
    asking.survey()
    wu = asking.person(office.world.customer)
    return {"contacts": [wu.pk], "event": "delivery", "happened_on": _yesterday(), "about": "O-1"}


def _yesterday() -> str:
    return f"{dt.datetime.now(dt.UTC) - surveys.DAY:%Y-%m-%d}"


def _soon() -> str:
    return f"{dt.datetime.now(dt.UTC) + 30 * surveys.DAY:%Y-%m-%d}"


def _team_form(office: Office) -> dict[str, Any]:
    return {"name": "West", "lead": office.world.lead.pk, "members": [office.world.stranger.pk]}


BODIES: dict[tuple[str, str], Build] = {
    ("survey_new", "POST"): lambda office: {"name": "After a repair", "start": "event"},
    ("survey_programme", "POST"): lambda office: {"name": "Deliveries"},
    ("survey_draft", "POST"): lambda office: {"digest": "0"},
    ("survey_publish", "POST"): lambda office: {
        "digest": survey_facts_of(asking.draft_of(asking.survey())).digest
    },
    ("occasion_new", "POST"): _ask_form,
    ("user_new", "POST"): _new_person,
    ("user", "POST"): _new_person,
    ("user_hand_over", "POST"): lambda office: {"to": office.world.mate.pk},
    ("team_new", "POST"): _team_form,
    ("team", "POST"): _team_form,
    ("profile", "POST"): _profile,
    ("meeting", "POST"): lambda office: {"version": 1, "held_on": "2026-03-02", "notes": "Short"},
    ("meeting_decide", "POST"): lambda office: {
        "text": "We call every week",
        "decided_by": office.world.manager.pk,
    },
    ("meeting_act", "POST"): lambda office: {"title": "Call", "owner": office.world.manager.pk},
    ("meeting_start", "POST"): lambda office: {"week": "2026-W10"},
    ("satisfaction_open", "GET"): lambda office: {"note": office.project.pk},
    ("board_log", "GET"): lambda office: {"talk": f"{office.project.pk}.0"},
    ("invitation_remind", "POST"): _silent_person,
    ("review_mark", "POST"): lambda office: {"project": office.project.pk, "week": "2026-W10"},
    ("review_unmark", "POST"): lambda office: {"project": office.project.pk, "week": "2026-W10"},
    ("review_note", "POST"): lambda office: {"week": "2026-W10", "text": "They need a word from us"},
    ("programme_draft", "POST"): lambda office: {"digest": "0"},
    ("programme_activate", "POST"): lambda office: {"digest": facts_of(_draft(office)).digest},
    ("calendars", "POST"): lambda office: {"name": "Japan", "country": "JP"},
    ("calendar", "POST"): lambda office: {"name": "China works"},
    ("calendar_fill", "POST"): lambda office: {"first_year": 2026, "last_year": 2026},
    ("calendar_day", "POST"): lambda office: {"day": "2026-07-01", "kind": "holiday"},
    ("calendar_day_remove", "POST"): lambda office: {"day": "2026-07-01"},
    ("activity_new", "POST"): lambda office: {
        "code": "TRN",
        "name": "Training",
        "pool": "after_sales",
        "driver": "minutes",
    },
    ("activity_rate", "POST"): lambda office: {"valid_from": "2026-03-02", "rate": "2"},
    ("referral_accept", "POST"): lambda office: {
        "seen": _referral(office).known_at.isoformat(),
        "level": "specialist",
    },
    ("contact_left", "POST"): lambda office: {"left_on": "2026-03-01"},
    ("voice_new", "POST"): _voice_form,
    ("voice_edit", "POST"): _voice_form,
    ("voice_answer", "POST"): lambda office: {"answer": "From next week."},
    ("need_new", "POST"): lambda office: wanted.need_form(office.world),
    ("need_edit", "POST"): lambda office: wanted.need_form(office.world),
    ("contract_new", "POST"): lambda office: wanted.contract_form(office.world),
    ("contract_edit", "POST"): lambda office: wanted.contract_form(office.world),
    ("contract_end", "POST"): lambda office: {"ended_on": "2026-03-02", "reason": "It is done."},
    ("opportunity_new", "POST"): lambda office: wanted.opportunity_form(office.world),
    ("opportunity", "POST"): lambda office: wanted.opportunity_form(office.world),
    ("supply_say", "POST"): lambda office: {"valid_on": "2026-03-02", "ours": "40"},
    ("need_triage", "POST"): lambda office: wanted.TRIAGE_FORM,
    ("need_promise", "POST"): lambda office: {"promised_on": _soon()},
    ("need_deliver", "POST"): lambda office: {"delivered_on": "2026-03-02"},
    ("need_confirm", "POST"): lambda office: {"confirmed_on": "2026-03-02"},
    ("need-list", "POST"): lambda office: (
        _of_customer(office) | {"title": "Smaller boxes", "about": "delivery"}
    ),
    ("contract-list", "POST"): lambda office: (
        _of_customer(office) | {"title": "Supply of boxes", "starts_on": "2026-03-02"}
    ),
    ("contract-detail", "PATCH"): lambda office: {"version": 1, "number": "C-1"},
    ("supply-share-list", "POST"): lambda office: (
        _of_customer(office) | {"valid_on": "2026-03-02", "ours": "40"}
    ),
    ("opportunity-list", "POST"): lambda office: _of_customer(office) | {"title": "A second line"},
    ("opportunity-detail", "PATCH"): lambda office: {"version": 1, "probability": 60},
    ("need-detail", "PATCH"): lambda office: {"version": 1, "importance": 5},
    ("action_new", "POST"): lambda office: {"title": "Call back", "owner": office.world.owner.pk},
    ("appointment_new", "POST"): _appointment_form,
    ("appointment", "POST"): _appointment_form,
    ("appointment_write_again", "POST"): lambda office: {"letter": AppointmentLetter.objects.latest("pk").pk},
    ("action", "POST"): lambda office: {
        "title": "Call back today",
        "owner": office.world.owner.pk,
        "version": 1,
    },
    ("playbook_new", "POST"): lambda office: {
        "title": "Call at once",
        "starts_by": "stage:dormant",
        "step1_title": "Call",
        "step1_who": "owner",
        "version": 1,
    },
    ("playbook", "POST"): lambda office: {
        "title": "Call at once",
        "starts_by": "stage:dormant",
        "step1_title": "Call",
        "step1_who": "owner",
        "version": 1,
    },
    ("playbook_start", "POST"): lambda office: {"playbook": _playbook(office).pk},
    ("reminders", "POST"): lambda office: {"days": "daily", "hour": 7},
    ("actions_change", "POST"): lambda office: {"do": "done", "pick": _action(office).pk},
    ("case_plan", "POST"): lambda office: {"comment": "Two trucks.", "solve_by": _soon()},
    ("case_advance", "POST"): lambda office: {"to": "contained", "comment": "Two trucks are booked."},
    ("interaction_template_new", "POST"): lambda office: {"kind": "fax", "text": "Received:"},
    ("interaction_template", "POST"): lambda office: {
        "kind": "visit",
        "text": "Seen:",
        "version": _template(office).version,
    },
    ("interaction_costs", "POST"): lambda office: {"visit": office.usage.activity_id},
    ("case_link", "POST"): lambda office: {"interaction": office.interaction.identity},
    ("case_comment", "POST"): lambda office: {"comment": "Mr Li agrees."},
    ("case_assign", "POST"): lambda office: {"owner": office.world.owner.pk},
    ("snooze", "POST"): lambda office: {"later": f"project {office.project.pk} monday"},
    ("set_language", "POST"): lambda office: {"language": "zh-hans"},
    ("customer-list", "POST"): lambda office: {"short_name": "New Works", "currency": "CNY"},
    ("customer-detail", "PATCH"): lambda office: {"version": 1, "short_name": "Renamed"},
    ("contact-list", "POST"): lambda office: _of_customer(office) | {"name": "Li", "level": "management"},
    ("contact-detail", "PATCH"): lambda office: {"version": 1, "name": "Renamed"},
    ("project-list", "POST"): lambda office: (
        _of_customer(office) | {"name": "New", "manager": office.world.manager.pk, "started_on": "2026-03-02"}
    ),
    ("project-detail", "PATCH"): lambda office: {"version": 1, "name": "Renamed"},
    ("interaction-list", "POST"): lambda office: (
        _of_customer(office) | {"kind": "call", "started_at": "2026-03-02T09:00:00Z"}
    ),
    ("interaction-detail", "PATCH"): lambda office: {
        "version": office.interaction.pk,
        "kind": "visit",
    },
    ("file-list", "POST"): lambda office: (
        _of_customer(office) | {"file": ContentFile(b"Minutes", "minutes.txt")}
    ),
    ("order-list", "POST"): lambda office: (
        _of_customer(office) | {"ordered_on": "2026-03-02", "amount_minor": 5}
    ),
    ("order-detail", "PATCH"): lambda office: {"amount_minor": 7},
}
