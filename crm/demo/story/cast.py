"""Our own people in the demo: one log-in per role, and the colleagues around them."""

from dataclasses import dataclass

from accounts.users.models import Role, Team, TeamMember, User
from accounts.users.services import create_user

PASSWORD = "truenorth demo"  # noqa: S105  (printed at every start of the demo)
DOMAIN = "demo.truenorth.example"


@dataclass(frozen=True)
class Cast:
    admin: User
    managers: list[User]
    project_managers: list[User]
    members: list[User]


# mailbox, name, role, language
_PEOPLE = (
    ("admin", "Mia Admin", Role.ADMIN, "en"),
    ("executive", "陈总", Role.EXECUTIVE, "zh-hans"),
    ("lead", "Lena Lead", Role.ACCOUNT_MANAGER, "en"),
    ("am", "Alex Morgan", Role.ACCOUNT_MANAGER, "en"),
    ("am2", "王晓梅", Role.ACCOUNT_MANAGER, "zh-hans"),
    ("am3", "林志豪", Role.ACCOUNT_MANAGER, "zh-hant"),
    ("am4", "Sara Lindgren", Role.ACCOUNT_MANAGER, "en"),
    ("am5", "赵磊", Role.ACCOUNT_MANAGER, "zh-hans"),
    ("pm", "Paul Meyer", Role.PROJECT_MANAGER, "en"),
    ("pm2", "孙静", Role.PROJECT_MANAGER, "zh-hans"),
    ("pm3", "Priya Nair", Role.PROJECT_MANAGER, "en"),
    ("member", "Max Member", Role.MEMBER, "en"),
    ("member2", "何伟", Role.MEMBER, "zh-hans"),
    ("member3", "Olga Petrova", Role.MEMBER, "en"),
    ("member4", "郭芳", Role.MEMBER, "zh-hans"),
)
_SHOWN = ("admin", "executive", "lead", "am", "pm", "member")


def email(mailbox: str) -> str:
    return f"{mailbox}@{DOMAIN}"


def create_cast() -> Cast:
    """Everybody, and two teams with a lead each."""
    people = {
        mailbox: create_user(
            email=email(mailbox),
            name=name,
            role=role,
            password=PASSWORD,
            language=language,
            time_zone="Asia/Shanghai",
        )
        for mailbox, name, role, language in _PEOPLE
    }
    _team("East", people["lead"], [people["am"], people["am2"], people["pm"]])
    _team("South", people["am4"], [people["am3"], people["am5"]])
    managers = [user for user in people.values() if user.role == Role.ACCOUNT_MANAGER]
    return Cast(
        admin=people["admin"],
        managers=[user for user in managers if user != people["lead"]],
        project_managers=[user for user in people.values() if user.role == Role.PROJECT_MANAGER],
        members=[user for user in people.values() if user.role == Role.MEMBER],
    )


def log_ins() -> list[tuple[str, str, str]]:
    """Role in words, e-mail and password of one person per role."""
    shown = User.objects.filter(email__in=[email(mailbox) for mailbox in _SHOWN])
    by_email = {user.email: user for user in shown}
    rows = []
    for mailbox in _SHOWN:
        user = by_email.get(email(mailbox))
        if user:
            label = "Team lead" if mailbox == "lead" else str(user.get_role_display())
            rows.append((label, user.email, PASSWORD))
    return rows


def _team(name: str, lead: User, members: list[User]) -> None:
    team = Team.objects.create(name=name, lead=lead)
    TeamMember.objects.bulk_create(TeamMember(team=team, user=user) for user in members)
