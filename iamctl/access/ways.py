"""The known ways to more access, as data: what each needs, on what, and what it gives.

Facts from the pages of AWS on each action and from the public lists of pathfinding.cloud, Rhino Security Labs,
cloudsplaining, prowler and iam-vulnerable.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from enum import Enum

from iamctl.text.late_dataclass import dataclass


class On(Enum):
    """What an action of a way must be allowed on; the value is how reports call it."""

    SELF = "the user itself"
    SELF_ROLE = "the role itself"
    OWN_GROUP = "a group of the user"
    OWN_POLICY = "a policy that it holds"
    GROUP = "a group"
    USER = "another user"
    ROLE = "a role"
    ASSUMED = "a role that trusts it"
    PASSED = "a role that the service may use"
    NEW_USER = "a new user"
    NEW_ROLE = "a new role"
    ANY = "anything"
    """Something, whatever it is."""


class Gives(Enum):
    """What becomes of whoever goes a way."""

    ANY_POLICY = "any policy for oneself"
    """As far as the boundary lets it through."""
    ANY_POLICY_ELSEWHERE = "any policy for a principal that one can act as"
    """Whatever the own boundary says."""
    ACCESS_OF_TARGET = "what the target may do"
    NO_BOUNDARY = "access without the boundary"
    NO_DENY = "access without Denies"
    OTHER_VERSION = "what another version of a policy allows"
    IF_THERE_IS = "more, if something exists that IAM does not show"
    ACCOUNT = "a setting of the account"


@dataclass(frozen=True)
class Way:
    """One way: every need must be met, by any of its actions, each on the same target as the others of its kind."""

    needs: tuple[tuple[On, tuple[str, ...]], ...]
    """What each is on, with its actions, of which one is enough; the first need tells the target."""
    gives: Gives
    service: str = ""
    """The service that uses the role."""
    missing: str = ""
    """What it takes beside: told where the account does not show it."""

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions, in lower case."""
        return tuple(action.lower() for _, actions in self.needs for action in actions)


_GRANTS_USER = ("iam:AttachUserPolicy", "iam:PutUserPolicy")
_GRANTS_ROLE = ("iam:AttachRolePolicy", "iam:PutRolePolicy")
_CREDENTIALS = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")


def _one(on: On, gives: Gives, *actions: str, missing: str = "") -> tuple[Way, ...]:
    """Return a way for each of several actions that are enough alone."""
    return tuple(Way(((on, (action,)),), gives, missing=missing) for action in actions)


def _passing(service: str, *actions: str | tuple[str, ...]) -> Way:
    """Return the way to hand a role to a service and let it work; a tuple holds actions of which one is enough."""
    started = tuple((On.ANY, (action,) if isinstance(action, str) else action) for action in actions)
    return Way(((On.PASSED, ("iam:PassRole",)), *started), Gives.ACCESS_OF_TARGET, f"{service}.amazonaws.com")


def _using(service: str, thing: str, *actions: str | tuple[str, ...]) -> Way:
    """Return the way to make something that exists and has a role do what one wants."""
    needs = tuple((On.ANY, (action,) if isinstance(action, str) else action) for action in actions)
    return Way(needs, Gives.IF_THERE_IS, f"{service}.amazonaws.com", f"{thing} with a role")


