"""Who may give which right: nobody more than they have themselves."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Model, QuerySet

from accounts.models import User


def covers(asking: User, other: Model | None) -> bool:
    """Tell whether somebody has every right that an account or a group has."""
    if asking.is_superuser or other is None:
        return True
    if isinstance(other, User):
        return not other.is_superuser and other.get_all_permissions() <= asking.get_all_permissions()
    if isinstance(other, Group):
        return not other.permissions.exclude(pk__in=permissions_of(asking)).exists()
    return False


def permissions_of(user: User) -> QuerySet[Permission]:
    """Return the permissions that a user has, by groups or directly."""
    if user.is_superuser:
        return Permission.objects.all()
    direct = Permission.objects.filter(user=user)
    by_group = Permission.objects.filter(group__user=user)
    return Permission.objects.filter(pk__in=direct) | Permission.objects.filter(pk__in=by_group)


def groups_within(user: User) -> QuerySet[Group]:
    """Return the groups that give no right that a user does not have."""
    if user.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=permissions_of(user))
    return Group.objects.exclude(permissions__in=beyond)
