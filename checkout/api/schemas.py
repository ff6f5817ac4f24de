"""Request and response schemas of orders and payments. Money: integers in minor units of the currency."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import BaseModel, Field

from shop.api.schemas import ChangeOut, CoverOut, Money, Text

Line = Annotated[Text, Field(max_length=300)]


class AddressIn(BaseModel):
    """Where the products go and whom the order is for: the fields of the checkout form."""

    full_name: Line = Field("", examples=["Alice Liddell"])
    line1: Line = Field("", description="Street and house number.", examples=["Oudegracht 12"])
    line2: Line = Field("", description="Flat, floor, care of.", examples=[""])
    city: Line = Field("", examples=["Utrecht"])
    region: Line = Field("", description="State or province.", examples=[""])
    postal_code: Line = Field("", examples=["3511 AB"])
    country: Line = Field("", description="ISO 3166-1; `GET /config` lists them.", examples=["NL"])
    phone: Line = Field("", examples=[""])


class AddressOut(Schema):
    """An address."""

    full_name: str = Field(examples=["Alice Liddell"])
    line1: str = Field(examples=["Oudegracht 12"])
    line2: str = Field(examples=[""])
    city: str = Field(examples=["Utrecht"])
    region: str = Field(examples=[""])
    postal_code: str = Field(examples=["3511 AB"])
    country: str = Field(examples=["NL"])
    phone: str = Field(examples=[""])


class DeliveryOptionOut(Schema):
    """A way to send products."""

    code: str = Field(description="What `POST /orders` takes as `delivery`.", examples=["post"])
    name: str = Field(examples=["Post"])
    note: str = Field(examples=["2 to 4 working days"])
    price: Money
    free_from: int | None = Field(
        description="The subtotal from which it costs nothing; null where there is none.", examples=[6000]
    )


class DeliveryOptionsOut(Schema):
    """The ways to send products, the usual one first."""

    items: list[DeliveryOptionOut]


class TaxOut(Schema):
    """What was paid at one rate."""

    rate: int = Field(description="In hundredths of a percent.", examples=[900])
    net: Money
    tax: Money


class QuoteOut(Schema):
    """What the cart would cost, ordered now. `total` is what `POST /orders` wants to hear."""

    currency: str = Field(examples=["eur"])
    subtotal: Money
    discount: Money
    delivery: Money
    tax: Money
    tax_included: bool = Field(
        description="Whether the prices have the tax in them, so that it is not added."
    )
    taxes: list[TaxOut]
    voucher: str = Field(description="The code that counts; empty for none.", examples=[""])
    total: Money
    country: str = Field(description="What it is worked out for.", examples=["NL"])
    needs_delivery: bool
    delivery_code: str | None = Field(
        description="How it would be sent; null where nothing is.", examples=["post"]
    )
    changes: list[ChangeOut]


class OrderIn(BaseModel):
    """An order to place: what is in the cart, for the total that the customer saw."""

    address: AddressIn
    email: Annotated[Text, Field(max_length=300)] = Field(
        "", description="A guest's; of an account it is known.", examples=[""]
    )
    delivery: Annotated[Text, Field(max_length=40)] = Field(
        "", description="A delivery option's code; empty: the first offered.", examples=["post"]
    )
    voucher: Annotated[Text, Field(max_length=40)] = Field("", examples=[""])
    total: int = Field(
        ge=0, le=10**12, strict=True, description="What the customer agreed to pay.", examples=[5250]
    )


class OrderLineOut(Schema):
    """A variant in an order, as it was sold."""

    sku: str = Field(examples=["MIDDLEMARCH-PB"])
    title: str = Field(examples=["Middlemarch"])
    edition: str = Field(examples=["Paperback"])
    variant: int | None = Field(description="The variant's id; null when it is gone.", examples=[12])
    quantity: int = Field(examples=[2])
    unit_price: Money
    total: Money
    discount: Money = Field(description="The line's share of the order's discount.", examples=[0])
    tax_rate: int = Field(description="In hundredths of a percent.", examples=[900])
    tax: Money


class OrderPaymentOut(Schema):
    """The payment that counts: the one that succeeded, else the open one, else the last."""

    intent_id: str = Field(
        description="Stripe's PaymentIntent; empty until Stripe answered.", examples=["pi_3Q…"]
    )
    status: str = Field(
        description="Stripe's word, or `unknown` until it has answered.", examples=["requires_payment_method"]
    )
    amount: Money
    error: str = Field(
        description="Stripe's code of the last decline; empty after none.", examples=["insufficient_funds"]
    )


class OrderOut(Schema):
    """An order."""

    number: str = Field(examples=["FQ7K-3MWD"])
    status: str = Field(
        description="placed, processing, paid, shipped, delivered, cancelled or expired.", examples=["placed"]
    )
    needs_attention: str = Field(
        description="Why a person in the shop looks at it; mostly empty.", examples=[""]
    )
    currency: str = Field(examples=["eur"])
    subtotal: Money
    discount: Money
    delivery: Money
    tax: Money
    tax_included: bool = Field(
        description="Whether the prices have the tax in them, so that it is not added."
    )
    taxes: list[TaxOut]
    voucher: str = Field(description="The code that counted; empty for none.", examples=[""])
    total: Money
    lines: list[OrderLineOut]
    payment: OrderPaymentOut | None
    email: str = Field(examples=["alice@example.org"])
    address: AddressOut
    delivery_name: str = Field(description="How it is sent; empty where nothing is.", examples=["Post"])
    tracking: str = Field(description="The carrier's number, once sent.", examples=[""])
    placed_at: datetime
    paid_at: datetime | None
    expires_at: datetime = Field(description="When the time to pay is over.")


class PlacedOrderOut(OrderOut):
    """An order that was just placed."""

    key: str | None = Field(
        description="A guest's: what `X-Order-Key` takes; null for an account.", examples=[None]
    )


class OrdersOut(Schema):
    """A part of a customer's orders, newest first."""

    items: list[OrderOut]
    next: str | None = Field(
        description="What to send as `cursor` for the next part; null at the end.", examples=[None]
    )


