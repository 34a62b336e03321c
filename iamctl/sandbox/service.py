"""The IAM service of a sandbox: every operation that it answers differently from moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from botocore import xform_name
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model
from moto.iam.responses import IamResponse

from iamctl.sandbox.account_facts import AccountFactOperations
from iamctl.sandbox.constraints import refuse_what_breaks
from iamctl.sandbox.credentials import CredentialOperations
from iamctl.sandbox.devices import DeviceOperations
from iamctl.sandbox.groups import GroupOperations
from iamctl.sandbox.overview import OverviewOperations
from iamctl.sandbox.policies import PolicyOperations
from iamctl.sandbox.refusals import AccessDenied
from iamctl.sandbox.report import ReportOperations
from iamctl.sandbox.usage import UsageOperations
from iamctl.sandbox.users import UserOperations

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account


class Facts(ActionResult):  # type: ignore[misc]
    """An answer that is already in AWS's words; moto need not look for them in its own objects."""

    def execute_result(self, context: Any) -> tuple[int, dict[str, str], str]:
        """Return status, headers and body of the answer."""
        serializer = context.serializer_class(operation_model=context.operation_model)
        serializer.get_value = lambda value, key, _shape: value.get(key)
        answer = serializer.serialize(self.result)
        return answer["status_code"], answer["headers"], answer["body"]


class Denial(ActionResult):  # type: ignore[misc]
    """The answer to a caller who may not; IAM's service model, which moto asks for the status, does not know it."""

    def execute_result(self, context: Any) -> tuple[int, dict[str, str], str]:
        """Return status 403 with IAM's error document."""
        del context
        error = f"<Type>Sender</Type><Code>AccessDenied</Code><Message>{escape(self.result.message)}</Message>"
        body = f"<ErrorResponse><Error>{error}</Error><RequestId>request-id</RequestId></ErrorResponse>"
        return 403, {"Content-Type": "text/xml"}, body


class SandboxResponse(
    UserOperations,
    GroupOperations,
    PolicyOperations,
    CredentialOperations,
    DeviceOperations,
    ReportOperations,
    OverviewOperations,
    AccountFactOperations,
    UsageOperations,
    IamResponse,  # type: ignore[misc]
):
    """One request to IAM. A method per operation, from the mixins and, for what they leave out, from moto."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account

    @property
    def backend(self) -> Account:
        """The account of the sandbox, where moto would look one up."""
        return self.account

    def get_current_account(self) -> str:
        """Return the id of the sandbox's account, regardless of the caller."""
        return str(self.account.account_id)

    def get_region_from_url(self, request: Any, full_url: str) -> str:
        """Return the region of the sandbox's account, whatever address was called."""
        del request, full_url
        return str(self.account.region_name)

    def param(self, name: str) -> Any:
        """Return a parameter of the request by its name in AWS's words, or None."""
        return self._get_param(name)

    def call_action(self) -> Any:
        """Carry out the request; return status, headers and body, also for errors that IAM answers with.

        Raises:
            NotImplementedError: neither the sandbox nor moto has the operation.
        """
        operation = self._get_action()
        method = getattr(self, xform_name(operation), None)
        if method is None:
            raise NotImplementedError(f"the sandbox does not implement {operation}")
        try:
            refuse_what_breaks(get_service_model("iam").operation_model(operation), self.params)
            answer = method()
        except AccessDenied as error:
            answer = Denial(error)
        except ServiceException as error:
            answer = ActionResult(error)
        if not isinstance(answer, ActionResult):
            answer = Facts(answer)
        status, headers, body = self.serialized(answer)
        return status, *self._enrich_response(headers, body)
