"""The same cluster or job for other schedulers: a Step Functions state machine, and Airflow's operators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sparkfeat.emr.cluster import run_job_flow
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.serverless import start_job_run
from sparkfeat.emr.steps import job_step
from sparkfeat.errors import ConfigError

State = dict[str, Any]
_SERVICE = "arn:aws:states:::elasticmapreduce"
_CLUSTER_ID = "$.Cluster.ClusterId"


def state_machine(locations: Locations) -> State:
    """Return the definition of a state machine, in Amazon States Language.

    The service integration differs from the API: it takes no steps with a cluster, wants it kept alive,
    and does not end it when the execution stops. The cluster's idle timeout does.

    Raises:
        ConfigError: the target is serverless, and no application is named.
    """
    config = locations.config
    comment = f"sparkfeat job {config.name}"
    if config.target == "serverless":
        states = {"Run job": _serverless_task(locations) | {"End": True}}
    else:
        states = dict(_cluster_states(locations))
    timeout = config.job.timeout_minutes * 60
    return {"Comment": comment, "StartAt": next(iter(states)), "TimeoutSeconds": timeout, "States": states}


def airflow_operators(locations: Locations) -> list[State]:
    """Return operators of Airflow's Amazon provider, each with its class and arguments, in order.

    Raises:
        ConfigError: the target is serverless, and no application is named.
    """
    config = locations.config
    if config.target == "serverless":
        return [_airflow_serverless(locations)]
    create = {
        "task_id": f"{config.name}_cluster",
        "job_flow_overrides": run_job_flow(locations),
        "region_name": config.region,
    }
    # The cluster ends with its step: this waits for that, and fails where the cluster ended with errors.
    follow = {
        "task_id": f"{config.name}_finished",
        "job_flow_id": f"{{{{ task_instance.xcom_pull(task_ids='{create['task_id']}') }}}}",
        "region_name": config.region,
        "target_states": ["TERMINATED"],
        "failed_states": ["TERMINATED_WITH_ERRORS"],
    }
    return [
        _operator("operators.emr.EmrCreateJobFlowOperator", create),
        _operator("sensors.emr.EmrJobFlowSensor", follow),
    ]


def _cluster_states(locations: Locations) -> Iterator[tuple[str, State]]:
    request = run_job_flow(locations, transient=False)
    del request["Steps"]
    runtime_role = locations.config.required_cluster().runtime_role
    step: State = {"ClusterId.$": _CLUSTER_ID, "Step": job_step(locations, last=False)}
    if runtime_role:
        step["ExecutionRoleArn"] = runtime_role
    yield "Create cluster", _task("createCluster.sync", request, "$.Cluster", "Run job")
    caught = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.Error", "Next": "End cluster after failure"}
    yield "Run job", _task("addStep.sync", step, "$.Step", "End cluster") | {"Catch": [caught]}
    terminate = {"ClusterId.$": _CLUSTER_ID}
    yield "End cluster", _task("terminateCluster", terminate, None) | {"End": True}
    yield "End cluster after failure", _task("terminateCluster", terminate, None, "Failed")
    yield "Failed", {"Type": "Fail", "ErrorPath": "$.Error.Error", "CausePath": "$.Error.Cause"}


def _task(action: str, parameters: State, result: str | None, following: str | None = None) -> State:
    retry = {
        "ErrorEquals": ["ElasticMapReduce.ThrottlingException", "ElasticMapReduce.InternalServerException"],
        "IntervalSeconds": 30,
        "BackoffRate": 2,
        "MaxAttempts": 5,
    }
    state = {
        "Type": "Task",
        "Resource": f"{_SERVICE}:{action}",
        "Parameters": parameters,
        "ResultPath": result,
        "Retry": [retry],
    }
    return state | ({"Next": following} if following else {})


def _serverless_task(locations: Locations) -> State:
    """Return the task; the service integration spells the API's names with capitals."""
    request = start_job_run(locations, application_id=_application_id(locations), token="")
    del request["clientToken"]
    parameters = {_capital(key): value for key, value in request.items()}
    parameters["JobDriver"] = {"SparkSubmit": _capitals(request["jobDriver"]["sparkSubmit"])}
    monitoring = request["configurationOverrides"]["monitoringConfiguration"]
    parameters["ConfigurationOverrides"] = {
        "MonitoringConfiguration": {_capital(key): _capitals(value) for key, value in monitoring.items()}
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::emr-serverless:startJobRun.sync",
        "Parameters": parameters,
    }


def _airflow_serverless(locations: Locations) -> State:
    config = locations.config
    request = start_job_run(locations, application_id=_application_id(locations), token="")
    arguments = {
        "task_id": config.name,
        "name": config.name,
        "application_id": request["applicationId"],
        "execution_role_arn": request["executionRoleArn"],
        "job_driver": request["jobDriver"],
        "configuration_overrides": request["configurationOverrides"],
        "config": {key: request[key] for key in ("executionTimeoutMinutes", "tags")},
    }
    return _operator("operators.emr.EmrServerlessStartJobOperator", arguments)


def _application_id(locations: Locations) -> str:
    found = locations.config.required_serverless().application_id
    if found is None:
        hint = "Run the job once with `sparkfeat emr run`, which makes an application, and write its id there"
        raise ConfigError("A workflow needs an application", where="serverless.application_id", hint=hint)
    return found


def _operator(name: str, arguments: State) -> State:
    return {"operator": f"airflow.providers.amazon.aws.{name}", "arguments": arguments}


def _capitals(found: State) -> State:
    return {_capital(key): value for key, value in found.items()}


def _capital(key: str) -> str:
    return key[0].upper() + key[1:]
