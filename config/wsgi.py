"""The shop as a WSGI application, with its kept pages in front."""

import os

from django.core.wsgi import get_wsgi_application

from shop.page_cache.middleware import KeptPages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = KeptPages(get_wsgi_application())
