from collections.abc import Iterator

import pytest

from checkout.models import WebhookEndpoint
from tests.outbound import listen
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def endpoint(receiver: Receiver) -> WebhookEndpoint:
    return listen(receiver.url)
