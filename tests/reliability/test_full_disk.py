"""With a full disk, reads succeed and writes fail with 503; writes succeed again when there is space."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from tests.program import Program
from tests.reliability.harness import Harness, guest, order_body, send_until_served, until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path) -> Path:
    """Fill the file system completely."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free)
    return ballast


async def test_with_a_full_disk_reads_succeed_and_writes_fail_until_there_is_space(disk: Path) -> None:
    with Program(processes=1, folder=disk) as program:
        harness = Harness(program)
        await harness.open()
        tag = f"t{uuid4().hex[:12]}"
        product = await harness.create_product(tag, stock=5)
        one = {"product_id": product["id"], "quantity": 1}
        async with guest(program, product) as buyer, program.client() as strangers:
            ballast = fill(disk)
            refused: list[httpx2.Response] = []

            async def is_refused() -> bool:
                answer = await strangers.post("/cart/items", json=one)  # each creates a new cart, which takes space
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
            bought = await send_until_served(
                lambda: buyer.post("/orders", json=order_body(tag, "tok_visa"), headers=headers)
            )
            assert bought.status_code == 201, bought.text
        await harness.settle()
        harness.check_invariants()
        await harness.close()
