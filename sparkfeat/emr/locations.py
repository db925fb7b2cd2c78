"""Where everything of a job lies on S3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.instances import Architecture, find_types, one_architecture
from sparkfeat.emr.package import BOOTSTRAP, Package, content_name
from sparkfeat.errors import MissingInputError


@dataclass(frozen=True)
class Locations:
    """URIs of one job's files."""

    config: EmrConfig
    package: Package

    @property
    def architecture(self) -> Architecture:
        """Architecture of the machines that run Python for the job."""
        if self.config.target == "serverless":
            return self.config.required_serverless().architecture
        cluster = self.config.required_cluster()
        names = [*cluster.primary, *cluster.core.types, *(cluster.task.types if cluster.task else ())]
        types = [found for name in names for found in find_types([name], "cluster")]
        return one_architecture(types, "cluster")

    @property
    def code(self) -> str:
        """Folder of wheel, scripts and their checksums."""
        return f"{self.config.storage.artifacts}/code/{self.package.code}"

    @property
    def wheel(self) -> str:
        """The wheel."""
        return f"{self.code}/{self.package.wheel}"

    @property
    def script(self) -> str:
        """The job's entry point."""
        return f"{self.code}/{self.config.job.script}.py"

    @property
    def bootstrap(self) -> str:
        """The bootstrap action."""
        return f"{self.code}/{BOOTSTRAP}"

    @property
    def environment(self) -> str:
        """The archive of Python packages."""
        return f"{self.config.storage.artifacts}/environments/{self.package.environment(self.architecture)}"

    @property
    def wheelhouse(self) -> str:
        """The wheels for the bootstrap action."""
        return f"{self.config.storage.artifacts}/environments/{self.package.wheelhouse(self.architecture)}"

    @property
    def job_config(self) -> str:
        """The job's configuration: where it lies already, or where it is uploaded to.

        Raises:
            MissingInputError: it is a local file that is not there.
        """
        given = self.config.job.config
        if "://" in given:
            return given
        if not Path(given).is_file():
            raise MissingInputError(
                "No such configuration of the job", where=given, hint="Correct job.config"
            )
        return f"{self.config.storage.artifacts}/configs/{content_name(Path(given))}"
