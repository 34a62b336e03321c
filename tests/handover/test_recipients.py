"""What can be encrypted to: age keys, and SSH keys of two kinds; a private key is never repeated."""

import shutil
import subprocess

import pyrage
import pytest
from pyrage import ssh, x25519

from iamctl.handover.recipient import EncryptionError, encrypted, recipient_problem

needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")

ZERO = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"
"""A public key of zeros: well written, and no key."""


def test_all_recipients_can_read():
    first, second = x25519.Identity.generate(), x25519.Identity.generate()

    data = encrypted(b"text", [str(first.to_public()), str(second.to_public()), str(first.to_public())])

    assert data.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert {pyrage.decrypt(data, [identity]) for identity in (first, second)} == {b"text"}


@needs_ssh
@pytest.mark.parametrize("kind", [["ed25519"], ["rsa", "-b", "2048"]], ids=lambda kind: kind[0])
def test_ssh_keys_can_read(tmp_path, kind):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", "ops, on call", "-f", key, "-t", *kind], check=True)
    public = key.with_suffix(".pub").read_text().strip()

    data = encrypted(b"text", [public])

    assert recipient_problem(public) is None
    assert pyrage.decrypt(data, [ssh.Identity.from_buffer(key.read_bytes())]) == b"text"


@needs_ssh
@pytest.mark.parametrize(
    ("kind", "said"), [(["ecdsa"], "cannot encrypt to"), (["rsa", "-b", "1024"], "is not a complete public key")]
)
def test_other_ssh_keys_are_a_problem(tmp_path, kind, said):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", key, "-t", *kind], check=True)

    assert said in recipient_problem(key.with_suffix(".pub").read_text().strip())


@pytest.mark.parametrize("text", ["", "alice", "age1", "age1x", " age1", "ssh-ed25519", "ssh-ed25519 AAAA\nx", ZERO])
def test_what_is_no_public_key_is_a_problem(text):
    assert recipient_problem(text)
    with pytest.raises(EncryptionError):
        encrypted(b"text", [text])


def test_nothing_is_encrypted_to_nobody():
    with pytest.raises(EncryptionError):
        encrypted(b"text", [])


@needs_ssh
def test_a_private_key_is_not_repeated(tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", key, "-t", "ed25519"], check=True)
    for private in (str(x25519.Identity.generate()), str(x25519.Identity.generate()).lower(), key.read_text()):
        problem = recipient_problem(private)

        assert problem.startswith("this is a private key, but a public key is required")
        assert not any(private[start : start + 8] in problem for start in range(20, len(private) - 8))