WAYS = (
    *_one(On.SELF, Gives.ANY_POLICY, *_GRANTS_USER),
    *_one(On.SELF_ROLE, Gives.ANY_POLICY, *_GRANTS_ROLE),
    *_one(On.OWN_GROUP, Gives.ANY_POLICY, "iam:AttachGroupPolicy", "iam:PutGroupPolicy"),
    *_one(On.OWN_POLICY, Gives.ANY_POLICY, "iam:CreatePolicyVersion"),
    *_one(
        On.OWN_POLICY, Gives.OTHER_VERSION, "iam:SetDefaultPolicyVersion", missing="an older version that allows more"
    ),
    *_one(On.GROUP, Gives.ACCESS_OF_TARGET, "iam:AddUserToGroup"),
    *_one(On.USER, Gives.ACCESS_OF_TARGET, *_CREDENTIALS),
    *_one(On.ASSUMED, Gives.ACCESS_OF_TARGET, "sts:AssumeRole"),
    *_one(On.ROLE, Gives.ACCESS_OF_TARGET, "iam:UpdateAssumeRolePolicy"),
    Way(((On.ASSUMED, _GRANTS_ROLE), (On.ASSUMED, ("sts:AssumeRole",))), Gives.ANY_POLICY_ELSEWHERE),
    Way(((On.ROLE, _GRANTS_ROLE), (On.ROLE, ("iam:UpdateAssumeRolePolicy",))), Gives.ANY_POLICY_ELSEWHERE),
    Way(((On.USER, _GRANTS_USER), (On.USER, _CREDENTIALS)), Gives.ANY_POLICY_ELSEWHERE),
    Way(
        ((On.NEW_USER, ("iam:CreateUser",)), (On.NEW_USER, _GRANTS_USER), (On.NEW_USER, _CREDENTIALS[:2])),
        Gives.ANY_POLICY_ELSEWHERE,
    ),
    Way(((On.NEW_ROLE, ("iam:CreateRole",)), (On.NEW_ROLE, _GRANTS_ROLE)), Gives.ANY_POLICY_ELSEWHERE),
    *_one(On.SELF, Gives.NO_BOUNDARY, "iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
    *_one(On.SELF_ROLE, Gives.NO_BOUNDARY, "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
    *_one(On.SELF, Gives.NO_DENY, "iam:DeleteUserPolicy", "iam:DetachUserPolicy"),
    *_one(On.OWN_GROUP, Gives.NO_DENY, "iam:DeleteGroupPolicy", "iam:DetachGroupPolicy", "iam:RemoveUserFromGroup"),
    _passing("lambda", "lambda:CreateFunction", ("lambda:InvokeFunction", "lambda:AddPermission")),
    _passing("lambda", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
    _passing("cloudformation", ("cloudformation:CreateStack", "cloudformation:UpdateStack")),
    _passing("cloudformation", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
    _passing("cloudformation", ("cloudformation:CreateStackSet", "cloudformation:UpdateStackSet")),
    _passing("ec2", ("ec2:RunInstances", "ec2:RequestSpotInstances", "ec2:AssociateIamInstanceProfile")),
    _passing("ecs-tasks", "ecs:RegisterTaskDefinition", ("ecs:RunTask", "ecs:StartTask", "ecs:CreateService")),
    _passing("glue", "glue:CreateDevEndpoint"),
    _passing("glue", ("glue:CreateJob", "glue:UpdateJob"), ("glue:StartJobRun", "glue:CreateTrigger")),
    _passing("codebuild", "codebuild:CreateProject", ("codebuild:StartBuild", "codebuild:StartBuildBatch")),
    _passing("sagemaker", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
    _passing("sagemaker", ("sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob")),
    _passing("datapipeline", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"),
    _passing("codestar", "codestar:CreateProject"),
    _passing("tasks.apprunner", "apprunner:CreateService"),
    _passing("states", ("states:CreateStateMachine", "states:UpdateStateMachine"), "states:StartExecution"),
    _passing("ssm", "ssm:StartAutomationExecution"),
    _passing("bedrock-agentcore", "bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"),
    _using("lambda", "a function", ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")),
    _using("cloudformation", "a stack", "cloudformation:UpdateStack"),
    _using("cloudformation", "a stack", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
    _using("ec2", "an instance", ("ssm:SendCommand", "ssm:StartSession")),
    _using("ec2", "an instance", "ec2-instance-connect:SendSSHPublicKey"),
    _using("ec2", "an instance", "ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"),
    _using("ecs-tasks", "a running task", "ecs:ExecuteCommand"),
    _using("codebuild", "a project", ("codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:UpdateProject")),
    _using("glue", "a development endpoint", "glue:UpdateDevEndpoint"),
    _using("glue", "a job", "glue:UpdateJob", ("glue:StartJobRun", "glue:CreateTrigger")),
    _using("sagemaker", "a notebook", "sagemaker:CreatePresignedNotebookInstanceUrl"),
    _using("states", "a state machine", "states:UpdateStateMachine"),
    *_one(
        On.ROLE,
        Gives.IF_THERE_IS,
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
        missing="a role that a boundary holds back",
    ),
    *_one(On.ANY, Gives.ACCOUNT, "iam:DeleteAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"),
)
"""All ways; of those with the same gain the shortest stand first."""
ACTIONS = frozenset(action for way in WAYS for action in way.actions)
POWERFUL = frozenset(action for action in ACTIONS if action.startswith(("iam:", "sts:")))
"""Those of them that change who may do what, or act as somebody else."""
