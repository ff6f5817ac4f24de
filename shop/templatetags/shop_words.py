"""Words of rows in templates: `{{ category.name|said }}`."""

from django import template

from shop import vocabulary

register = template.Library()
register.filter(vocabulary.said)
register.filter(vocabulary.within)
