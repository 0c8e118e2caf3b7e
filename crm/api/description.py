"""How the API describes itself: settings of drf-spectacular. Nothing of Django is imported here."""

from typing import Any

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Truenorth API",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "CustomerKind": "accounts.customers.models.CustomerKind",
        "InteractionKind": "accounts.interactions.models.InteractionKind",
        "OrderKind": "accounts.orders.models.OrderKind",
        "CaseEventKind": "accounts.surveys.models.CaseEventKind",
        "CaseState": "accounts.surveys.models.CaseState",
        "CustomerStage": "accounts.customers.models.Stage",
        "OpportunityStage": "accounts.deals.models.OpportunityStage",
        "ContractKind": "accounts.deals.models.ContractKind",
        "OrganisationalLevel": "accounts.contacts.models.Level",
        "NeedLevel": "accounts.needs.models.NeedLevel",
        "SearchKind": "crm.queries.search.Kind",
        "TeamStyle": "accounts.projects.models.TeamStyle",
        "Tier": "crm.api.scores.TIER_NAMES",
        "FlagLevel": "crm.api.scores.FLAG_NAMES",
    },
}
