from django.db import migrations


def raise_what_the_timelines_tell(apps, schema_editor):
    """Make a flag of each reason that a timeline names: open where nobody has looked since.

    The column had only the last of them, and whoever looked cleared it of all.
    """
    Flag, Order, Timeline = (apps.get_model("checkout", name) for name in ("Flag", "Order", "Timeline"))
    for entry in Timeline.objects.filter(kind__in=["attention", "resolved"]).order_by("pk").iterator():
        if entry.kind == "resolved":
            theirs = Flag.objects.filter(order_id=entry.order_id, settled_at=None)
            theirs.update(settled_at=entry.at, settled_by=entry.user_id)
        else:
            Flag.objects.get_or_create(
                order_id=entry.order_id,
                reason=entry.data.get("reason", "")[:40],
                about=entry.data.get("about", "")[:255],
                defaults={"facts": entry.data, "raised_at": entry.at},
            )
    for order in Order.objects.exclude(needs_attention="").iterator():
        known = Flag.objects.filter(order=order, reason=order.needs_attention, settled_at=None)
        if not known.exists():
            Flag.objects.get_or_create(
                order=order, reason=order.needs_attention, about="", defaults={"raised_at": order.placed_at}
            )


class Migration(migrations.Migration):
    dependencies = [("checkout", "0010_flags")]

    operations = [migrations.RunPython(raise_what_the_timelines_tell, migrations.RunPython.noop)]
