"""Every address of the product."""

from django.urls import include, path

from crm.views import health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
]
