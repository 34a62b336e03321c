"""SSH keys of type ed25519 whose point has small order: a secret shared with one is the same for everybody."""

from __future__ import annotations

import base64

_PRIME = 2**255 - 19
_OF_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL = frozenset({0, 1, _PRIME - 1, _OF_ORDER_8, _PRIME - _OF_ORDER_8})
"""The y coordinates of the eight points whose order divides 8.

https://www.rfc-editor.org/rfc/rfc7748#section-6.1
"""
_KEY_BYTES = 32


def has_small_order(text: str) -> bool:
    """Return whether an SSH public key is an ed25519 point of small order, in any encoding; False for other keys."""
    kind, _, rest = text.partition(" ")
    if kind != "ssh-ed25519" or not rest:
        return False
    try:
        body = base64.b64decode(rest.split()[0], validate=True)
    except ValueError:
        return False
    encoded = int.from_bytes(body[-_KEY_BYTES:], "little") & (2**255 - 1)  # the highest bit is the sign of x
    return len(body) >= _KEY_BYTES and encoded % _PRIME in _SMALL
