"""Two people who close a loop at the same moment: one of them is refused."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import change_contact, create_contact
from tests.conftest import MONDAY, World


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_cannot_close_a_loop(world: World) -> None:
    a, b = (
        create_contact(
            customer=world.customer, name=name, level=Level.SPECIALIST, author=world.owner, now=MONDAY
        )
        for name in "AB"
    )
    start = threading.Barrier(2)
    refused: list[str] = []

    def let_report(junior: Contact, senior: Contact) -> None:
        try:
            start.wait()
            change_contact(
                junior, expected_version=1, changes={"reports_to": senior}, author=world.owner, now=MONDAY
            )
        except ValidationError:
            refused.append(junior.name)
        finally:
            connection.close()

    threads = [threading.Thread(target=let_report, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert Contact.objects.filter(reports_to__isnull=False).count() == 1
