from __future__ import annotations

import pytest

from sparkfeat.emr.check import STEP_CHARACTERS, check_cluster, check_request
from sparkfeat.emr.cluster import add_job_flow_steps, run_job_flow
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.steps import submit_arguments
from sparkfeat.errors import ConfigError
from tests.emr.conftest import PACKAGE


def changed(config: EmrConfig, section: str, **values: object) -> EmrConfig:
    """Return the configuration with other values in a section, checked as a file's would be."""
    data = config.model_dump()
    data[section] = {**data[section], **values}
    return EmrConfig.model_validate(data)


def located(config: EmrConfig) -> Locations:
    return Locations(config, PACKAGE)


def fleets(locations: Locations) -> dict[str, dict[str, object]]:
    found = run_job_flow(locations)["Instances"]["InstanceFleets"]
    return {fleet["InstanceFleetType"]: fleet for fleet in found}


def test_the_request_is_what_botocore_and_emr_accept(locations: Locations) -> None:
    check_cluster(run_job_flow(locations, token="abc"))


def test_a_transient_cluster_ends_by_itself(locations: Locations) -> None:
    request = run_job_flow(locations)

    assert request["Instances"]["KeepJobFlowAliveWhenNoSteps"] is False
    assert request["Instances"]["TerminationProtected"] is False
    assert request["AutoTerminationPolicy"] == {"IdleTimeout": 900}
    assert [step["ActionOnFailure"] for step in request["Steps"]] == ["TERMINATE_CLUSTER"]
    assert request["StepConcurrencyLevel"] == 1


def test_a_launched_cluster_waits_for_steps(locations: Locations) -> None:
    request = run_job_flow(locations, transient=False)

    assert request["Instances"]["KeepJobFlowAliveWhenNoSteps"] is True
    assert request["Steps"] == []
    assert "StepExecutionRoleArn" not in request
    check_cluster(request)


def test_core_is_on_demand_and_task_is_spot(locations: Locations) -> None:
    found = fleets(locations)

    assert found["MASTER"]["TargetOnDemandCapacity"] == 1
    assert found["CORE"]["TargetOnDemandCapacity"] == 16
    assert "TargetSpotCapacity" not in found["CORE"]
    assert found["TASK"]["TargetSpotCapacity"] == 8
    spot = found["TASK"]["LaunchSpecifications"]["SpotSpecification"]  # type: ignore[index]
    assert spot["TimeoutAction"] == "SWITCH_TO_ON_DEMAND"


def test_capacities_count_cores(locations: Locations) -> None:
    types = fleets(locations)["TASK"]["InstanceTypeConfigs"]
    weights = {item["InstanceType"]: item["WeightedCapacity"] for item in types}  # type: ignore[attr-defined]

    assert weights["r6g.2xlarge"] == 8
    assert weights["r6g.4xlarge"] == 16


def test_scaling_grows_the_task_fleet_only(locations: Locations) -> None:
    limits = run_job_flow(locations)["ManagedScalingPolicy"]["ComputeLimits"]

    assert limits["UnitType"] == "InstanceFleetUnits"
    assert limits["MaximumCapacityUnits"] == 80
    assert limits["MaximumCoreCapacityUnits"] == limits["MaximumOnDemandCapacityUnits"] == 16


def test_a_cluster_of_one_size_does_not_scale(config: EmrConfig) -> None:
    request = run_job_flow(located(changed(config, "cluster", task=None)))

    assert "ManagedScalingPolicy" not in request
    assert "spark.dynamicAllocation.enabled=false" in request["Steps"][0]["HadoopJarStep"]["Args"]


def test_tags_that_the_service_role_needs(locations: Locations) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in run_job_flow(locations, token="abc")["Tags"]}

    assert tags["for-use-with-amazon-emr-managed-policies"] == "true"
    assert tags["sparkfeat:run"] == "abc"
    assert tags["project"] == "shop"


def test_logs_are_encrypted_and_the_network_private(locations: Locations) -> None:
    request = run_job_flow(locations)

    assert request["LogEncryptionKmsKeyId"] == locations.config.encryption.kms_key
    assert request["Instances"]["Ec2SubnetIds"] == ["subnet-0123456789abcdef0"]
    assert request["SecurityConfiguration"].startswith("sparkfeat-")
    assert "VisibleToAllUsers" not in request


