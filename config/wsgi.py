"""The WSGI application, behind the page cache."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from shop.page_cache.wsgi import CachedPagesFirst  # noqa: E402 - models can be imported only now

application = CachedPagesFirst(django_application)
