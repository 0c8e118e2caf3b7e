"""``Authorization: Bearer tn_...``: tokens of knox, stored as hashes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.users.models import User


class BearerAuthentication(TokenAuthentication):
    """Knox's, which fails with a server error on bytes that are no ASCII."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, Any]:
        if not token.isascii() or b"\x00" in token:
            raise AuthenticationFailed(_("Invalid token."))
        user, auth_token = super().authenticate_credentials(token)
        return user, auth_token


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Its entry in the OpenAPI document."""

    target_class = "crm.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        scheme: dict[str, Any] = build_bearer_security_scheme_object("Authorization", "Bearer")
        return scheme
