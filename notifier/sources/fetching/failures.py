"""Why a request failed, in a sentence for operators. PURE."""

import ssl

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientPayloadError,
    ClientResponseError,
    ClientSSLError,
    ServerDisconnectedError,
)

from notifier.sources.fetching.address_guard import RefusedAddressError
from notifier.sources.fetching.answers import shown

NO_ADDRESS = "is not a web address that can be asked: http or https, without a username"


def why(url: str, error: Exception) -> str:
    """Return the sentence for what aiohttp raised when `url` was asked."""
    return f"{shown(url)} {_reason(error)}"


def _reason(error: Exception) -> str:
    match error:
        case ClientConnectorError(os_error=RefusedAddressError(address=address)):
            reason = f"leads to {address}, which is not on the public internet; if it is yours, name its "
            reason += "network in allow_private"
        case ClientConnectorDNSError():
            reason = f"cannot be reached: the name {error.host!r} is not found"
        case ClientConnectorCertificateError():
            reason = f"shows a certificate that is not valid: {_certificate(error.certificate_error)}"
        case ClientSSLError():
            reason = f"does not speak TLS as it should: {_words(error.os_error)}"
        case ClientConnectorError():
            reason = f"cannot be reached: {_words(error.os_error)}"
        case ServerDisconnectedError():
            reason = "hung up without an answer"
        case ClientPayloadError():
            reason = "broke off in the middle of its page"
        case ClientResponseError():
            reason = "gave an answer that is not HTTP"
        case ValueError():
            reason = NO_ADDRESS
        case OSError():
            reason = f"was lost on the way: {_words(error)}"
        case _:
            reason = f"gave no page: {type(error).__name__}"
    return reason


def _certificate(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
