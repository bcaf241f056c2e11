"""Whom to believe when something is read over HTTPS."""

from __future__ import annotations

import os
import ssl
from typing import Final

#: Certificates where systems keep them: a program carried from one to another finds its own.
_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def trust() -> ssl.SSLContext:
    """What OpenSSL finds, the environment's own, and else the system's bundle."""
    context = ssl.create_default_context()
    named = [os.environ.get(name, "") for name in ("NODE_EXTRA_CA_CERTS", "PIP_CERT")]
    for file in filter(os.path.isfile, named):
        context.load_verify_locations(file)
    if not context.cert_store_stats()["x509_ca"]:
        for file in filter(os.path.isfile, _BUNDLES):
            context.load_verify_locations(file)
            break
    return context
