"""Makes the throw-away certificates of the fixtures `cert-*.tree`.

Run it with Python and the package `cryptography`; it prints NAME and PEM of each certificate. The
keys are made on the spot and thrown away. Dates are measured against 2025-10-09, the time of the
fixtures.
"""

import base64
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


# Object identifiers of the same length. No library signs with SHA-1 any more, so its name is put
# into a finished certificate; the signature is wrong then, which the checks do not look at.
RSA_SHA256 = bytes.fromhex("2a864886f70d01010b")
RSA_SHA1 = bytes.fromhex("2a864886f70d010105")


def certificate(name, not_after, key=None, sha1=False, issuer=None):
    key = key or ec.generate_private_key(ec.SECP256R1())
    signer = type_of(key) if issuer else key
    named = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    built = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer or name))
        .public_key(key.public_key())
        .serial_number(len(CERTIFICATES) + 1)
        .not_valid_before(datetime(2024, 10, 1))
        .not_valid_after(not_after)
        .sign(signer, hashes.SHA256())
    )
    der = built.public_bytes(serialization.Encoding.DER)
    if sha1:
        der = der.replace(RSA_SHA256, RSA_SHA1)
    body = base64.encodebytes(der).decode().replace("\n", "")
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    CERTIFICATES[name] = "\n".join(
        ["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"]
    )


def type_of(key):
    if isinstance(key, rsa.RSAPrivateKey):
        return rsa.generate_private_key(65537, 1024)
    return ec.generate_private_key(ec.SECP256R1())


CERTIFICATES = {}
certificate("expired.example", datetime(2025, 10, 1), issuer="Test CA")
certificate("expiring.example", datetime(2025, 10, 20), issuer="Test CA")
certificate("good.example", datetime(2026, 9, 1), issuer="Test CA")
certificate("sha1.example", datetime(2026, 9, 1), key=rsa.generate_private_key(65537, 2048), sha1=True, issuer="Test CA")
certificate("sha1 root", datetime(2026, 9, 1), key=rsa.generate_private_key(65537, 2048), sha1=True)
certificate("rsa1024.example", datetime(2026, 9, 1), key=rsa.generate_private_key(65537, 1024))
certificate("rsa2048.example", datetime(2026, 9, 1), key=rsa.generate_private_key(65537, 2048))
certificate("ec192.example", datetime(2026, 9, 1), key=ec.generate_private_key(ec.SECP192R1()), issuer="Test CA")

if __name__ == "__main__":
    for name, pem in CERTIFICATES.items():
        print(f"{name}\n{pem}")
