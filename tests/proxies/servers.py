"""The proxies of the guide: nginx, HAProxy and Caddy with the configurations of docs/proxies.md, on private ports."""

import datetime as dt
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.architecture.tree import ROOT

NAME = "shop.example"
_GUIDE = (ROOT / "docs/proxies.md").read_text(encoding="utf-8")
_LONGEST_START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy: its program, the language of its configuration in the guide, and how it is started."""

    name: str
    language: str
    command: Sequence[str]
    environment: Mapping[str, str]

    @property
    def is_installed(self) -> bool:
        """Whether the program is on this machine."""
        return shutil.which(self.command[0]) is not None


NGINX = Proxy("nginx", "nginx", ("nginx", "-e", "stderr", "-c", "{file}", "-g", "pid {folder}/pid; daemon off;"), {})
HAPROXY = Proxy("haproxy", "haproxy", ("haproxy", "-db", "-f", "{file}"), {})
CADDY = Proxy(
    "caddy", "caddyfile", ("caddy", "run", "--adapter", "caddyfile", "--config", "{file}"), {"HOME": "{folder}"}
)
PROXIES = (NGINX, HAPROXY, CADDY)


@contextmanager
def started(proxy: Proxy, folder: Path, *, upstream: int) -> Iterator[int]:
    """Run a proxy in front of a port of this machine, and return the port on which it serves TLS."""
    port = free_port()
    certificate = _certificate(folder)
    file = folder / "configuration"
    file.write_text(_configuration(proxy, port=port, upstream=upstream, certificate=certificate, folder=folder))
    values = {"file": str(file), "folder": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [part.format(**values) for part in proxy.command],
            env={**os.environ, **{name: value.format(**values) for name, value in proxy.environment.items()}},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        _wait_until_it_listens(port, process, folder / "log")
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _configuration(proxy: Proxy, *, port: int, upstream: int, certificate: Path, folder: Path) -> str:
    """Return the configuration of the guide, with the ports and files of this run."""
    found = re.search(rf"^```{proxy.language}\n(.+?)^```", _GUIDE, re.DOTALL | re.MULTILINE)
    assert found is not None, f"the guide has no configuration of {proxy.name}"
    text = found[1].replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    text = text.replace("/etc/ssl/shop.example.pem", str(certificate)).replace(
        "/etc/ssl/shop.example.key", str(certificate)
    )
    match proxy.name:
        case "nginx":
            return text.replace("listen 443", f"listen 127.0.0.1:{port}").replace(
                "http {",
                f"http {{\n access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;",
            )
        case "haproxy":
            return text.replace("bind :443", f"bind 127.0.0.1:{port}")
        case _:
            options = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}\n}}\n"
            return options + text.replace(f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1", 1)


def _certificate(folder: Path) -> Path:
    """Write a certificate of the name, and its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return file


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _LONGEST_START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"the proxy did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
