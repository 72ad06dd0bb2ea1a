"""The commands of the README work as written."""

from pathlib import Path

from tests.architecture.tree import ROOT
from tests.docs.documents import README
from tests.docs.transcripts import answer_of, run, steps_of
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD, Program

FIRST_PURCHASE, FIRST_RAFFLE = slice(6), slice(6, None)


def test_the_first_purchase_works_as_in_the_readme(program: Program, tmp_path: Path) -> None:
    preparation, *calls = steps_of(README)[FIRST_PURCHASE]
    assert "curl" not in preparation.code
    assert [call.code.count("curl ") for call in calls] == [1, 1, 1, 1, 1]
    outputs = run([preparation, *calls], url=program.url, environment={}, folder=tmp_path)
    products, cart, order, read, cancelled = (answer_of(output) for output in outputs[1:])

    prices = [product["price"]["amount"] for product in products["data"]]
    assert prices == sorted(prices)
    assert all(product["in_stock"] and "gift" in product["tags"] for product in products["data"])

    chosen = products["data"][0]
    (item,) = cart["items"]
    assert (item["variant"]["product"]["id"], item["quantity"]) == (chosen["id"], 2)
    assert cart["totals"]["subtotal"]["amount"] == 2 * prices[0]

    assert (order["status"], order["payment_status"]) == ("paid", "paid")
    assert [line["product_id"] for line in order["items"]] == [chosen["id"]]
    assert order["totals"]["total"]["amount"] == 2 * prices[0] + order["totals"]["shipping"]["amount"]
    assert [payment["status"] for payment in order["payments"]] == ["captured"]

    assert {**order, "order_token": None} == read

    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "refunded")
    assert [refund["amount"] for refund in cancelled["refunds"]] == [order["totals"]["total"]]


def test_an_order_sent_twice_with_one_key_is_one_order(program: Program, tmp_path: Path) -> None:
    preparation, browse, fill, place, *_ = steps_of(README)
    outputs = run([preparation, browse, fill, place, place], url=program.url, environment={}, folder=tmp_path)
    assert answer_of(outputs[3]) == answer_of(outputs[4])


def test_the_raffle_works_as_in_the_readme(program: Program, tmp_path: Path) -> None:
    preparation, *raffle = steps_of(README)[:1] + steps_of(README)[FIRST_RAFFLE]
    tmp_path.joinpath("verify").symlink_to(ROOT / "verify")
    administrator = {"ADMIN_EMAIL": ADMIN_EMAIL, "ADMIN_PASSWORD": ADMIN_PASSWORD}
    outputs = run([preparation, *raffle], url=program.url, environment=administrator, folder=tmp_path)
    published, bought, winners = (answer_of(output) for output in outputs[1:4])

    assert (published["status"], published["draw"]["beacon"]) == ("open", "local")
    assert (bought["status"], bought["amount"]["amount"]) == ("paid", 1500)
    assert winners["data"][0]["name"] == "Reading lamp"
    assert winners["data"][0]["number"] in [ticket["number"] for ticket in bought["tickets"]]
    assert "Verified: the winners follow from the published entries and the beacon." in outputs[4]
