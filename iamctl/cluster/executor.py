"""An executor on the workers of a cluster, and the call that a worker makes for it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from iamctl import __version__
from iamctl.model import IamctlError
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from distributed import Client

_T = TypeVar("_T")

_ATTEMPTS = 3
_OTHER_VERSION = "the worker has iamctl {}, but the task was made by {}; install the same version everywhere"
_UNREADABLE = "the worker cannot read the task ({}); install the same version of iamctl and Python everywhere"
_FAILED = "the worker failed with {}"


@dataclass(frozen=True)
class _Request:
    """A call, pickled: Dask looks into what it is given, and replaces what looks like one of its keys."""

    payload: bytes
    attempts: int


class SchedulerLostError(Exception):
    """The scheduler is gone, and with it what it knew about the call."""


class ClusterExecutor(Executor):
    """Runs each call on a worker of the cluster.

    A call whose worker died is an error, as Dask cannot know how far it came. With ``is_repeatable`` it is made again,
    at most three times in all.
    """

    def __init__(self, client: Client, *, is_repeatable: bool) -> None:
        self._inner = client.get_executor(pure=False, retries=0)
        self._attempts = _ATTEMPTS if is_repeatable else 1

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Return the future of a call.

        Its exception is ``IamctlError`` if the worker refused the call or the call failed, otherwise the worker or the
        scheduler was lost.
        """
        outcome: Future[_T] = Future()
        outcome.set_running_or_notify_cancel()
        self._send(_Request(pickle.dumps((fn, args, kwargs)), self._attempts), outcome)
        return outcome

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base
        """Wait for the calls under way, or leave them to their workers."""
        self._inner.shutdown(wait=wait and not cancel_futures)

    def _send(self, request: _Request, outcome: Future[_T]) -> None:
        try:
            sent = self._inner.submit(answer, request.payload, __version__)
        except Exception as error:  # noqa: BLE001 - a client without a scheduler; the run has other accounts to report
            outcome.set_exception(error)
        else:
            sent.add_done_callback(lambda done: self._ended(done, request, outcome))

    def _ended(self, done: Future[Answer], request: _Request, outcome: Future[_T]) -> None:
        from distributed.scheduler import KilledWorker

        try:
            found = done.result()
            if found.error:
                raise IamctlError(found.error)
            outcome.set_result(found.value)
        except KilledWorker as error:
            if request.attempts > 1:
                self._send(_Request(request.payload, request.attempts - 1), outcome)
            else:
                outcome.set_exception(error)
        except CancelledError:
            outcome.set_exception(SchedulerLostError())
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the wait for the call
            outcome.set_exception(error)


@dataclass(frozen=True)
class Answer:
    """What a call returned, or why it was not made."""

    value: Any = None
    error: str = ""


def answer(payload: bytes, version: str) -> Answer:
    """Return what a call returns; it never raises, since Dask logs a failed call with its arguments."""
    if version != __version__:
        return Answer(error=_OTHER_VERSION.format(__version__, version))
    try:
        fn, args, kwargs = pickle.loads(payload)  # noqa: S301 - from a client that may run code here anyway
    except Exception as error:  # noqa: BLE001 - whatever a pickle raises
        return Answer(error=_UNREADABLE.format(type(error).__name__))
    try:
        return Answer(fn(*args, **kwargs))
    except Exception as error:  # noqa: BLE001 - as above
        return Answer(error=_FAILED.format(type(error).__name__))
