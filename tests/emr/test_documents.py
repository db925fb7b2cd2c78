"""What is rendered for others: policies, security configuration, workflows, serverless requests,
notebooks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sparkfeat.emr.check import check_request, check_serverless
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.plan import notebook_block, plan
from sparkfeat.emr.security import POLICIES, policies, security_configuration, security_configuration_name
from sparkfeat.emr.serverless import start_job_run
from sparkfeat.emr.workflows import airflow_operators, state_machine
from sparkfeat.errors import ConfigError
from tests.emr.conftest import PACKAGE
from tests.emr.test_cluster import changed


@pytest.fixture
def serverless(config: EmrConfig) -> Locations:
    config = changed(config, "serverless", application_id="00abc")
    return Locations(config.model_copy(update={"target": "serverless"}), PACKAGE)


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["Statement"]
    return found


def test_no_policy_allows_everything(config: EmrConfig) -> None:
    for document in policies(config).values():
        for statement in statements(document):
            actions = statement["Action"]
            assert "*" not in (actions if isinstance(actions, list) else [actions])
            assert not any(action.endswith(":*") for action in actions if isinstance(actions, list))
            assert statement.get("Resource") != "*" or statement["Sid"] in {
                "SeeClusters",
                "LaunchClustersWithTheTag",
            }


def test_no_placeholder_is_left(config: EmrConfig) -> None:
    text = json.dumps([policies(config), security_configuration(config)])

    assert "$" not in text
    assert "arn:aws:s3:::example-sparkfeat/shop/*" in text


def test_roles_are_passed_by_name_only(config: EmrConfig) -> None:
    for document in policies(config).values():
        for statement in statements(document):
            if "iam:PassRole" in statement["Action"]:
                assert "*" not in json.dumps(statement["Resource"])


def test_the_job_writes_only_where_it_may(config: EmrConfig) -> None:
    (write,) = [item for item in statements(policies(config)["runtime-role"]) if item["Sid"] == "WriteOutput"]

    assert write["Resource"] == "arn:aws:s3:::example-sparkfeat/features/*"


def test_statements_about_what_is_not_configured_are_left_out(config: EmrConfig) -> None:
    data = config.model_dump() | {"serverless": None, "target": "cluster"}
    data["cluster"]["runtime_role"] = None
    data["storage"]["write"] = []
    found = policies(EmrConfig.model_validate(data))

    assert "RunStepsAsTheRuntimeRole" not in json.dumps(found["instance-profile"])
    assert "WriteOutput" not in json.dumps(found["runtime-role"])


def test_encryption_at_rest_in_transit_and_of_disks(config: EmrConfig) -> None:
    found = security_configuration(config)
    encryption = found["EncryptionConfiguration"]
    at_rest = encryption["AtRestEncryptionConfiguration"]
    tls = encryption["InTransitEncryptionConfiguration"]["TLSCertificateConfiguration"]

    assert at_rest["S3EncryptionConfiguration"]["EncryptionMode"] == "SSE-KMS"
    assert at_rest["LocalDiskEncryptionConfiguration"]["EnableEbsEncryption"] is True
    assert at_rest["LocalDiskEncryptionConfiguration"]["AwsKmsKey"] == config.encryption.kms_key
    assert tls["S3Object"] == "s3://example-sparkfeat/artifacts/certificates.zip"
    assert found["InstanceMetadataServiceConfiguration"]["MinimumInstanceMetadataServiceVersion"] == 2


def test_without_certificates_there_is_no_tls_and_a_note(config: EmrConfig) -> None:
    without = changed(config, "encryption", certificates=None)

    assert security_configuration(without)["EncryptionConfiguration"]["EnableInTransitEncryption"] is False
    assert security_configuration_name(without) != security_configuration_name(config)
    assert any("no certificates" in note for note in plan(without, PACKAGE).notes)


def test_without_a_runtime_role_there_is_a_note(config: EmrConfig) -> None:
    without = changed(config, "cluster", runtime_role=None)

    assert "AuthorizationConfiguration" not in security_configuration(without)
    assert any("no runtime role" in note for note in plan(without, PACKAGE).notes)


def reached(machine: dict[str, Any]) -> set[str]:
    """Return the states that can be reached from the first."""
    found, todo = set(), [machine["StartAt"]]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            state = machine["States"][name]
            todo += [state["Next"]] if "Next" in state else []
            todo += [catch["Next"] for catch in state.get("Catch", ())]
    return found


def test_the_state_machine_ends_its_cluster_either_way(locations: Locations) -> None:
    machine = state_machine(locations)
    states = machine["States"]

    assert reached(machine) == states.keys()
    assert states["Run job"]["Catch"][0]["Next"] == "End cluster after failure"
    assert states["End cluster after failure"]["Next"] == "Failed"
    assert states["End cluster"]["Resource"].endswith(":terminateCluster")
    json.dumps(machine)


def test_the_state_machines_requests_fit_the_api(locations: Locations) -> None:
    states = state_machine(locations)["States"]
    cluster = states["Create cluster"]["Parameters"]

    # The integration demands a cluster that is kept alive, and takes no steps with it.
    assert "Steps" not in cluster
    assert cluster["Instances"]["KeepJobFlowAliveWhenNoSteps"] is True
    assert cluster["AutoTerminationPolicy"]["IdleTimeout"] > 0
    assert all("Name" in fleet for fleet in cluster["Instances"]["InstanceFleets"])
    check_request("emr", "RunJobFlow", cluster)
    step = states["Run job"]["Parameters"]
    role = {"ExecutionRoleArn": step["ExecutionRoleArn"]}
    check_request("emr", "AddJobFlowSteps", {"JobFlowId": "j-1", "Steps": [step["Step"]], **role})


def test_airflow_gets_the_same_request(locations: Locations) -> None:
    create, follow = airflow_operators(locations)

    check_request("emr", "RunJobFlow", create["arguments"]["job_flow_overrides"])
    assert create["operator"].endswith("EmrCreateJobFlowOperator")
    assert create["arguments"]["task_id"] in follow["arguments"]["job_flow_id"]


def test_serverless_requests_fit_the_api(serverless: Locations) -> None:
    request = start_job_run(serverless, application_id="00abc", token="abc")
    submit = request["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]

    check_serverless(request)
    assert "spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python" in submit
    assert "spark.yarn." not in submit
    assert request["executionTimeoutMinutes"] == 240


def test_serverless_workflows(serverless: Locations) -> None:
    (operator,) = airflow_operators(serverless)
    (state,) = state_machine(serverless)["States"].values()
    arguments = operator["arguments"]

    assert state["Parameters"]["ApplicationId"] == arguments["application_id"] == "00abc"
    assert state["Parameters"]["JobDriver"]["SparkSubmit"]["EntryPoint"].endswith("compute_features.py")
    request = {
        "applicationId": "00abc",
        "clientToken": "x",
        "executionRoleArn": arguments["execution_role_arn"],
    }
    request |= {"jobDriver": arguments["job_driver"], **arguments["config"]}
    overrides = {"configurationOverrides": arguments["configuration_overrides"]}
    check_request("emr-serverless", "StartJobRun", request | overrides)


@pytest.mark.parametrize("render", [state_machine, airflow_operators])
def test_a_serverless_workflow_needs_an_application(config: EmrConfig, render: Any) -> None:
    target = config.model_copy(update={"target": "serverless"})

    with pytest.raises(ConfigError, match="needs an application"):
        render(Locations(target, PACKAGE))


def test_a_plan_without_an_application_makes_one(config: EmrConfig) -> None:
    found = plan(config.model_copy(update={"target": "serverless"}), PACKAGE)

    assert found.requests.keys() == {"start_job_run", "create_application"}
    assert found.requests["create_application"]["architecture"] == "ARM64"


def test_a_notebook_gets_the_settings_of_a_step(config: EmrConfig) -> None:
    block = notebook_block(changed(config, "cluster", environment="bootstrap", notebooks=True))

    assert block["conf"]["spark.pyspark.python"] == "/opt/sparkfeat/venv/bin/python"
    assert "spark.executor.memoryOverhead" in block["conf"]


def test_every_part_of_conf_is_read_by_somebody(repository: Path) -> None:
    templates = {file.stem for file in (repository / "conf" / "emr" / "iam").glob("*.json")}
    example = json.loads((repository / "conf" / "emr" / "security-configuration.json").read_text())

    assert templates == set(POLICIES)
    assert set(example) >= {"EncryptionConfiguration", "InstanceMetadataServiceConfiguration"}
