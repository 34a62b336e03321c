"""The passwords and secrets of access keys that the tests of this process made or saw: none may be found in a file at the end."""

SEEN = set()


def files_with_a_password(folder):
    """Return the files below ``folder`` in which one of the passwords stands."""
    passwords = [password.encode() for password in SEEN]
    return [
        str(path)
        for path in (folder.rglob("*") if passwords else ())
        if path.is_file() and not path.is_symlink() and _holds(path, passwords)
    ]


def _holds(path, passwords):
    try:
        data = path.read_bytes()
    except OSError:  # some tests make files that cannot be read
        return False
    return any(password in data for password in passwords)
