"""The totals of an order, and how a refund is spread over it: no minor unit is lost or created."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.orders.domain.orders import OrderLine, RefundLine, totals_of
from luxewin.modules.orders.domain.refunds import Parts, amount_of, parts_of
from luxewin.modules.orders.errors import OrderNotRefundable, RefundInvalid, RefundTooLarge

MINOR = st.integers(min_value=0, max_value=10**9)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def line(*, price: int, quantity: int, tax: int = 0) -> OrderLine:
    return OrderLine(
        id=new_id(),
        kind="goods",
        offer_id=uuid4(),
        product_id=uuid4(),
        product_slug="oslo-chair",
        name="Oslo Chair",
        sku=None,
        options={},
        image_url=None,
        vendor_id=None,
        quantity=quantity,
        unit_price=usd(price),
        tax=usd(tax),
    )


LINES = st.builds(line, price=MINOR, quantity=st.integers(min_value=1, max_value=1000), tax=MINOR)
PARTS = st.builds(Parts, sales=MINOR.map(usd), shipping=MINOR.map(usd), tax=MINOR.map(usd))


@given(lines=st.lists(LINES, max_size=20), shipping=MINOR)
def test_a_total_is_the_lines_plus_shipping_plus_tax(lines: list[OrderLine], shipping: int) -> None:
    totals = totals_of(lines, shipping=usd(shipping), currency="USD")
    expected = sum(line.unit_price.minor * line.quantity + line.tax.minor for line in lines) + shipping
    assert totals.total == usd(expected)


@given(paid=PARTS.filter(lambda parts: parts.total.minor > 0), data=st.data())
def test_refunds_never_take_more_than_a_part_holds_and_the_last_one_empties_all_exactly(
    paid: Parts, data: st.DataObject
) -> None:
    left, given_back = paid, 0
    while left.total.minor:
        most = left.total.minor
        amount = data.draw(st.one_of(st.just(most), st.integers(min_value=max(1, most // 10), max_value=most)))
        parts = parts_of(usd(amount), left=left)
        assert parts.total == usd(amount)
        left, given_back = left.minus(parts), given_back + amount
        assert min(left.sales.minor, left.shipping.minor, left.tax.minor) >= 0
    assert given_back == paid.total.minor
    assert (left.sales.minor, left.shipping.minor, left.tax.minor) == (0, 0, 0)


@given(sold=LINES.filter(lambda sold: sold.total.minor > 0), data=st.data())
def test_lines_refunded_unit_by_unit_never_cost_more_than_the_line(sold: OrderLine, data: st.DataObject) -> None:
    full_price = sold.total + sold.tax
    left, units = full_price, sold.quantity
    while units and sold.unit_price.minor:
        quantity = data.draw(st.integers(min_value=max(1, units // 3), max_value=units))
        returned = [RefundLine(sold.id, quantity)]
        left -= amount_of(None, returned, order_lines=[sold], left=left)
        units -= quantity
    assert 0 <= left.minor <= sold.tax.minor


def test_a_refund_is_the_requested_amount_else_the_price_of_the_lines_else_everything_left() -> None:
    sold = line(price=1_000, quantity=3, tax=100)
    two = [RefundLine(sold.id, 2)]
    assert amount_of(usd(7), two, order_lines=[sold], left=usd(5_000)) == usd(7)
    assert amount_of(None, two, order_lines=[sold], left=usd(5_000)) == usd(2_066)
    assert amount_of(None, [], order_lines=[sold], left=usd(5_000)) == usd(5_000)


@pytest.mark.parametrize(
    ("asked", "left", "error"),
    [
        (usd(1), usd(0), OrderNotRefundable),
        (None, usd(0), OrderNotRefundable),
        (usd(11), usd(10), RefundTooLarge),
        (usd(0), usd(10), RefundInvalid),
        (Money(1, "EUR"), usd(10), RefundInvalid),
    ],
)
def test_a_refund_that_does_not_fit_is_refused(
    asked: Money | None, left: Money, error: type[OrderNotRefundable | RefundTooLarge | RefundInvalid]
) -> None:
    with pytest.raises(error):
        amount_of(asked, [], order_lines=[], left=left)


def test_a_refund_of_a_line_that_the_order_does_not_have_is_refused() -> None:
    with pytest.raises(RefundInvalid):
        amount_of(None, [RefundLine(new_id(), 1)], order_lines=[], left=usd(10))
