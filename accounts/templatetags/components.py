"""Tags and filters that templates in Django's own language share."""

from typing import NamedTuple

from django import template
from django.forms import BaseForm, BoundField
from django.template import engines
from django.utils.translation import gettext, ngettext

register = template.Library()


@register.simple_tag
def component(name: str, *arguments: object) -> str:
    """Write a component (a macro of templates/components.html) in a template in Django's own language."""
    macros = engines["jinja2"].env.get_template("components.html").module  # type: ignore[attr-defined]
    written: str = getattr(macros, name)(*arguments)
    return written


class Wrong(NamedTuple):
    """One line of an error summary: the id of the control to go to ("" if none), and the sentence."""

    target: str
    sentence: str


@register.filter
def wrongs(form: BaseForm) -> list[Wrong]:
    """Return what is wrong in a form, in the order of its fields, the sentences about the whole form first.

    Of each field only the first sentence, as it stands at the field.
    """
    shown = form.visible_fields()
    first = control_id(shown[0]) if shown else ""
    lines = [Wrong(first, str(error)) for error in form.non_field_errors()]
    for field in form:
        target = first if field.is_hidden else control_id(field)
        lines += [Wrong(target, str(error)) for error in list(field.errors)[:1]]
    return lines


@register.filter
def control_id(field: BoundField) -> str:
    """Return the id of the control that a link to this field should lead to: of several, the first."""
    return field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else "")


@register.filter
def things_to_put_right(number: int) -> str:
    """Return the heading of an error summary, with the number as a word up to nine."""
    words = [
        gettext("No things"),
        gettext("One thing"),
        gettext("Two things"),
        gettext("Three things"),
        gettext("Four things"),
        gettext("Five things"),
        gettext("Six things"),
        gettext("Seven things"),
        gettext("Eight things"),
        gettext("Nine things"),
    ]
    things = words[number] if number < len(words) else ngettext("%d thing", "%d things", number) % number
    return gettext("%(things)s to put right") % {"things": things}


@register.filter
def first_sentence(text: object) -> str:
    """Return a text up to the end of its first sentence: the part that a notice shows in bold."""
    head, stop, rest = str(text).partition(". ")
    return f"{head}." if stop and rest else head


@register.filter
def after_first_sentence(text: object) -> str:
    """Return what follows the first sentence of a text."""
    return str(text).partition(". ")[2]
