"""A limit that is changed while the program runs holds over both of its API processes together."""

import asyncio

from tests.program import Program

MOST = 6
ATTEMPTS = 24


async def test_two_processes_admit_no_more_logins_than_one() -> None:
    with Program(processes=2) as program:
        admin = await program.admin()
        changed = await admin.patch("/rate-limits/credentials", json={"requests_per_minute": MOST})
        assert changed.status_code == 200, changed.text
        await admin.aclose()
        async with asyncio.timeout(5):
            while await _log_in(program) != 429 or await _log_in(program) != 429:
                continue
        answers = [await _log_in(program) for _ in range(ATTEMPTS)]
    assert set(answers) == {429}, "both processes refuse within five seconds"


async def _log_in(program: Program) -> int:
    async with program.client() as client:  # a connection of its own, which either process accepts
        body = {"email": "nobody@example.com", "password": "nine owls in the attic"}
        return (await client.post("/auth/login", json=body)).status_code
