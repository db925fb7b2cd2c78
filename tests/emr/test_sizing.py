from __future__ import annotations

import pytest

from sparkfeat.configuration import settings, spark_settings
from sparkfeat.emr.instances import find_types, known_types, one_architecture
from sparkfeat.emr.sizing import Sizing, size_cluster, size_workers
from sparkfeat.errors import ConfigError


def sized(
    *names: str, engine: str = "partitioned", vcpus: int = 32, most: int = 32, cores: int = 4
) -> Sizing:
    types = find_types(names, "core")
    return size_cluster(
        types,
        [],
        core_vcpus=vcpus,
        most_vcpus=most,
        cores=cores,
        engine=engine,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("name", "emr_says"),
    [
        # EMR's own table of yarn.nodemanager.resource.memory-mb.
        ("m5.xlarge", 12288),
        ("m5.2xlarge", 24576),
        ("m5.4xlarge", 57344),
        ("m5.8xlarge", 122880),
        ("m5.12xlarge", 188416),
        ("r5.xlarge", 24576),
        ("r5.2xlarge", 57344),
        ("r5.4xlarge", 122880),
    ],
)
def test_yarns_memory_on_intel(name: str, emr_says: int) -> None:
    assert known_types()[name].yarn_mib == emr_says


@pytest.mark.parametrize(
    ("name", "emr_says"),
    [
        ("m6g.xlarge", 11712),
        ("m6g.2xlarge", 23424),
        ("m6g.4xlarge", 54272),
        ("m6g.8xlarge", 116736),
        ("r6g.4xlarge", 116736),
    ],
)
def test_yarns_memory_on_graviton_is_never_overrated(name: str, emr_says: int) -> None:
    assert 0.97 * emr_says < known_types()[name].yarn_mib <= emr_says


@pytest.mark.parametrize("name", ["m5.xlarge", "r5.4xlarge", "m6g.2xlarge", "r6g.16xlarge"])
@pytest.mark.parametrize("cores", [1, 2, 4])
def test_executors_fit_on_an_instance(name: str, cores: int) -> None:
    found = known_types()[name]
    sizing = sized(name, cores=cores)

    assert sizing.container_mib * (found.vcpus // sizing.cores) <= found.yarn_mib


def test_the_driver_fits_beside_the_only_executor_of_an_instance() -> None:
    sizing = sized("m5.xlarge", vcpus=4, most=4)

    assert sizing.container_mib + int(sizing.driver_heap_mib * 1.1) <= 12288
    assert sizing.executors == 1


def test_the_driver_takes_an_executors_place_on_larger_ones() -> None:
    assert sized("r5.4xlarge", vcpus=32).executors == 32 // 4 - 1


def test_python_gets_more_where_python_computes() -> None:
    native, partitioned = sized("r5.4xlarge", engine="spark"), sized("r5.4xlarge", engine="partitioned")

    assert native.container_mib == partitioned.container_mib == 30720
    assert 0.83 < native.heap_mib / 30720 < 0.85
    assert partitioned.task_mib > 3 * native.task_mib


def test_executors_are_cut_for_the_smallest_type() -> None:
    assert sized("r5.xlarge", "r5.4xlarge").container_mib == sized("r5.xlarge").container_mib


def test_a_cluster_that_grows_lets_spark_ask() -> None:
    asked = sized("r5.4xlarge", most=128).spark_settings()

    assert asked["spark.dynamicAllocation.maxExecutors"] == "31"
    assert "spark.executor.instances" not in asked


def test_a_type_without_room_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"c6i.xlarge is too small"):
        sized("c6i.xlarge")


def test_unknown_types_are_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"Unknown instance type 'm5.xlage'.*Did you mean 'm5.xlarge'"):
        find_types(["m5.xlage"], "core")


def test_types_of_two_ratios_are_refused() -> None:
    with pytest.raises(ConfigError, match="different memory for a core"):
        find_types(["m5.xlarge", "r5.xlarge"], "core")


def test_types_of_two_architectures_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"m5.xlarge is x86_64.*|m6g.xlarge is aarch64"):
        one_architecture(find_types(["m5.xlarge"], "") + find_types(["m6g.xlarge"], ""), "cluster")


def test_workers_without_servers() -> None:
    sizing = size_workers(cores=4, memory_gib=30, most_vcpus=64, engine="partitioned")

    assert sizing.container_mib == 30 * 1024
    assert sizing.most_executors == 15


@pytest.mark.parametrize(("cores", "memory"), [(4, 31), (4, 7), (2, 16), (16, 121)])
def test_workers_that_do_not_exist_are_refused(cores: int, memory: int) -> None:
    with pytest.raises(ConfigError, match="No worker has"):
        size_workers(cores=cores, memory_gib=memory, most_vcpus=64, engine="spark")


@pytest.mark.parametrize("name", ["base", "local", "emr"])
def test_every_setting_has_a_reason(name: str) -> None:
    assert all(len(setting.reason) > 5 for setting in settings(name).values())


def test_no_setting_is_a_size() -> None:
    sizes = {key for key in sized("r5.4xlarge").spark_settings() if key.startswith("spark.executor")}

    assert sizes
    assert not sizes & spark_settings("base", "emr").keys()
