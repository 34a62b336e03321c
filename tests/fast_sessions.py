"""Sessions and clients of botocore without the work that is the same for each: a third of the time to open a sandbox."""

import functools
import inspect

from botocore import hooks
from botocore.client import ClientCreator

_aliased, _accepts, _methods = hooks.EventAliaser._alias_event_name, hooks.accepts_kwargs, ClientCreator._create_methods
_methods_of = {}


@functools.cache
def _current_name(event):
    return _aliased(hooks.EventAliaser(None), event)


def _current_name_for(aliaser, event):
    known = aliaser._event_aliases is hooks.EVENT_ALIASES
    return _current_name(event) if known else _aliased(aliaser, event)


def _takes_any_keyword(handler):
    code = getattr(handler, "__code__", None)
    return bool(code.co_flags & inspect.CO_VARKEYWORDS) if code else _accepts(handler)


def _methods_for(creator, service):
    key = service.service_name, service.api_version
    if key not in _methods_of:
        _methods_of[key] = _methods(creator, service)
    return dict(_methods_of[key])


def share_what_sessions_make():
    """Let the sessions of this process share names of events and methods of clients, and read no handler's signature."""
    hooks.EventAliaser._alias_event_name = _current_name_for
    hooks.accepts_kwargs = _takes_any_keyword
    ClientCreator._create_methods = _methods_for
