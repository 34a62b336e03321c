"""An IAM that allows a caller what a policy allows and nothing else, judged twice: by iamctl's engine and a plain one."""

from __future__ import annotations

from functools import partial

from faults import Rule
from policy_evaluator import decision

from iamctl.policy import Document
from iamctl.proof.decide import Held, Request, decide
from iamctl.sandbox.serving import Reply
from iamctl.sandbox.signin import PATHS


class Permitted:
    """A rule for all requests; ``used`` are the actions that were needed, ``denied`` those that were refused."""

    def __init__(self, policy, account):
        self.policy = policy
        self.account = account
        self.used, self.denied = set(), []
        self._held = Held((Document.from_data(policy).normalized,))
        self.rule = Rule(self.judge, times=float("inf"))

    def judge(self, asked):
        if asked.operation in {"GetCallerIdentity", "AssumeRole"}:
            return None
        for action, resource in needed(asked.operation, asked.params, self.account):
            self.used.add(action)
            plain = decision(self.policy, (action, resource, {})) == "Allow"
            engine = decide(Request(action, resource), self._held)
            assert engine is plain, (action, resource)
            if not plain:
                self.denied.append((action, resource))
                return Reply.error("AccessDenied", f"not authorized to perform {action} on {resource}", 403)
        return None


def needed(operation, params, account):
    """Yield the actions and resources on which AWS decides; the rules are of its service authorization reference."""
    arn = partial(_arn, account)
    if operation in PATHS.values():
        yield f"signin:{operation}", "*"
        return
    action = f"iam:{operation}"
    if operation in {"CreateUser", "CreatePolicy", "CreateGroup"}:
        noun = operation.removeprefix("Create")
        made = arn(noun.lower(), params.get("Path", "/"), params[f"{noun}Name"])
        yield action, made
        if any(name.startswith("Tags.member") for name in params):
            yield f"iam:Tag{noun}", made
    elif operation in {"UpdateUser", "UpdateGroup"}:
        noun = operation.removeprefix("Update")
        held = account.users if noun == "User" else account.groups
        name = params[f"{noun}Name"]
        path = held[name].path if name in held else "/"
        yield action, arn(noun.lower(), path, name)
        yield action, arn(noun.lower(), params.get("NewPath", path), params.get(f"New{noun}Name", name))
    elif "GroupName" in params:
        group = account.groups.get(params["GroupName"])
        yield action, arn("group", group.path if group else "/", params["GroupName"])
    elif "UserName" in params:
        user = account.users.get(params["UserName"])
        yield action, arn("user", user.path if user else "/", params["UserName"])
    elif "AccessKeyId" in params:
        yield action, account.users[account.access_keys[params["AccessKeyId"]].user_name].arn
    else:
        yield action, params.get("PolicyArn") or params.get("SerialNumber") or "*"


def _arn(account, noun, path, name):
    return f"arn:{account.partition}:iam::{account.account_id}:{noun}{path or '/'}{name}"
