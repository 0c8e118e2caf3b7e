"""Every address of the product, by subject."""

from django.conf import settings
from django.urls import path

from crm.urls import customers, installation, satisfaction, work
from crm.views import errors, frame

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns = [
    *work.urlpatterns,
    *customers.urlpatterns,
    *satisfaction.urlpatterns,
    *installation.urlpatterns,
]
if settings.DEBUG:
    urlpatterns.append(path("gallery/", frame.gallery, name="gallery"))
