"""The JSON Schema of the setting ``lock``."""

from __future__ import annotations

from typing import Any


def lock_schema() -> dict[str, Any]:
    """Return the schema of where the lock of an account is kept."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["s3"],
        "properties": {
            "s3": {
                "type": "string",
                "pattern": r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]{1,100}){0,8}$",
                "description": "The bucket, and the prefix of its objects: one object for each account.",
                "x-iamctl-message": "expected a bucket and a prefix without '/' at its end (for example my-bucket/iamctl)",
                "examples": ["my-bucket/iamctl"],
            },
            "owner": {
                "type": "string",
                "pattern": "^[0-9]{12}$",
                "description": "The account that owns the bucket (default: the account itself).",
                "x-iamctl-message": "expected an account id of 12 digits",
                "examples": ["210987654321"],
            },
        },
        "description": "Where `apply` keeps the lock that keeps a second apply of the same account away.",
        "examples": [{"s3": "my-bucket/iamctl"}],
    }
