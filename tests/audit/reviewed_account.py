"""The account that the tests of reviews export, and the manifests for it."""

KEYS = {"AKIAIOSFODNN7EXAMPL1": {"since": "2026-11-01", "used": "2026-11-22"}}
REVIEWED = {
    "users": {
        "alice": {"password": {"since": "2026-01-01", "used": "2026-11-22"}, "mfa": True, "groups": ["admins"]},
        "=bob": {"keys": KEYS, "groups": ["admins", "devs"], "tags": {"Owner": "=1+1"}},
        "carol": {"credentials": "unknown"},
    },
    "groups": {"admins": {"attached": ["aws:AdministratorAccess"]}, "devs": {}},
}
TREE = """
users: {alice: }
groups: {admins: {policies: ["aws:AdministratorAccess"]}, devs: }
memberships:
  admins: [{user: alice, until: 2026-12-31, reason: "'=OPS-1, for now"}]
  devs: []
"""
