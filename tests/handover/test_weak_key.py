"""Points of small order are refused as recipients in every encoding, and real keys are not."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.handover.recipient import recipient_problem
from iamctl.handover.weak_key import has_small_order

PRIME = 2**255 - 19
D = -121665 * pow(121666, -1, PRIME) % PRIME


def ssh_key(number):
    parts = b"ssh-ed25519", number.to_bytes(32, "little")
    return "ssh-ed25519 " + base64.b64encode(b"".join(struct.pack(">I", len(part)) + part for part in parts)).decode()


def x_of(y):
    """Return an x with -x² + y² = 1 + d x² y², or None where there is no such point."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    root = pow(square, (PRIME + 3) // 8, PRIME)
    for x in (root, root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME):
        if x * x % PRIME == square:
            return x
    return None


def double(point):
    x, y = point
    product = D * x * x * y * y % PRIME
    return (
        2 * x * y * pow(1 + product, -1, PRIME) % PRIME,
        (y * y + x * x) * pow(1 - product, -1, PRIME) % PRIME,
    )


def order_divides_8(y):
    x = x_of(y % PRIME)
    return x is not None and double(double(double((x, y % PRIME)))) == (0, 1)


OF_ORDER_8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL = [0, 1, PRIME - 1, OF_ORDER_8, PRIME - OF_ORDER_8]
ENCODINGS = [*SMALL, PRIME, PRIME + 1, *(number | 1 << 255 for number in [*SMALL, PRIME, PRIME + 1])]


@pytest.mark.parametrize("number", ENCODINGS)
def test_every_encoding_of_a_point_of_small_order_is_refused(number):
    assert order_divides_8(number & (2**255 - 1))
    assert has_small_order(ssh_key(number))
    assert "is a weak key: everybody can read" in recipient_problem(ssh_key(number))


@given(st.integers(2, PRIME - 2))
def test_no_other_point_is_refused(number):
    assert has_small_order(ssh_key(number)) == order_divides_8(number)


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 !", "ssh-ed25519 AAAA", "ssh-rsa AAAA", "age1x"])
def test_what_is_no_ed25519_key_is_left_to_others(text):
    assert not has_small_order(text)
