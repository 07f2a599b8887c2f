"""What the log-in holds encrypted: seeds of second factors, names typed into "forgot"."""

from shopops.privacy.ciphers import Ciphers

CIPHERS = [
    Ciphers("mfa_authenticator", ("data",), inside=("secret", "seed")),
    Ciphers("shopops_resetrequest", ("asked",)),
]
