"""Passwords and certificates: made once, kept afterwards, safe in every syntax."""

import datetime as dt
import re
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from exporters.compose import export
from exporters.deployment import Certificate, Secret
from exporters.errors import ExportError
from exporters.files import read_private, write
from exporters.pki import CA_CERTIFICATE, CA_KEY, _leaf, certificate_files, renewed_files
from exporters.secrets import random_token, secret_files
from tests.exporters.projects import DESIGNS

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
WEB = Certificate(service="web-1", names=("web-1", "www.example.com"), owner="0:0", mode="0600")


def test_a_password_needs_no_escape_anywhere_and_is_never_the_same() -> None:
    made = {random_token("x") for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", password) for password in made)


def test_a_secret_made_from_others_agrees_with_the_kept_ones() -> None:
    wanted = (
        Secret(name="config", text="password={db-1-app}\n", sources=("db-1-app",)),
        Secret(name="db-1-app"),
    )
    kept = {"secrets/db-1-app": "kept", "secrets/config": "stale"}
    files = secret_files(wanted, kept)
    assert files == {"secrets/config": "password=kept\n", "secrets/db-1-app": "kept"}


def test_exporting_again_keeps_passwords_keys_and_certificates(tmp_path: Path) -> None:
    design = DESIGNS["secured-and-monitored"]
    write(export(design), tmp_path / "out")
    kept = read_private(tmp_path / "out")
    again = export(design, secrets=kept)
    private = {path for path in again if path.startswith("secrets/") or path in kept}
    assert len(private) > 5
    assert all(again[path] == kept[path].encode() for path in private)


def test_no_password_is_in_a_file_outside_the_folder_of_secrets() -> None:
    for design in DESIGNS.values():
        files = export(design)
        secrets = [text for path, text in files.items() if path.startswith("secrets/")]
        passwords = [text for text in secrets if re.fullmatch(rb"[A-Za-z0-9_-]{32}", text)]
        for path, content in files.items():
            if not path.startswith("secrets/"):
                assert not any(password in content for password in passwords), path


def test_the_certificate_is_one_that_a_strict_client_takes(tmp_path: Path) -> None:
    files = certificate_files((WEB,), {}, NOW)
    for path, text in files.items():
        (tmp_path / Path(path).name).write_text(text)
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(tmp_path / "web-1.crt", tmp_path / "web-1.key")
    for name in ("web-1", "www.example.com", "backend.internal"):
        assert handshake(context, server, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context, server, "other")


def handshake(context: ssl.SSLContext, server: ssl.SSLContext, name: str) -> bool:
    """Let a client and a server shake hands in memory."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = context.wrap_bio(down, up, server_hostname=name)
    other = server.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return one.getpeercert() is not None


def test_a_certificate_lasts_397_days_and_names_what_it_is_for() -> None:
    files = certificate_files((WEB,), {}, NOW)
    leaf = x509.load_pem_x509_certificate(files["pki/web-1.crt"].encode())
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == dt.timedelta(days=397)


def test_nothing_is_made_where_nobody_needs_a_certificate() -> None:
    assert certificate_files((), {}, NOW) == {}


def test_a_certificate_is_renewed_before_it_ends_and_when_its_names_change() -> None:
    first = certificate_files((WEB,), {}, NOW)
    same = certificate_files((WEB,), first, NOW + dt.timedelta(days=300))
    late = certificate_files((WEB,), first, NOW + dt.timedelta(days=380))
    fewer = Certificate(service="web-1", names=("web-1",), owner="0:0", mode="0600")
    renamed = certificate_files((fewer,), first, NOW)
    assert same == first
    assert late["pki/web-1.crt"] != first["pki/web-1.crt"]
    assert late[CA_KEY] == renamed[CA_KEY] == first[CA_KEY]
    assert renamed["pki/web-1.crt"] != first["pki/web-1.crt"]


def test_an_authority_signs_for_the_names_of_its_project_alone(tmp_path: Path) -> None:
    first = certificate_files((WEB,), {}, NOW)
    more = Certificate(service="web-2", names=("web-2",), owner="0:0", mode="0600")
    again = certificate_files((WEB, more), first, NOW)
    assert again[CA_CERTIFICATE] != first[CA_CERTIFICATE], "the first may not sign for web-2"
    # Somebody who has its key signs for a name of somebody else.
    stolen = Certificate(service="x", names=("bank.example",), owner="", mode="")
    key = load_pem_private_key(again[CA_KEY].encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    authority = x509.load_pem_x509_certificate(again[CA_CERTIFICATE].encode())
    now = dt.datetime.now(dt.UTC)
    leaf = _leaf(stolen, key, key, authority, now)
    (tmp_path / "x.pem").write_text(again[CA_KEY] + leaf.public_bytes(Encoding.PEM).decode())
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(tmp_path / "x.pem")
    context = ssl.create_default_context(cadata=again[CA_CERTIFICATE])
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(context, server, "bank.example")


def test_an_authority_without_limits_of_an_older_export_stays() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    old = (
        x509.CertificateBuilder()
        .serial_number(1)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .not_valid_before(NOW)
        .not_valid_after(NOW + dt.timedelta(days=100))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    kept = {CA_KEY: pem, CA_CERTIFICATE: old.public_bytes(Encoding.PEM).decode()}
    made = certificate_files((WEB,), kept, NOW)
    assert {path: made[path] for path in kept} == kept


def test_without_the_key_of_the_authority_all_stays_until_something_must_be_signed() -> None:
    first = certificate_files((WEB,), {}, NOW)
    kept = {path: text for path, text in first.items() if path != CA_KEY}
    assert certificate_files((WEB,), kept, NOW) == kept
    for then, files in (
        (NOW + dt.timedelta(days=380), kept),  # it ends soon
        (NOW, kept | {CA_CERTIFICATE: certificate_files((WEB,), {}, NOW)[CA_CERTIFICATE]}),
        (NOW, kept | {CA_CERTIFICATE: "none"}),
    ):
        made = certificate_files((WEB,), files, then)
        assert made[CA_KEY] != first[CA_KEY]
        assert made["pki/web-1.crt"] != first["pki/web-1.crt"]


def test_all_certificates_are_renewed_with_their_names_by_the_same_authority() -> None:
    first = certificate_files((WEB,), {}, NOW)
    later = NOW + dt.timedelta(days=100)
    renewed = renewed_files(first, later)
    assert (renewed[CA_KEY], renewed[CA_CERTIFICATE]) == (first[CA_KEY], first[CA_CERTIFICATE])
    assert renewed["pki/web-1.key"] != first["pki/web-1.key"]
    assert certificate_files((WEB,), renewed, later + dt.timedelta(days=300)) == renewed
    del first[CA_KEY]
    assert renewed_files(first, later)[CA_CERTIFICATE] != first[CA_CERTIFICATE]


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({CA_CERTIFICATE: "x"}, "no certificates are in pki"),
        ({"pki/web-1.crt": "x"}, "pki/web-1.crt: is no certificate that names servers"),
    ],
)
def test_what_cannot_be_renewed_is_told(files: dict[str, str], complaint: str) -> None:
    with pytest.raises(ExportError, match=complaint):
        renewed_files(files, NOW)


RSA_KEY = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIPw1NYMlGXfyGfEBhLmlNGQy0G7GXvbRXBT5i1jXy9o+
-----END PRIVATE KEY-----
"""


@pytest.mark.parametrize("damage", ["", "no key", RSA_KEY])
def test_an_authority_that_cannot_be_read_is_replaced_with_all_it_signed(damage: str) -> None:
    first = certificate_files((WEB,), {}, NOW)
    again = certificate_files((WEB,), first | {CA_KEY: damage}, NOW)
    assert again[CA_CERTIFICATE] != first[CA_CERTIFICATE]
    assert again["pki/web-1.crt"] != first["pki/web-1.crt"]


def test_a_key_and_a_certificate_of_two_authorities_are_replaced() -> None:
    first, other = (certificate_files((WEB,), {}, NOW) for _ in range(2))
    again = certificate_files((WEB,), first | {CA_KEY: other[CA_KEY]}, NOW)
    assert again[CA_CERTIFICATE] not in (first[CA_CERTIFICATE], other[CA_CERTIFICATE])


@pytest.mark.parametrize("damaged", ["pki/web-1.crt", "pki/web-1.key"])
def test_a_certificate_that_is_gone_or_broken_is_made_again(damaged: str) -> None:
    first = certificate_files((WEB,), {}, NOW)
    without = {path: text for path, text in first.items() if path != damaged}
    for kept in (without, first | {"pki/web-1.crt": "broken"}):
        again = certificate_files((WEB,), kept, NOW)
        assert again["pki/web-1.crt"] not in ("broken", first["pki/web-1.crt"])
        assert again[CA_KEY] == first[CA_KEY]
