"""Words of rows in templates: `{{ category.name|said }}`."""

from django import template

from shop.i18n import stored_text

register = template.Library()
register.filter(stored_text.said)
register.filter(stored_text.within)
