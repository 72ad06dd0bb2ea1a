"""The response to a read of an account is a valid body to replace it."""

from tests.modules.identity.app import Account


async def test_an_account_is_written_back_as_it_is_shown(ada: Account) -> None:
    async with ada.client() as client:
        shown = (await client.get(f"/users/{ada.id}")).json()
        again = await client.put(f"/users/{ada.id}", json=shown)
        assert (again.status_code, again.json()) == (200, shown), again.text
