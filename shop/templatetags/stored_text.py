"""Words of rows in templates: `{{ category.name|translated }}`."""

from django import template

from shop.i18n import stored_text

register = template.Library()
register.filter("translated", stored_text.translate_value)
register.filter("inside_sentence", stored_text.inside_sentence)