def files(locations: Locations) -> dict[str, dict[str, str]]:
    found = run_job_flow(locations)["Configurations"]
    return {item["Classification"]: item["Properties"] for item in found}


def test_s3a_encrypts_and_glue_keeps_the_tables(locations: Locations) -> None:
    found = files(locations)

    assert found["core-site"]["fs.s3a.encryption.algorithm"] == "SSE-KMS"
    assert found["core-site"]["fs.s3a.encryption.key"] == locations.config.encryption.kms_key
    assert "AWSGlueDataCatalog" in found["spark-hive-site"]["hive.metastore.client.factory.class"]
    assert "emrfs-site" not in found


def test_older_releases_read_s3_by_emrfs(config: EmrConfig) -> None:
    found = files(located(config.model_copy(update={"release": "emr-7.9.0"})))

    assert found["emrfs-site"]["fs.s3.enableServerSideEncryption"] == "true"
    assert found["emrfs-site"]["fs.s3.serverSideEncryption.kms.keyId"] == config.encryption.kms_key
    assert "fs.s3a.encryption.key" in found["core-site"]


def test_the_driver_stays_off_spot(locations: Locations) -> None:
    label = "yarn.node-labels.am.default-node-label-expression"

    assert files(locations)["yarn-site"][label] == "CORE"


def test_the_step_runs_the_archives_python(locations: Locations) -> None:
    arguments = submit_arguments(locations)

    assert arguments[:3] == ["spark-submit", "--deploy-mode", "cluster"]
    archive = "environment-aarch64-10c410c410c410c4.tar.gz#environment"
    assert arguments[arguments.index("--archives") + 1].endswith(archive)
    assert "spark.executorEnv.PYSPARK_PYTHON=./environment/bin/python" in arguments
    assert "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./environment/bin/python" in arguments


def test_nobody_sets_the_shuffles_partitions(locations: Locations) -> None:
    assert not any("spark.sql.shuffle.partitions" in part for part in submit_arguments(locations))


def test_the_jobs_own_settings_come_last(config: EmrConfig) -> None:
    arguments = submit_arguments(located(changed(config, "job", spark={"spark.executor.memory": "20g"})))

    assert "spark.executor.memory=20g" in arguments
    assert sum("spark.executor.memory=" in part for part in arguments) == 1


def test_bootstrap_installs_the_wheelhouse(config: EmrConfig) -> None:
    locations = located(changed(config, "cluster", environment="bootstrap", notebooks=True))
    request = run_job_flow(locations)
    (action,) = request["BootstrapActions"]
    arguments = action["ScriptBootstrapAction"]["Args"]

    check_cluster(request)
    assert arguments[arguments.index("--lock-sha256") + 1] == PACKAGE.lock
    assert "--archives" not in request["Steps"][0]["HadoopJarStep"]["Args"]
    assert {"Name": "Livy"} in request["Applications"]
    assert any(item["Classification"] == "livy-conf" for item in request["Configurations"])


def test_a_job_for_a_running_cluster(locations: Locations) -> None:
    request = add_job_flow_steps(locations, "j-1ABC")

    check_request("emr", "AddJobFlowSteps", request)
    assert request["Steps"][0]["ActionOnFailure"] == "CONTINUE"
    assert request["ExecutionRoleArn"] == locations.config.required_cluster().runtime_role


def test_a_step_that_is_too_long_is_refused(config: EmrConfig) -> None:
    long = {f"spark.sparkfeat.{number}": "x" * 100 for number in range(100)}
    request = run_job_flow(located(changed(config, "job", spark=long)))

    with pytest.raises(ConfigError, match=f"EMR takes at most {STEP_CHARACTERS:,}"):
        check_cluster(request)


def test_too_many_bootstrap_actions_are_refused(config: EmrConfig) -> None:
    request = run_job_flow(located(changed(config, "cluster", environment="bootstrap")))
    request["BootstrapActions"] *= 17

    with pytest.raises(ConfigError, match="17 bootstrap actions"):
        check_cluster(request)


def test_a_request_that_botocore_does_not_know_is_refused(locations: Locations) -> None:
    request = run_job_flow(locations) | {"Instancez": {}}

    with pytest.raises(ConfigError, match="Instancez"):
        check_cluster(request)
