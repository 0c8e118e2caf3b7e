"""Every page of the product: as whom it is opened, with which key of the book, and in which state.

tests/browser/test_every_page.py sweeps it: an address whose GET may answer 200 and that is neither here nor
in NO_PAGES fails. A page that looks different to another person or in another state has a line for each.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Opened:
    """``who``: a person of the book, "nobody", or "halfway": one whose second factor is still asked for."""

    name: str
    who: str
    key: str = ""
    query: str = ""
    status: int = 200

    def __str__(self) -> str:
        return " ".join(part for part in (self.name, self.who, self.key, self.query) if part)


TABLE = """
# address                             who        key           query                  status
today                                 owner
today                                 manager
today                                 executive
today                                 admin
today                                 newcomer
search                                owner
search                                newcomer
search                                owner      -             ?q=hua
search                                owner      -             ?q=hua&kind=customer
search                                owner      -             ?q=nothing
notices                               owner
notices                               newcomer
customers                             owner
customers                             owner      -             ?q=nothing
customers                             newcomer
customers                             owner      -             ?tag=x&index_min=5
customers_filters                     owner
customers_columns                     owner
customers_change                      owner      -             ?all=1
customers_change                      executive  -             ?all=1
bulk_change                           owner      bulk
saved_views                           owner
saved_views                           newcomer
saved_view_new                        owner
saved_view                            owner      view
custom_fields                         admin
custom_field_new                      admin
custom_field                          admin      field
customer_new                          owner
customer                              owner      customer
customer                              manager    customer
customer_edit                         owner      customer
customer_edit                         manager    customer      -                      403
customer_fact                         owner      fact
former_name_new                       owner      customer
customer_people                       owner      customer
customer_projects                     owner      customer
customer_orders                       owner      customer
customer_satisfaction                 owner      customer
customer_history                      owner      customer
customer                              owner      bare
customer_people                       owner      bare
customer_projects                     owner      bare
customer_orders                       owner      bare
customer_satisfaction                 owner      bare
customer_history                      owner      bare
customer                              owner      nowhere       -                      404
contact_new                           owner      customer
contact                               owner      contact
contact                               owner      gone
contact                               owner      erased        -                      410
contact_edit                          owner      contact
contact_fact                          owner      contact_fact
contact_left                          owner      contact
contact_move                          owner      contact
projects                              owner
projects                              newcomer
project_new                           owner      customer
project                               manager    project
project_edit                          manager    project
satisfaction                          manager
satisfaction                          executive
satisfaction                          newcomer
satisfaction_index                    owner
satisfaction_index                    executive  -             ?level=account_manager&cut=dimension
satisfaction_index                    newcomer
satisfaction_index_behind             executive  -             ?week=2026-03-02
satisfaction_retention                executive
satisfaction_print                    manager
satisfaction_print                    executive
meetings                              manager
meetings                              newcomer
meeting                               manager    meeting
meeting                               executive  meeting
meeting_mode                          manager    meeting
project_satisfaction                  manager    project
project_satisfaction                  manager    project       ?do=note
project_respondents                   manager    project
quick_log                             owner
voice_choose                          owner
interaction_new                       owner      customer
interaction                           owner      interaction
interaction_edit                      owner      interaction
interactions                          owner
interactions                          newcomer
interaction_costs                     admin
interaction_templates                 admin
interaction_template_new              admin
interaction_template                  admin      template
interaction_deleted                   owner      deleted
order_new                             owner      customer
order_edit                            owner      order
customer_files                        owner      customer
explanation                           owner      score
explanation                           owner      tier
explanation                           owner      flag
explanation                           admin      value
explanation                           owner      satisfaction
cases                                 manager
cases                                 newcomer
case                                  manager    case0
case                                  manager    case1
case                                  manager    case2
case                                  manager    case3
case                                  executive  case0
case                                  manager    case1         ?do=plan
case                                  manager    case3         ?do=prevent
case_report                           manager    case3
case_board                            manager
case_board                            newcomer
case_figures                          manager
case_figures                          newcomer
actions                               owner
actions                               newcomer
action_new                            owner
action                                owner      action
action                                executive  action
customer_actions                      owner      customer
customer_actions                      owner      bare
appointment_new                       owner      customer
appointment                           owner      appointment
appointment                           executive  appointment
playbooks                             admin
playbook                              admin      playbook
playbooks                             owner
playbook                              owner      playbook
playbook_new                          admin
reminders                             owner
digest_stop                           nobody     stop
digest_stop                           nobody     unknown       -                      404
outbox                                admin
outbox_surveys                        admin
outbox_questions                      admin
outbox_letters                        admin
outbox_letter                         admin      letter
survey                                nobody     form
survey                                nobody     answered      ?done=1
survey                                nobody     expired       -                      410
survey                                nobody     unknown       -                      404
survey_stop                           nobody     form
survey_confirm                        nobody     unknown       -                      404
survey_confirm_stop                   nobody     unknown       -                      404
jobs                                  admin
job                                   admin      run
status                                admin
costs                                 admin
activity_new                          admin
activity                              admin      activity
listening                             owner
listening                             newcomer
voices                                owner
voices                                newcomer
voice_new                             owner      customer
voice                                 owner      voice
voice_edit                            owner      voice
needs                                 owner
needs                                 newcomer
need_board                            owner
need_demand                           owner
need_demand                           owner      -             ?by=tag
need_choose                           owner
customer_needs                        owner      customer
customer_needs                        owner      bare
need_new                              owner      customer
need                                  owner      need
need_edit                             owner      need
contracts                             owner
contracts                             owner      -             ?ends_before=2030-01-01&sort=-value
contracts                             owner      -             ?q=nothing
contracts                             newcomer
opportunities                         owner
opportunities                         owner      -             ?show=all&q=nothing
customer_deals                        owner      customer
customer_deals                        owner      bare
contract_new                          owner      customer
contract                              owner      contract
contract_edit                         owner      contract
opportunity_new                       owner      customer
opportunity                           owner      opportunity
supply_say                            owner      customer
programme                             admin
programme_version                     admin      version
programme_draft                       admin      draft
programme_activate                    admin      draft
customer_programme                    admin      customer
project_programme                     admin      project
surveys                               admin
surveys                               owner
survey_new                            admin
survey_programme                      admin      survey
survey_version                        admin      survey_version
survey_draft                          admin      survey_draft
survey_publish                        admin      survey_draft
survey_preview                        admin      survey_draft
survey_results                        owner      survey
survey_results                        newcomer   survey
occasion_new                          owner      customer
occasion_new                          owner      bare
interview_new                         owner      customer
occasion                              owner      occasion
occasion_interview                    owner      interview
occasion_survey                       nobody     occasion_link
occasion_survey                       nobody     occasion_said ?done=1
occasion_survey                       nobody     occasion_over -                      410
occasion_survey                       nobody     unknown       -                      404
occasion_stop                         nobody     occasion_link
calendars                             admin
calendar                              admin      calendar
functional_managers                   admin
customer_listening                    owner      customer
customer_listening                    owner      bare
customer_costs                        owner      customer
customer_costs                        owner      bare
imports                               admin
import_new                            admin
import                                admin      import
import                                admin      received
tokens                                owner
users                                 admin
user_new                              admin
user                                  admin      person
user_hand_over                        admin      person
teams                                 admin
team_new                              admin
team                                  admin      team
profile                               owner
account_login                         nobody
account_logout                        owner
account_inactive                      nobody
account_signup                        nobody
account_reauthenticate                owner
account_email_verification_sent       nobody
account_change_password               owner
account_reset_password                nobody
account_reset_password_done           nobody
account_reset_password_from_key       nobody     new_password
account_reset_password_from_key       nobody     used_password
account_reset_password_from_key_done  nobody
account_confirm_email                 nobody     confirm
mfa_index                             owner
mfa_index                             secured
mfa_authenticate                      halfway
mfa_reauthenticate                    secured
mfa_activate_totp                     owner
mfa_deactivate_totp                   secured
mfa_view_recovery_codes               secured
mfa_generate_recovery_codes           secured
mfa_list_webauthn                     owner
mfa_list_webauthn                     secured
mfa_add_webauthn                      secured
mfa_edit_webauthn                     secured    passkey
mfa_remove_webauthn                   secured    passkey
mfa_reauthenticate_webauthn           secured
"""

# What answers GET and is no page of its own, and why.
NO_PAGES = {
    "home": "leads to today",
    "health_live": "for machines",
    "health_ready": "for machines",
    "metrics": "for machines",
    "customers_csv": "a file",
    "customers_xlsx": "a file",
    "customer_options": "JSON for a field",
    "search_palette": "the options of the palette, which every page has",
    "user_options": "JSON for a field",
    "customer_satisfaction_csv": "a file",
    "customer_measured_csv": "a file",
    "voices_csv": "a file",
    "needs_csv": "a file",
    "needs_xlsx": "a file",
    "contracts_csv": "a file",
    "contracts_xlsx": "a file",
    "opportunities_csv": "a file",
    "opportunities_xlsx": "a file",
    "need_demand_csv": "a file",
    "interactions_csv": "a file",
    "interactions_xlsx": "a file",
    "file_open": "a file",
    "calendar_feed": "a file for calendar programs",
    "day_words": "a line beside a field",
    "calendar_day": "leads to calendar",
    "calendar_fill": "leads to calendar",
    "satisfaction_csv": "a file",
    "satisfaction_xlsx": "a file",
    "satisfaction_open": "a part of satisfaction, by ?cell=, ?note= or ?assign=",
    "meeting_xlsx": "a file",
    "satisfaction_index_csv": "a file",
    "survey_results_xlsx": "a file",
    "satisfaction_index_xlsx": "a file",
    "satisfaction_retention_csv": "a file",
    "customer_standing": "a part of customer",
    "cases_csv": "a file",
    "case_figures_csv": "a file",
    "import_refused": "a file",
    "import_file": "a file",
    "activity_rate": "leads to activity",
    "customer_costs_csv": "a file",
    "mfa_download_recovery_codes": "a file",
    "mfa_login_webauthn": "JSON for a button",
    "outbox_letter_html": "a letter's own HTML, within the page outbox_letter",
    "account_email": "leads to profile",
    "account_set_password": "leads to account_change_password: everybody has one",
    "account_confirm_login_code": "leads to account_login: no codes by mail",
}


def _read(table: str) -> list[Opened]:
    lines = []
    for row in table.strip().splitlines():
        if row.startswith("#"):
            continue
        name, who, key, query, status = (
            [*row.split(), "-", "-", "-"][:5] if len(row.split()) < 5 else row.split()
        )
        lines.append(
            Opened(
                name,
                who,
                key="" if key == "-" else key,
                query="" if query == "-" else query,
                status=200 if status == "-" else int(status),
            )
        )
    return lines


PAGES = _read(TABLE)
