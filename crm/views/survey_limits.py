"""How often a client may be wrong about a link, and how often a link may write: SURVEY_TRIES in ten minutes.

A right link is never counted as a guess and never asked about its client: a whole office behind one address
answers, whatever somebody else there tries. There is nothing to find by guessing 256 random bits; the limit
keeps whoever tries from costing us more than a line in the log.
"""

from __future__ import annotations

import ipaddress
import logging

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 600


def is_guessing(request: HttpRequest) -> bool:
    """Count a link that is not known; whether this client showed too many of them."""
    return _counted(f"survey:wrong:{_client(request)}") > settings.SURVEY_TRIES


def writes_too_often(link: str) -> bool:
    """Count a POST by a link that is known (``link``: of what, and its id); whether there were too many."""
    return _counted(f"survey:writes:{link}") > settings.SURVEY_TRIES


def _counted(key: str) -> int:
    """How often in this window, with this time. Without the cache nobody is turned away."""
    try:
        cache.add(key, 0, WINDOW_SECONDS)
        return int(cache.incr(key))
    except (RedisError, ValueError):  # ValueError: the window ended between the two
        logger.warning("survey_limits_unknown")
        return 0


def _client(request: HttpRequest) -> str:
    """Stands for a network address, so that none is kept; of IPv6 the network that one subscriber has."""
    try:
        address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    except (ImproperlyConfigured, PermissionDenied, ValueError):
        return "unknown"
    network = ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False)
    return salted_hmac("survey.client", str(network), algorithm="sha256").hexdigest()[:32]
