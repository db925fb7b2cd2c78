"""The security configuration and the IAM policies: the templates of conf/emr, filled in."""

from __future__ import annotations

import hashlib
import json
from string import Template
from typing import Any

from sparkfeat.configuration import conf_folder
from sparkfeat.emr.config import EmrConfig

POLICIES = (
    "instance-profile",
    "instance-profile-trust",
    "runtime-role",
    "runtime-role-trust",
    "service-role",
    "service-role-trust",
    "user",
)
"""Documents in conf/emr/iam."""

_DIGITS = 12


def security_configuration(config: EmrConfig) -> dict[str, Any]:
    """Return the document: encryption at rest and in transit, IMDSv2, a role of their own for steps.

    Without certificates there is no TLS between instances (Spark's own encryption remains); without a
    runtime role steps run as the instance profile.
    """
    found: dict[str, Any] = _filled("security-configuration.json", config)
    encryption = found["EncryptionConfiguration"]
    if config.encryption.certificates is None:
        encryption["EnableInTransitEncryption"] = False
        del encryption["InTransitEncryptionConfiguration"]
    if config.cluster is None or config.cluster.runtime_role is None:
        del found["AuthorizationConfiguration"]
    return found


def security_configuration_name(config: EmrConfig) -> str:
    """Return the name of the one that the configuration gives, or one made of the content's hash."""
    if config.encryption.security_configuration:
        return config.encryption.security_configuration
    content = json.dumps(security_configuration(config), sort_keys=True).encode()
    return f"sparkfeat-{hashlib.sha256(content).hexdigest()[:_DIGITS]}"


def policies(config: EmrConfig) -> dict[str, Any]:
    """Return the IAM documents by name: what each role may do, and who may take it."""
    return {name: _filled(f"iam/{name}.json", config) for name in POLICIES}


def _filled(file: str, config: EmrConfig) -> Any:
    text = (conf_folder() / "emr").joinpath(*file.split("/")).read_text(encoding="utf-8")
    return _fill(json.loads(text), _values(config))


def _fill(node: Any, values: dict[str, list[str]]) -> Any:
    """Replace placeholders; one that is a whole string becomes as many strings as it has values."""
    if isinstance(node, dict):
        filled = {key: _fill(value, values) for key, value in node.items()}
        if "Statement" in filled:
            filled["Statement"] = [item for item in filled["Statement"] if _about_something(item)]
        return filled
    if isinstance(node, list):
        return [part for item in node for part in _many(_fill(item, values))]
    if isinstance(node, str):
        return _fill_text(node, values)
    return node


def _fill_text(text: str, values: dict[str, list[str]]) -> str | list[str]:
    whole = values.get(text.removeprefix("$")) if text.startswith("$") else None
    if whole is not None:
        return whole[0] if len(whole) == 1 else whole
    single = {name: found[0] for name, found in values.items() if len(found) == 1}
    return Template(text).substitute(single)


def _many(filled: Any) -> list[Any]:
    return filled if isinstance(filled, list) else [filled]


def _about_something(statement: dict[str, Any]) -> bool:
    """Whether a statement has a resource or principal left: one about a part not configured has none."""
    return [] not in (statement.get("Resource"), statement.get("Principal", {}).get("AWS"))


def _values(config: EmrConfig) -> dict[str, list[str]]:
    key, storage, cluster = config.encryption.kms_key, config.storage, config.cluster
    partition, account = key.split(":")[1], key.split(":")[4]
    certificates = config.encryption.certificates
    data = [*storage.read, *storage.write]
    own = [storage.artifacts, storage.logs]
    profile = [f"arn:{partition}:iam::{account}:role/{cluster.instance_profile}"] if cluster else []
    return {
        "partition": [partition],
        "account": [account],
        "region": [config.region],
        "kms_key": [key],
        "certificates": [certificates] if certificates else [""],
        "certificates_object": [_arn(partition, certificates)] if certificates else [],
        "artifacts_objects": [f"{_arn(partition, storage.artifacts)}/*"],
        "logs_objects": [f"{_arn(partition, storage.logs)}/*"],
        "read_objects": [f"{_arn(partition, folder)}/*" for folder in storage.read],
        "write_objects": [f"{_arn(partition, folder)}/*" for folder in storage.write],
        "data_buckets": _buckets(partition, [storage.artifacts, *data]),
        "own_buckets": _buckets(partition, own),
        "profile_role": profile,
        "service_role": [cluster.service_role] if cluster else [],
        "runtime_role": _runtime_roles(config),
    }


def _runtime_roles(config: EmrConfig) -> list[str]:
    roles = [config.cluster.runtime_role] if config.cluster and config.cluster.runtime_role else []
    roles += [config.serverless.execution_role] if config.serverless else []
    return list(dict.fromkeys(roles))


def _buckets(partition: str, folders: list[str]) -> list[str]:
    return list(dict.fromkeys(f"arn:{partition}:s3:::{folder.split('/')[2]}" for folder in folders))


def _arn(partition: str, uri: str) -> str:
    return f"arn:{partition}:s3:::{uri.removeprefix('s3://')}"
