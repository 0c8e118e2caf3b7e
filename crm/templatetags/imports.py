"""Words for what an import refused."""

from django import template

from accounts.imports.problems import row_reason

register = template.Library()
register.filter("row_reason", row_reason)
