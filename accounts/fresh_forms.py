"""Forms that somebody may hold open for long, while others write the same rows.

A form carries what it was drawn with (Django's `show_hidden_initial`), so that only what was changed in it is written. A
field that changed in the database meanwhile is an error that shows both values. What happens between that look and the
write meets in the WHERE of one UPDATE; then the form is looked at again.
"""

# ruff: noqa: SLF001 - Django's own names for what a model and a bound field know of themselves
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)
MOST_LOOKS = 5


class ChangedMeanwhileError(Exception):
    """Somebody wrote a field after a form had read it. Nothing was written."""


class FreshForm(forms.ModelForm[M]):
    """A form of a row that writes what was changed in it, over what it showed and nothing else."""

    data: Any  # a QueryDict

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = {} if self.instance.pk is None else model_to_dict(self.instance, list(self.fields))
        self._stored = {name: value for name, value in stored.items() if not self.fields[name].disabled}
        for name in self._stored:
            self.fields[name].show_hidden_initial = True
        if self.is_bound and self._stored:
            self._complete()

    def _complete(self) -> None:
        """Fill in what the data lack: a browser sends nothing of an empty list, and a program nothing of what it saw."""
        self.data = self.data.copy()
        names = {self[name].html_initial_name: name for name in self._stored}
        is_carried = any(key in self.data for key in names)
        for key, name in names.items():
            if key not in self.data:
                self._set_shown(name, [] if is_carried else self._now(name))

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the names of the fields that differ from what the form showed."""
        chosen = self._is_file_chosen
        fields = self._bound_items()  # type: ignore[attr-defined]  # Django\'s stubs leave it out
        return [name for name, field in fields if field._has_changed() and chosen(field)]

    def _is_file_chosen(self, field: forms.BoundField) -> bool:
        return not isinstance(field.field, forms.FileField) or field.data is not None

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # Django's stubs leave it out
        for name in self._stored:
            if name not in self.changed_data:
                self.cleaned_data.pop(name, None)  # so the row keeps its own, which may be newer
            elif name not in self.errors and self._is_overtaken(name):
                self._refuse(name)

    def _is_overtaken(self, name: str) -> bool:
        """Tell whether a field is neither what the form showed nor what was typed. A set of rows is changed by difference."""
        field = self[name].field
        if isinstance(field, forms.ModelMultipleChoiceField) or self._shown(name) == self._now(name):
            return False
        before = self.get_initial_for_field(field, name)
        return isinstance(field, forms.FileField) or field.has_changed(before, self[name].data)

    def _refuse(self, name: str) -> None:
        text = _("Meanwhile “%(shown)s” became “%(now)s”. Save again to write what you typed in its place.")
        values = {
            "shown": self._in_words(name, self._shown(name)),
            "now": self._in_words(name, self._now(name)),
        }
        self.add_error(name, forms.ValidationError(text, code="changed_meanwhile", params=values))
        self._set_shown(name, self._now(name))

    def _shown(self, name: str) -> list[str]:
        """Return what the form showed in a field, as texts."""
        field = self[name]
        return _texts(
            field.field.hidden_widget().value_from_datadict(self.data, self.files, field.html_initial_name)
        )

    def _now(self, name: str) -> list[str]:
        """Return what it would show now."""
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        return _texts(field.hidden_widget().format_value(value))

    def _set_shown(self, name: str, texts: list[str]) -> None:
        self.data.setlist(self[name].html_initial_name, texts)

    def _in_words(self, name: str, texts: list[str]) -> str:
        choices = getattr(self.fields[name], "choices", ())
        words = {str(value): str(label) for value, label in choices} if choices else {}
        return ", ".join(words.get(text, text) for text in texts)

    def write(self, *also: str) -> None:
        """Write the fields that were changed, and others by name, where what was changed is as the form read it.

        Raises ChangedMeanwhileError where it is not.
        """
        columns = {field.name: field for field in self.instance._meta.concrete_fields}
        changed = [name for name in self.changed_data if name in columns]
        values = {name: columns[name].pre_save(self.instance, add=False) for name in (*changed, *also)}
        was = {name: self._stored[name] for name in changed}
        rows = type(self.instance)._base_manager.filter(pk=self.instance.pk, **was)
        if values and not rows.update(**values):
            raise ChangedMeanwhileError

    def save(self, commit: bool = True) -> M:  # noqa: FBT001, FBT002 - Django's signature
        """Write the row: a new one whole."""
        if not commit or not self._stored:
            return super().save(commit)
        super().save(commit=False)
        self.write()
        self._save_m2m()
        return self.instance

    def _save_m2m(self) -> None:
        if not self._stored:
            super()._save_m2m()  # type: ignore[misc]
            return
        for field in self.instance._meta.many_to_many:
            if field.name in self.cleaned_data:
                shown, typed = (
                    set(self._shown(field.name)),
                    {str(row.pk) for row in self.cleaned_data[field.name]},
                )
                rows = getattr(self.instance, field.name)
                rows.add(*(typed - shown))
                rows.remove(*(shown - typed))


class RowForm(FreshForm[M]):
    """The fields of a row in a list, whose labels stand far above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


def _texts(value: Any) -> list[str]:
    """Return one value or many, as they are written in HTML, in a form that can be compared."""
    many = value if isinstance(value, list) else [value]
    return sorted("\n".join(str("" if one is None else one).splitlines()) for one in many)


class FreshAdmin(admin.ModelAdmin[M]):
    """Pages and lists that write only what was changed in them."""

    form: Any = FreshForm

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form of a row in the list."""
        return super().get_changelist_form(request, **{"form": RowForm, **kwargs})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show and save the page; when somebody was faster, look again."""
        return _settled(lambda: super(FreshAdmin, self).changeform_view(request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show and save the list; when somebody was faster, look again."""
        return _settled(lambda: super(FreshAdmin, self).changelist_view(request, *args, **kwargs))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[M], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Carry out an action on the rows that were chosen; on none where one of them can be no row."""
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.model._meta.pk.clean(chosen, None)
        except forms.ValidationError:
            self.message_user(request, _("Look again: such a row cannot be."), messages.ERROR)
            return None
        return super().response_action(request, queryset, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write the row: a new one whole."""
        if change:
            form.write()
        else:
            super().save_model(request, obj, form, change)


def _settled(view: Callable[[], HttpResponse]) -> HttpResponse:
    """Return what the view answers once nobody came between. Raises ChangedMeanwhileError where somebody always does."""
    for _again in range(MOST_LOOKS - 1):
        with suppress(ChangedMeanwhileError):
            return view()
    return view()
