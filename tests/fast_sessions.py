"""Sessions and clients of botocore without the work that is the same for each: half of the time to open a sandbox."""

import functools
import inspect
from copy import copy

from botocore import hooks, regions
from botocore.client import ClientCreator

_aliased, _accepts, _methods = hooks.EventAliaser._alias_event_name, hooks.accepts_kwargs, ClientCreator._create_methods
_model, _provider = ClientCreator._load_service_model, regions.EndpointProvider
_methods_of, _model_of, _provider_of = {}, {}, {}


@functools.cache
def _current_name(event):
    return _aliased(hooks.EventAliaser(None), event)


def _current_name_for(aliaser, event):
    known = aliaser._event_aliases is hooks.EVENT_ALIASES
    return _current_name(event) if known else _aliased(aliaser, event)


def _with_these_aliases(aliaser):
    return hooks.EventAliaser(copy(aliaser._emitter), aliaser._event_aliases)


def _takes_any_keyword(handler):
    code = getattr(handler, "__code__", None)
    return bool(code.co_flags & inspect.CO_VARKEYWORDS) if code else _accepts(handler)


def _methods_for(creator, service):
    key = service.service_name, service.api_version
    if key not in _methods_of:
        _methods_of[key] = _methods(creator, service)
    return dict(_methods_of[key])


def _model_for(creator, name, api_version=None):
    made = _model(creator, name, api_version)
    read = made._service_description
    return _model_of.setdefault((name, id(read)), (made, read))[0]


def _provider_for(ruleset_data, partition_data, excluded_params=None):
    key = id(ruleset_data), id(partition_data), frozenset(excluded_params or ())
    if key not in _provider_of:
        _provider_of[key] = _provider(ruleset_data, partition_data, excluded_params), ruleset_data, partition_data
    return _provider_of[key][0]


def share_what_sessions_make():
    """Let the sessions of this process share names of events, models of services, endpoints and methods of clients.

    No handler's signature is read, and what is shared is made from the same data: a loader keeps what it has read.
    """
    hooks.EventAliaser._alias_event_name = _current_name_for
    hooks.EventAliaser.__copy__ = _with_these_aliases
    hooks.accepts_kwargs = _takes_any_keyword
    ClientCreator._create_methods = _methods_for
    ClientCreator._load_service_model = _model_for
    regions.EndpointProvider = _provider_for
