"""Which index answers which words, in a book of 100,000 customers with a contact each.

Times are those of the database alone, without planning; the limit is wide, for a busy machine. What is held
exactly is that no statement reads a table from its beginning to its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from accounts import names
from accounts.users.models import Role, User
from crm.queries import search
from tests.conftest import person, rows_for_module

CUSTOMERS, FEW = 100_000, 50
MOST_MS, MOST_READ = 150, 10_000
WORDS = ["customer_tokens", "customer_trigrams", "contact_tokens", "contact_trigrams", "interaction_words"]
STEMS = [
    "华为",
    "华兴",
    "天河",
    "大同",
    "远东",
    "中兴",
    "立讯",
    "宏达",
    "联创",
    "海康",
    "汇川",
    "科达",
    "新星",
    "东方",
    "长城",
    "恒瑞",
    "明阳",
    "金风",
    "万华",
    "三一",
]
TRADES = ["电子", "科技", "机械", "精密", "医疗", "材料", "自动化", "光电", "仪器", "半导体"]
CITIES = ["深圳", "上海", "苏州", "广州", "北京", "杭州", "武汉", "成都"]
LATIN = [
    f"{a} {b}" for a in ["Siemens", "Bosch", "Keller", "Orion", "Linden", "Delta"] for b in ["Pumps", "Rail"]
]
PEOPLE = [f"{a}{b}{c}" for a in "王李张刘陈杨赵黄周吴" for b in "伟芳娜秀英敏" for c in "静丽强磊军洋"]


@dataclass(frozen=True)
class Book:
    executive: User
    manager: User


def _pool(names_of: list[str]) -> list[tuple[str, str, str, list[str]]]:
    return [(n, names.sort_key(n), names.search_text(n), names.search_tokens(n)) for n in names_of]


def _fill(owner: User) -> None:
    companies = [f"{c}{s}{t}" for c in CITIES for s in STEMS for t in TRADES] + LATIN
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table pool (n serial, name text, key text, words text, tokens text[], kind text)"
        )
        with cursor.copy("copy pool (name, key, words, tokens, kind) from stdin") as copy:
            for kind, listed in (("company", companies), ("person", PEOPLE)):
                for name, key, words, tokens in _pool(listed):
                    copy.write_row((name, key, words, tokens, kind))
        # Built at once, as after a restore, they take a fifth of the time.
        cursor.execute("select indexname, indexdef from pg_indexes where indexname = any(%s)", [WORDS])
        indexes = cursor.fetchall()
        assert len(indexes) == len(WORDS)
        for name, _definition in indexes:
            cursor.execute(f"drop index {name}")
        for statement in _STATEMENTS:
            cursor.execute(
                statement,
                {
                    "customers": CUSTOMERS,
                    "few": FEW,
                    "owner": owner.pk,
                    "companies": len(companies),
                    "people": len(PEOPLE),
                },
            )
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute(
            "analyze customers_customer, contacts_contact, interactions_interaction, orders_order,"
            " deals_contract"
        )


_STATEMENTS = (
    "set local session_replication_role = replica",
    """
    insert into customers_customer (id, known_at, number, short_name, legal_name, kind, stage, currency, tags,
        custom_fields, version, sort_key, search_text, search_tokens, owner_id)
    select 1000000 + i, now(), 'X' || i, name, '', 'company', 'continuing', 'CNY', '{}', '{}', 1, key,
        words || ' x' || i, tokens || ('=x' || i), case when i <= %(few)s then %(owner)s end
    from generate_series(1, %(customers)s) i join pool on n = 1 + i %% %(companies)s
    """,
    """
    insert into contacts_contact (known_at, customer_id, name, title, department, level, decision_role,
        attitude, email, phone, language, time_zone, opted_out, version, sort_key, search_text, search_tokens)
    select now(), 1000000 + 1 + i, name, '', '', 'executive', '', 'neutral', 'p' || i || '@c.example',
        '+86 1' || 3000000000 + i * 7919::bigint %% 900000000, 'en', 'UTC', false, 1, key,
        words || ' p' || i || '@c.example 861' || 3000000000 + i * 7919::bigint %% 900000000,
        tokens || ('=p' || i || 'cexample')
    from generate_series(0, %(customers)s - 1) i join pool on n = 1 + %(companies)s + i %% %(people)s
    """,
    """
    insert into interactions_interaction (known_at, identity, customer_id, kind, direction, started_at,
        minutes, summary, author_id)
    select now(), gen_random_uuid(), 1000000 + 1 + i %% %(customers)s, 'call', 'outbound', now(), 5,
        'Went through open orders. 讨论了交货进度 ref' || i, %(owner)s
    from generate_series(1, 20000) i
    """,
    """
    insert into orders_order (known_at, identity, number, customer_id, kind, ordered_on, currency, rate,
        amount_minor, base_amount_minor)
    select now(), 'PO-' || i, 'PO-' || i, 1000000 + 1 + i %% %(customers)s, 'order', '2026-01-01', 'CNY',
        1, 1, 1
    from generate_series(1, 20000) i
    """,
    """
    insert into deals_contract (known_at, number, title, customer_id, kind, starts_on, renewal, currency,
        owner_id, state, reason, author_id, version)
    select now(), 'KC-' || i, 'Supply', 1000000 + 1 + i %% %(customers)s, 'supply', '2026-01-01', 'by_hand',
        'CNY', %(owner)s, 'active', '', %(owner)s, 1
    from generate_series(1, 20000) i
    """,
    "set local session_replication_role = default",
)


@pytest.fixture(scope="module")
def book(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Book]:
    def make() -> Book:
        made = Book(person("exec", Role.EXECUTIVE), person("manager"))
        _fill(made.manager)
        return made

    yield from rows_for_module(django_db_blocker, make)


def plans_of(text: str, user: User) -> list[dict[str, Any]]:
    """The plan of every statement that the search for ``text`` makes, with times."""
    question = search.question_of(text)
    assert question is not None
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if statement.lstrip().lower().startswith("select") and "set_config" not in statement:
            statements.append((statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(note):
        answer = search.answer_to(question, user=user)
    assert answer.hits or user.role == Role.ACCOUNT_MANAGER, text
    plans = []
    with connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(f"explain (analyze, format json) {statement}", values)
            plan = cursor.fetchone()[0]
            plans.append((plan if isinstance(plan, list) else json.loads(plan))[0])
    return plans


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes_of(part)


def rows_read(node: dict[str, Any]) -> int:
    read = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
    return int(read * node.get("Actual Loops", 0))


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["executive", "manager"])
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("华为", "customer_tokens"),  # two Chinese characters
        ("王", "contact_tokens"),  # one surname
        ("hw", "customer_tokens"),  # initials from the middle
        ("huawei", "customer_trigrams"),  # pinyin
        ("si", "customer_tokens"),
        ("s", "customer_tokens"),
        ("siemens pumps", "customer_trigrams"),
        ("Simens", "customer_trigrams"),  # misspelt
        ("p123@c.example", "contact_trigrams"),  # an e-mail address
        ("07919", "contact_trigrams"),  # a telephone number's last digits
        ("PO-19", "order_one_current"),
        ("kc-19", "contract_by_number"),
        ("进度", "interaction_words"),
        ("ref4711", "interaction_words"),
    ],
)
def test_an_index_answers(book: Book, who: str, text: str, index: str) -> None:
    plans = plans_of(text, getattr(book, who))
    nodes = [node for plan in plans for node in nodes_of(plan["Plan"])]
    # What every tenth row has is read until there are enough; never is a table read to its end.
    read = [rows_read(node) for node in nodes if node["Node Type"] == "Seq Scan"]
    assert sum(read) < MOST_READ, text
    assert sum(plan["Execution Time"] for plan in plans) < MOST_MS
    if who == "executive":
        used = {node["Index Name"] for node in nodes if "Index Name" in node}
        assert index in used, (text, used)
