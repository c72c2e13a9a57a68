"""The WSGI application that granian (by `manage.py start`) or another server loads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanxun.settings")
os.environ["TANXUN_SERVING"] = "1"

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

if settings.IS_HTTPS and (settings.DEBUG or "*" in settings.ALLOWED_HOSTS):
    raise ImproperlyConfigured("DEBUG=1 or ALLOWED_HOSTS=* together with an https SITE_URL: refused.")

application = get_wsgi_application()
