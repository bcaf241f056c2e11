"""A certificate that names localhost and nothing else, and the key of it: for servers of tests."""

from __future__ import annotations

import ssl
from pathlib import Path

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUEQqhnMt4f073qeBvZU1UmScP/KUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjA1NTIwMVoYDzIxMjYxMTAy
MDU1MjAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARo9TbkDpnYQqv04+OY3mFdDRYLX5MmfuKkyMdl4M8ep20tTg1cMPmO
DA40skm8H9lsgDzkZfcAd2r/adNXQF0Io2kwZzAdBgNVHQ4EFgQUxvaVvWTHuC+H
m/71nkyOp45HYgwwHwYDVR0jBBgwFoAUxvaVvWTHuC+Hm/71nkyOp45HYgwwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhALIRfQdYnzn1njlTYsLJNJGYbSuFvf/K7ayJSN+o7kuHAiEAyHJM/6TS
lqv7s4jTpQ86lLX41ser0bArhqvXJV9dcIo=
-----END CERTIFICATE-----
"""
_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgX/K23Ae7PKZRMfCv
SSScjxRkzRvw70u3S3vByCwYClmhRANCAARo9TbkDpnYQqv04+OY3mFdDRYLX5Mm
fuKkyMdl4M8ep20tTg1cMPmODA40skm8H9lsgDzkZfcAd2r/adNXQF0I
-----END PRIVATE KEY-----
"""


def written(folder: Path) -> tuple[Path, Path]:
    """Both as files: the certificate, the key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_text(CERTIFICATE)
    key.write_text(_KEY)
    return certificate, key


def server_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*written(folder))
    return context
