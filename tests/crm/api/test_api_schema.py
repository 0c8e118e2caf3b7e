"""The OpenAPI document is complete, valid, and there for whoever is logged in."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from crm.api.errors import ErrorSerializer


def operations() -> dict[str, Any]:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_made_without_a_warning_and_valid(tmp_path: Any) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yaml"))
    assert (tmp_path / "schema.yaml").stat().st_size > 10_000


def test_every_operation_is_described() -> None:
    names = {name.removeprefix("/api/v1/") for name in operations()}
    assert {name.replace("/api/v1/", "") for name in names} == {
        "GET activity-usages",
        "GET activity-usages/{id}",
        "GET contacts",
        "POST contacts",
        "GET contacts/{id}",
        "PATCH contacts/{id}",
        "GET corrective-actions",
        "GET corrective-actions/{id}",
        "GET customers",
        "POST customers",
        "GET customers/{id}",
        "PATCH customers/{id}",
        "GET files",
        "POST files",
        "GET files/{id}",
        "DELETE files/{id}",
        "GET files/{id}/content",
        "GET interactions",
        "POST interactions",
        "GET interactions/{identity}",
        "PATCH interactions/{identity}",
        "DELETE interactions/{identity}",
        "GET interaction-templates",
        "GET interaction-templates/{id}",
        "GET needs",
        "POST needs",
        "GET contracts",
        "POST contracts",
        "GET opportunities",
        "POST opportunities",
        "GET needs/{id}",
        "PATCH needs/{id}",
        "GET contracts/{id}",
        "PATCH contracts/{id}",
        "GET opportunities/{id}",
        "PATCH opportunities/{id}",
        "GET invitations",
        "GET invitations/{id}",
        "GET orders",
        "POST orders",
        "GET orders/{id}",
        "PATCH orders/{id}",
        "DELETE orders/{id}",
        "GET projects",
        "POST projects",
        "GET projects/{id}",
        "PATCH projects/{id}",
        "GET satisfaction-index",
        "GET satisfaction-index/{of}",
        "GET scores",
        "GET scores/{customer}",
        "GET search",
        "GET supply-shares",
        "POST supply-shares",
        "GET supply-shares/{id}",
        "GET users",
        "GET users/{id}",
    }


def test_every_failure_has_the_one_shape() -> None:
    shape = f"#/components/schemas/{ErrorSerializer.__name__.removesuffix('Serializer')}"
    described = [
        (name, status, answer)
        for name, operation in operations().items()
        for status, answer in operation["responses"].items()
        if status >= "400"
    ]
    assert len(described) > 100
    for name, status, answer in described:
        assert answer["content"]["application/json"]["schema"] == {"$ref": shape}, (name, status)


def test_it_is_served_as_yaml_and_json_to_who_is_logged_in(world: Any, api_of: Any) -> None:
    api = api_of(world.member)
    assert api.get("schema")["Content-Type"].startswith("application/vnd.oai.openapi")
    assert api.get("schema.json").json()["info"]["title"] == "Truenorth API"


def test_its_query_cannot_break_its_headers(world: Any, api_of: Any) -> None:
    api = api_of(world.member)
    for version in ("a\r\nSet-Cookie: x=1", '"', "\x00"):
        answer = api.get("schema.json", version=version, lang=version)
        assert answer.status_code == 200
        assert answer["Content-Disposition"] == 'inline; filename="Truenorth API.json"'
