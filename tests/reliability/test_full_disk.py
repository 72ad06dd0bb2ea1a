"""A disk that is full: reads go on, writes are refused for now, and all is well when there is room again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from tests.program import Program
from tests.reliability.lab import Lab, guest, order_body, persistent, until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who can mount a small disk")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free)
    return ballast


async def test_a_full_disk_lets_reads_go_on_refuses_writes_for_now_and_is_used_again_when_freed(disk: Path) -> None:
    with Program(processes=1, folder=disk) as program:
        lab = Lab(program)
        await lab.open()
        tag = f"t{uuid4().hex[:12]}"
        product = await lab.product(tag, stock=5)
        one = {"product_id": product["id"], "quantity": 1}
        async with guest(program, product) as buyer, program.client() as strangers:
            ballast = fill(disk)
            refused: list[httpx2.Response] = []

            async def is_refused() -> bool:
                answer = await strangers.post("/cart/items", json=one)  # each time a new cart, which takes room
                if answer.status_code != 201:
                    refused.append(answer)
                return bool(refused)

            await until(is_refused)
            assert refused[0].status_code == 503, refused[0].text
            assert int(refused[0].headers["retry-after"]) >= 1
            assert refused[0].headers["content-type"] == "application/problem+json"
            assert (await buyer.get(f"/products/{product['id']}")).status_code == 200
            assert (await buyer.get("/products")).status_code == 200
            assert (await buyer.get("/cart")).status_code == 200
            ballast.unlink()
            headers = {"idempotency-key": tag}
            bought = await persistent(lambda: buyer.post("/orders", json=order_body(tag, "tok_visa"), headers=headers))
            assert bought.status_code == 201, bought.text
        await lab.come_to_rest()
        lab.must_be_lawful()
        await lab.close()
