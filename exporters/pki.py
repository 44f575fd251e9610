"""A certificate authority for one exported project, and the certificates that it signs.

P-256 keys; certificates last 397 days, the longest that browsers take (CA/Browser Forum baseline
requirements). What exists stays, as long as it covers the same names for another month. The
authority may sign for the names of its project alone (RFC 5280, section 4.2.1.10), so that whoever
steals its key cannot pose as somebody else before those who trust it.
"""

import datetime as dt
import ipaddress
from collections.abc import Iterable, Iterator, Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from exporters.deployment import Certificate
from exporters.errors import ExportError
from exporters.programs import AUTHORITY, COMMON_NAME

FOLDER = "pki"
CA_CERTIFICATE = f"{FOLDER}/ca.crt"
CA_KEY = f"{FOLDER}/ca.key"
_LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_LOOPBACK_NETWORKS = (ipaddress.ip_network("127.0.0.1/32"), ipaddress.ip_network("::1/128"))
_DAYS = 397
_CA_DAYS = 3650
_RENEW_BEFORE = dt.timedelta(days=30)


def certificate_files(
    wanted: Iterable[Certificate],
    kept: Mapping[str, str],
    now: dt.datetime | None = None,
) -> dict[str, str]:
    """Return keys and certificates as PEM by their path in the project.

    `kept` holds files of an earlier export. An authority whose files cannot be read, that ends
    within a month or may not sign for a name, is replaced together with all that it signed. One
    whose key was thrown away stays until it would have to sign something.
    """
    wanted = tuple(wanted)
    if not wanted:
        return {}
    now = now or dt.datetime.now(dt.UTC)
    if CA_KEY not in kept and _all_serve(kept, wanted, now):
        return {path: kept[path] for path in _paths(wanted)}
    found = _kept_authority(kept, wanted, now)
    fresh = found is None
    key, authority = found or _authority(wanted, now)
    files = {CA_KEY: _key_text(key), CA_CERTIFICATE: _text(authority)}
    for item in wanted:
        paths = (f"{FOLDER}/{item.service}.key", f"{FOLDER}/{item.service}.crt")
        if not fresh and _covers(kept, item, now):
            files |= {path: kept[path] for path in paths}
            continue
        leaf_key = ec.generate_private_key(ec.SECP256R1())
        leaf = _leaf(item, leaf_key, key, authority, now)
        files |= {paths[0]: _key_text(leaf_key), paths[1]: _text(leaf)}
    return files


def renewed_files(kept: Mapping[str, str], now: dt.datetime | None = None) -> dict[str, str]:
    """Return a new key and certificate in the place of each one of an earlier export.

    They are signed by its authority, or by a new one where the key of that was thrown away.

    Raises:
        ExportError: there is none, or one cannot be read.
    """
    leafs = {
        path: text
        for path, text in kept.items()
        if path.startswith(f"{FOLDER}/") and path.endswith(".crt") and path != CA_CERTIFICATE
    }
    if not leafs:
        raise ExportError(f"no certificates are in {FOLDER}")
    wanted = [_as_it_is(path, text) for path, text in sorted(leafs.items())]
    authority = {path: kept[path] for path in (CA_KEY, CA_CERTIFICATE) if path in kept}
    return certificate_files(wanted, authority, now)


def _as_it_is(path: str, text: str) -> Certificate:
    try:
        names = _names_on(x509.load_pem_x509_certificate(text.encode()))
    except (ValueError, x509.ExtensionNotFound):
        raise ExportError(f"{path}: is no certificate that names servers") from None
    service = path.removeprefix(f"{FOLDER}/").removesuffix(".crt")
    return Certificate(service=service, names=names, owner="", mode="")


def _names_on(certificate: x509.Certificate) -> tuple[str, ...]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(names.get_values_for_type(x509.DNSName))


def _paths(wanted: Iterable[Certificate]) -> Iterator[str]:
    yield CA_CERTIFICATE
    for item in wanted:
        yield f"{FOLDER}/{item.service}.key"
        yield f"{FOLDER}/{item.service}.crt"


def _all_serve(kept: Mapping[str, str], wanted: tuple[Certificate, ...], now: dt.datetime) -> bool:
    """Whether nothing has to be signed: each certificate covers its names, and is trusted."""
    if any(path not in kept for path in _paths(wanted)):
        return False
    try:
        authority = x509.load_pem_x509_certificate(kept[CA_CERTIFICATE].encode())
        for item in wanted:
            leaf = x509.load_pem_x509_certificate(kept[f"{FOLDER}/{item.service}.crt"].encode())
            leaf.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return _lasts(authority, now) and all(_covers(kept, item, now) for item in wanted)


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _kept_authority(
    kept: Mapping[str, str], wanted: tuple[Certificate, ...], now: dt.datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
    try:
        key = serialization.load_pem_private_key(kept[CA_KEY].encode(), None)
        authority = x509.load_pem_x509_certificate(kept[CA_CERTIFICATE].encode())
    except (KeyError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    same = key.public_key() == authority.public_key()
    serves = same and _lasts(authority, now) and _permits(authority, wanted)
    return (key, authority) if serves else None


def _permits(authority: x509.Certificate, wanted: Iterable[Certificate]) -> bool:
    """Whether an authority may sign for all names; one of an older export may for any."""
    try:
        limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return True
    permitted = {item.value for item in limits.permitted_subtrees or ()}
    return all(set(_dns_names(item)) <= permitted for item in wanted)


def _lasts(certificate: x509.Certificate, now: dt.datetime) -> bool:
    return certificate.not_valid_after_utc - now > _RENEW_BEFORE


def _covers(kept: Mapping[str, str], item: Certificate, now: dt.datetime) -> bool:
    """Whether an earlier certificate still serves."""
    path = f"{FOLDER}/{item.service}"
    if f"{path}.key" not in kept or f"{path}.crt" not in kept:
        return False
    try:
        certificate = x509.load_pem_x509_certificate(kept[f"{path}.crt"].encode())
        same = set(_names_on(certificate)) == set(_dns_names(item))
    except (ValueError, x509.ExtensionNotFound):
        return False
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
    wanted: Iterable[Certificate], now: dt.datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(AUTHORITY)
    names = dict.fromkeys(name for item in wanted for name in _dns_names(item))
    limits = x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(word) for word in names),
            *(x509.IPAddress(network) for network in _LOOPBACK_NETWORKS),
        ],
        excluded_subtrees=None,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(now, _CA_DAYS)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(limits, critical=True)
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
