"""A certificate authority for one exported project, and the certificates that it signs.

P-256 keys; certificates last 397 days, the longest that browsers take (CA/Browser Forum baseline
requirements). What exists stays, as long as it covers the same names for another month.
"""

import datetime as dt
import ipaddress
from collections.abc import Iterable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from exporters.deployment import Certificate
from exporters.programs import COMMON_NAME

FOLDER = "pki"
CA_CERTIFICATE = f"{FOLDER}/ca.crt"
CA_KEY = f"{FOLDER}/ca.key"
_LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_DAYS = 397
_CA_DAYS = 3650
_RENEW_BEFORE = dt.timedelta(days=30)


def certificate_files(
    wanted: Iterable[Certificate],
    kept: Mapping[str, str],
    now: dt.datetime | None = None,
) -> dict[str, str]:
    """Return keys and certificates as PEM by their path in the project.

    `kept` holds files of an earlier export. An authority whose files cannot be read, or that ends
    within a month, is replaced together with all that it signed.
    """
    wanted = tuple(wanted)
    if not wanted:
        return {}
    now = now or dt.datetime.now(dt.UTC)
    found = _kept_authority(kept, now)
    fresh = found is None
    key, authority = found or _authority(now)
    files = {CA_KEY: _key_text(key), CA_CERTIFICATE: _text(authority)}
    for item in wanted:
        paths = (f"{FOLDER}/{item.service}.key", f"{FOLDER}/{item.service}.crt")
        if not fresh and _covers(kept, paths, item, now):
            files |= {path: kept[path] for path in paths}
            continue
        leaf_key = ec.generate_private_key(ec.SECP256R1())
        leaf = _leaf(item, leaf_key, key, authority, now)
        files |= {paths[0]: _key_text(leaf_key), paths[1]: _text(leaf)}
    return files


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _kept_authority(
    kept: Mapping[str, str], now: dt.datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
    try:
        key = serialization.load_pem_private_key(kept[CA_KEY].encode(), None)
        authority = x509.load_pem_x509_certificate(kept[CA_CERTIFICATE].encode())
    except (KeyError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    same = key.public_key() == authority.public_key()
    return (key, authority) if same and _lasts(authority, now) else None


def _lasts(certificate: x509.Certificate, now: dt.datetime) -> bool:
    return certificate.not_valid_after_utc - now > _RENEW_BEFORE


def _covers(
    kept: Mapping[str, str], paths: tuple[str, str], item: Certificate, now: dt.datetime
) -> bool:
    """Whether an earlier certificate still serves."""
    if any(path not in kept for path in paths):
        return False
    try:
        certificate = x509.load_pem_x509_certificate(kept[paths[1]].encode())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    same = set(names.get_values_for_type(x509.DNSName)) == set(_dns_names(item))
    return same and _lasts(certificate, now)


def _dns_names(item: Certificate) -> list[str]:
    return list(dict.fromkeys((*item.names, COMMON_NAME)))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(now: dt.datetime, days: int) -> x509.CertificateBuilder:
    begin = now - dt.timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=days))
    )


def _authority(
    now: dt.datetime,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Loadpath project authority")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(now, _CA_DAYS)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _leaf(
    item: Certificate,
    leaf_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    now: dt.datetime,
) -> x509.Certificate:
    public = leaf_key.public_key()
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    names = x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in _dns_names(item)),
            *(x509.IPAddress(address) for address in _LOOPBACK if "localhost" in item.names),
        ]
    )
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        _builder(now, _DAYS)
        .subject_name(_name(item.service))
        .issuer_name(authority.subject)
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(purpose, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
