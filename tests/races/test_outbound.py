"""Two workers reach for the same event at the same instant: one try. And the proof that the test can fail."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.models import User
from checkout.messages import webhook_endpoints, webhook_events
from checkout.models import Mail, OutboundDelivery, OutboundEvent, OutboundTry, WebhookEndpoint
from tests.factories import VariantFactory
from tests.orders import NOW, place
from tests.outbound import listen
from tests.races.together import at_once, met
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def delivery(alice: User, receiver: Receiver) -> OutboundDelivery:
    listen(receiver.url)
    place(alice, (VariantFactory(price=2400, stock=5), 1))
    return OutboundDelivery.objects.get()


def both_try(delivery: OutboundDelivery, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let two workers see that the delivery is due, and only then reach for it; return who sent it."""
    monkeypatch.setattr(webhook_events, "_claim", met(webhook_events._claim))
    answers = at_once(*[lambda: webhook_events.deliver(delivery.pk, now=NOW)] * 2)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    return sorted(answer is not None for answer in answers)


def test_two_workers_never_send_the_same_try(
    delivery: OutboundDelivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both_try(delivery, monkeypatch) == [False, True]
    assert (len(receiver.letters), OutboundTry.objects.count()) == (1, 1)


def test_without_the_claim_they_both_do(
    delivery: OutboundDelivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whoever reaches for it has it."""
    monkeypatch.setattr(webhook_events, "_claim", lambda *_args, **_kwargs: True)
    assert both_try(delivery, monkeypatch) == [True, True]
    assert len(receiver.letters) == 2


def test_two_sweeps_at_once_send_everything_once(alice: User, bob: User, receiver: Receiver) -> None:
    for number in range(3):
        listen(f"{receiver.url}/{number}")
    variant = VariantFactory(price=2400, stock=5)
    for user in (alice, bob):
        place(user, (variant, 1))
    counts = at_once(*[lambda: webhook_events.send_due(now=NOW)] * 2)
    assert [count for count in counts if isinstance(count, Exception)] == []
    assert sum(sent.taken for sent in counts) == len(receiver.letters) == 6
    assert len({(letter.path, letter.headers["Folio-Event"]) for letter in receiver.letters}) == 6


def test_an_endpoint_that_fails_twice_at_once_is_switched_off_once(
    delivery: OutboundDelivery, bob: User, receiver: Receiver
) -> None:
    place(bob, (VariantFactory(price=2400, stock=5), 1))
    WebhookEndpoint.objects.update(failing_since=NOW - webhook_endpoints.PATIENCE)
    receiver.answers = [500]
    ids = OutboundDelivery.objects.values_list("pk", flat=True)
    at_once(*[lambda pk=pk: webhook_events.deliver(pk, now=NOW) for pk in ids])
    assert len(receiver.letters) == 2
    assert not WebhookEndpoint.objects.get().is_active
    assert Mail.objects.filter(kind="webhook").count() == 1


def test_sending_again_what_is_being_sent_waits_for_nobody_and_sends_nothing(
    delivery: OutboundDelivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def staff_press_again(*args: object, **kwargs: object) -> webhook_events.Answer:
        with pytest.raises(webhook_events.BeingSentError):
            webhook_events.send_again(OutboundDelivery.objects.get(), now=NOW + timedelta(seconds=1))
        said.append("being sent")
        return post(*args, **kwargs)

    post = webhook_events._post
    monkeypatch.setattr(webhook_events, "_post", staff_press_again)
    webhook_events.deliver(delivery.pk, now=NOW)
    assert (said, len(receiver.letters), OutboundEvent.objects.count()) == (["being sent"], 1, 1)
