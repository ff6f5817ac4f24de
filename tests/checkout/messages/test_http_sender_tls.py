"""Posts over TLS: the certificate is checked against the name, wherever the connection goes."""

import datetime as dt
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from checkout.messages.http_sender import post


def certificate(folder: Path, *names: x509.GeneralName) -> tuple[Path, Path]:
    """Write a certificate for these names that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *private))
    return folder / "cert.pem", folder / "key.pem"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *_: object) -> None:
        return


class Server(HTTPServer):
    def handle_error(self, *_: object) -> None:
        return  # a client that does not believe us hangs up


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A server whose certificate is for localhost, not for 127.0.0.1."""
    cert, key = certificate(tmp_path, x509.DNSName("localhost"), x509.IPAddress(ip_address("10.0.0.1")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port, cert
        server.shutdown()
        thread.join()


@pytest.fixture
def trusted(server: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> int:
    port, cert = server
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    return port


def test_a_certificate_for_the_name_is_believed(trusted: int) -> None:
    answer = post(f"https://localhost:{trusted}/", b"{}", {})
    assert (answer.status, answer.text, answer.error) == (200, f"localhost:{trusted}", "")


def test_a_certificate_for_another_name_is_not(trusted: int) -> None:
    answer = post(f"https://127.0.0.1:{trusted}/", b"{}", {})
    assert answer.status is None
    assert "certificate is not valid for '127.0.0.1'" in answer.error


def test_a_certificate_that_nobody_vouches_for_is_not(server: tuple[int, Path]) -> None:
    answer = post(f"https://localhost:{server[0]}/", b"{}", {})
    assert answer.status is None
    assert "CERTIFICATE_VERIFY_FAILED" in answer.error