class StepOut(Schema):
    """Something that happened to an order, happens now, or is to come."""

    kind: str = Field(
        description="done, good, bad and wait happened; now and todo are ahead.", examples=["done"]
    )
    words: str = Field(examples=["You placed the order"])
    at: datetime | None


class OrderDetailLineOut(OrderLineOut):
    """A variant in an order, and the product that it is of."""

    slug: str | None = Field(
        description="For `GET /products/{slug}`; null when the product is gone.", examples=["middlemarch"]
    )
    cover: CoverOut | None


class OrderDetailOut(OrderOut):
    """An order with its story."""

    lines: list[OrderDetailLineOut]  # type: ignore[assignment]  # each is an OrderLineOut, and more
    steps: list[StepOut]
    refunds: list[str] = Field(description="A sentence for each refund.", examples=[[]])
    paid_with: str = Field(examples=["Paid with Visa ending 4242"])


class SentenceOut(Schema):
    """Where the money is, in the words of the status page."""

    heading: str = Field(examples=["Paid. Thank you, Alice."])
    text: str = Field(examples=["We have your €52.50. A confirmation is on its way to alice@example.org."])


class StatusOut(OrderDetailOut):
    """An order with its story, and where its money is: Stripe was asked just now."""

    message: SentenceOut
    answered: bool = Field(description="Stripe answered. If not, this is the last that we know.")
    can_pay: bool = Field(description="`POST /orders/{number}/payment` gives a client secret to go on with.")
    look_again_after: int | None = Field(
        description="Seconds after which the answer may be another one; null where it is not expected to change.",
        examples=[None],
    )


class FileOut(Schema):
    """A file of an order, to be downloaded."""

    line: int = Field(description="The order line's id.", examples=[34])
    name: str = Field(examples=["Middlemarch.epub"])
    size: int = Field(description="In bytes.", examples=[482113])
    url: str = Field(
        description="Opens with no log-in, so keep it out of logs. Takes Range requests.",
        examples=["https://shop.example.org/orders/FQ7K-3MWD/files/34/?key=…"],
    )


class PaymentOut(Schema):
    """What Stripe.js, or a phone's SDK, needs to take the money."""

    order: str = Field(examples=["FQ7K-3MWD"])
    intent_id: str = Field(examples=["pi_3Q…"])
    status: str = Field(examples=["requires_payment_method"])
    amount: Money
    currency: str = Field(examples=["eur"])
    client_secret: str = Field(description="Keep it out of logs and addresses.", examples=["pi_3Q…_secret_…"])
    publishable_key: str = Field(examples=["pk_test_…"])
    declined: str = Field(description="What to say of the last decline; empty after none.", examples=[""])
