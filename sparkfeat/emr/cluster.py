"""The request for a cluster, RunJobFlow: made of a configuration, without any call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparkfeat.emr.classifications import classifications
from sparkfeat.emr.config import PRIMARY_DISK_GIB, ClusterSection, EmrConfig, FleetSection, SpotSection
from sparkfeat.emr.instances import find_types
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.security import security_configuration_name
from sparkfeat.emr.steps import job_step

POLICY_TAG = "for-use-with-amazon-emr-managed-policies"
"""AmazonEMRServicePolicy_v2 touches nothing that does not carry this tag with the value "true"."""
RUN_TAG = "sparkfeat:run"
"""Carries the token of one launch: a cluster is found by it when the answer to the request was lost."""

Request = dict[str, Any]


def run_job_flow(locations: Locations, *, transient: bool = True, token: str | None = None) -> Request:
    """Return the request.

    Args:
        locations: where the job's files lie.
        transient: whether the cluster runs the job and ends; else it waits for steps until it is idle.
        token: of this launch; None where none is launched.
    """
    config = locations.config
    cluster = config.required_cluster()
    request: Request = {
        "Name": config.name,
        "LogUri": f"{config.storage.logs}/",
        "LogEncryptionKmsKeyId": config.encryption.kms_key,
        "ReleaseLabel": config.release,
        "Applications": _applications(cluster),
        "Configurations": classifications(config),
        "Instances": _instances(cluster, transient),
        "Steps": [job_step(locations, last=True)] if transient else [],
        # One step at a time: with more, EMR does not end a cluster whose step has failed.
        "StepConcurrencyLevel": 1,
        "BootstrapActions": _bootstrap_actions(locations),
        "ServiceRole": cluster.service_role,
        "JobFlowRole": cluster.instance_profile,
        "SecurityConfiguration": security_configuration_name(config),
        "ScaleDownBehavior": "TERMINATE_AT_TASK_COMPLETION",
        # Ends a cluster that this program could not end.
        "AutoTerminationPolicy": {"IdleTimeout": cluster.idle_minutes * 60},
        "Tags": tags(config, token),
    }
    if transient and cluster.runtime_role:
        request["StepExecutionRoleArn"] = cluster.runtime_role
    if (scaling := _managed_scaling(cluster)) is not None:
        request["ManagedScalingPolicy"] = scaling
    return request


def add_job_flow_steps(locations: Locations, cluster_id: str) -> Request:
    """Return the request that adds the job to a running cluster."""
    role = locations.config.required_cluster().runtime_role
    request: Request = {"JobFlowId": cluster_id, "Steps": [job_step(locations, last=False)]}
    return request | ({"ExecutionRoleArn": role} if role else {})


def tags(config: EmrConfig, token: str | None) -> list[dict[str, str]]:
    """Return the tags of the cluster and of all its instances."""
    every = {POLICY_TAG: "true", "sparkfeat:job": config.name, **config.tags}
    if token is not None:
        every[RUN_TAG] = token
    return [{"Key": key, "Value": value} for key, value in every.items()]


def _applications(cluster: ClusterSection) -> list[dict[str, str]]:
    notebooks = ("Livy", "JupyterEnterpriseGateway") if cluster.notebooks else ()
    return [{"Name": name} for name in ("Spark", *notebooks)]


def _instances(cluster: ClusterSection, transient: bool) -> Request:
    groups = {
        "EmrManagedMasterSecurityGroup": cluster.primary_security_group,
        "EmrManagedSlaveSecurityGroup": cluster.worker_security_group,
        "ServiceAccessSecurityGroup": cluster.service_security_group,
    }
    return {
        "InstanceFleets": list(_fleets(cluster)),
        "Ec2SubnetIds": cluster.subnets,
        "KeepJobFlowAliveWhenNoSteps": not transient,
        "TerminationProtected": False,
        "UnhealthyNodeReplacement": True,
        **{key: group for key, group in groups.items() if group},
    }


def _fleets(cluster: ClusterSection) -> Sequence[Request]:
    primary = _fleet("MASTER", "primary", _types(cluster.primary, PRIMARY_DISK_GIB, weighted=False))
    fleets = [primary | {"TargetOnDemandCapacity": 1} | _on_demand(), _core(cluster.core)]
    return [*fleets, _task(cluster.task)] if cluster.task else fleets


def _core(core: FleetSection) -> Request:
    fleet = _fleet("CORE", "core", _types(core.types, core.disk_gib))
    return fleet | {"TargetOnDemandCapacity": core.vcpus} | _on_demand()


def _task(task: SpotSection) -> Request:
    spot = {
        "TimeoutDurationMinutes": task.timeout_minutes,
        "TimeoutAction": "SWITCH_TO_ON_DEMAND",
        "AllocationStrategy": "price-capacity-optimized",
    }
    fleet = _fleet("TASK", "task", _types(task.types, task.disk_gib))
    return fleet | {"TargetSpotCapacity": task.vcpus, "LaunchSpecifications": {"SpotSpecification": spot}}


def _fleet(kind: str, name: str, types: list[Request]) -> Request:
    return {"Name": name, "InstanceFleetType": kind, "InstanceTypeConfigs": types}


def _on_demand() -> Request:
    return {"LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}}}


def _types(names: Sequence[str], disk_gib: int, *, weighted: bool = True) -> list[Request]:
    """Return the types of a fleet; capacities count cores, so that large and small types may be mixed."""
    volume = {"VolumeType": "gp3", "SizeInGB": disk_gib}
    disks = {"EbsBlockDeviceConfigs": [{"VolumeSpecification": volume, "VolumesPerInstance": 1}]}
    return [
        {"InstanceType": found.name, "EbsConfiguration": disks}
        | ({"WeightedCapacity": found.vcpus} if weighted else {})
        for found in find_types(names, "cluster")
    ]


def _managed_scaling(cluster: ClusterSection) -> Request | None:
    most_core = cluster.core.max_vcpus or cluster.core.vcpus
    most = most_core + (cluster.task.max_vcpus if cluster.task else 0)
    if most == cluster.core.vcpus:
        return None
    limits = {
        "UnitType": "InstanceFleetUnits",
        "MinimumCapacityUnits": cluster.core.vcpus,
        "MaximumCapacityUnits": most,
        "MaximumOnDemandCapacityUnits": most_core,
        "MaximumCoreCapacityUnits": most_core,
    }
    return {"ComputeLimits": limits}


def _bootstrap_actions(locations: Locations) -> list[Request]:
    if locations.config.required_cluster().environment == "archive":
        return []
    arguments = [
        *("--wheelhouse", locations.wheelhouse),
        *("--lock-sha256", locations.package.lock),
        *("--code", locations.code),
    ]
    action = {"Path": locations.bootstrap, "Args": arguments}
    return [{"Name": "install the Python environment", "ScriptBootstrapAction": action}]
