"""The loader of AWS's service models: one for all sessions of the process, since it keeps what it has read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.loaders import Loader


@cache
def data_loader(data_path: str | None) -> Loader:
    """Return the loader of models below ``data_path``, a setting of botocore, and of those that botocore brings.

    https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    """
    from botocore.loaders import create_loader

    from iamctl.aws.model_loader import ModelLoader

    paths = create_loader(data_path).search_paths
    return ModelLoader(extra_search_paths=paths, include_default_search_paths=False)


def share_loader(session: Session) -> None:
    """Let a session read its models with the loader of all sessions; without it, each session reads them anew."""
    inner = session._session  # noqa: SLF001 - boto3 has no way to pass a loader
    loader = data_loader(inner.get_config_variable("data_path"))
    known = loader.search_paths
    known += [folder for folder in inner.get_component("data_loader").search_paths if folder not in known]
    inner.register_component("data_loader", loader)
