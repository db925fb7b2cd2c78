"""Many columns as few: principal components, clusters, hashed features."""

from __future__ import annotations

import numpy as np
from pyspark.ml import Estimator, Model, Transformer
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import PCA
from pyspark.ml.feature import FeatureHasher as MLlibHasher
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.param.shared import HasOutputCol, HasSeed
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.errors import ConfigError
from sparkfeat.models.matrices import Matrix
from sparkfeat.models.names import quoted
from sparkfeat.models.preprocessing.arrays import RowStep, over_rows
from sparkfeat.models.preprocessing.assemble import as_array
from sparkfeat.models.preprocessing.base import flag, number_lists, numbers, whole
from sparkfeat.models.preprocessing.slots import Layout, Slot, sources_of


class Reduction(RowStep, HasOutputCol):
    """Writes one array made of all columns together."""

    def _values(self, df: DataFrame) -> Column:
        return as_array(df, [name for name, _ in self._pairs(df)], keep=False)

    def _made_slots(self, layout: Layout, names: list[tuple[str, str]]) -> Layout:
        sources = sources_of(layout, tuple(self.getInputCols()))
        return {**layout, self.getOutputCol(): tuple(Slot(name, sources, meaning) for name, meaning in names)}


class PrincipalComponentsModel(Reduction, Model):
    """Writes the components of centred rows; `explainedVariance` is the share of each component."""

    means = numbers("means", "the mean of each column")
    components = number_lists("components", "the weights of the columns for each component")
    explainedVariance = numbers("explainedVariance", "the share of the variance that each component explains")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        means, components = (
            np.array(self.getOrDefault(self.means)),
            np.array(self.getOrDefault(self.components)),
        )

        def project(values: Matrix) -> Matrix:
            projected: Matrix = (values - means) @ components.T
            return projected

        return dataset.withColumn(self.getOutputCol(), over_rows(self._values(dataset), project))

    def slots(self, layout: Layout) -> Layout:
        """Return the slots with those of the components."""
        shares = self.getOrDefault(self.explainedVariance)
        names = [
            (f"component {place}", f"principal component {place}, {share:.1%} of the variance")
            for place, share in enumerate(shares, start=1)
        ]
        return self._made_slots(layout, names)


class PrincipalComponents(Reduction, Estimator[PrincipalComponentsModel]):
    """Writes the principal components of columns, found by MLlib's PCA; scale the columns first.

    Args:
        inputCols: numbers, arrays or vectors without missing values.
        outputCol: the name of the array. Default: `components`.
        k: how many components. Default: 10, or as many as there are positions.
        skipDropped: pass over columns that an earlier step dropped.
    """

    k = whole("k", "how many components")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        k: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(outputCol="components", k=10)
        self._given(inputCols=inputCols, outputCol=outputCol, k=k, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> PrincipalComponentsModel:
        from pyspark.ml.stat import Summarizer

        count = _at_least(self.getOrDefault(self.k), 1, "k", "PrincipalComponents")
        vectors = dataset.select(array_to_vector(self._values(dataset)).alias("values"))
        means = vectors.select(Summarizer.mean(F.col("values")).alias("mean")).collect()[0]["mean"].toArray()
        fitted = PCA(k=min(count, len(means)), inputCol="values", outputCol="components").fit(vectors)
        components = fitted.pc.toArray().T
        # The sign of a component means nothing; the largest weight is positive, so that it never changes.
        largest = components[np.arange(len(components)), np.abs(components).argmax(axis=1)]
        model = PrincipalComponentsModel()
        self._hand_over(model, self._pairs(dataset))
        model._given(outputCol=self.getOutputCol(), means=means.tolist())
        model._given(components=(components * np.sign(largest)[:, None]).tolist())
        model._given(explainedVariance=fitted.explainedVariance.toArray().tolist())
        return model


class ClustersModel(Reduction, Model):
    """Writes a 1 for the nearest center, or the distance from each center, or both."""

    centers = number_lists("centers", "the centers")
    membership = flag("membership", "write which center is nearest")
    distances = flag("distances", "write the distance from each center")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        centers = np.array(self.getOrDefault(self.centers))
        wanted = self.getOrDefault(self.membership), self.getOrDefault(self.distances)

        def measure(values: Matrix) -> Matrix:
            away = np.sqrt(np.square(values[:, None] - centers[None]).sum(axis=2))
            nearest = np.eye(len(centers))[away.argmin(axis=1)]
            chosen = [part for part, is_wanted in zip((nearest, away), wanted, strict=True) if is_wanted]
            return np.concatenate(chosen, axis=1)

        return dataset.withColumn(self.getOutputCol(), over_rows(self._values(dataset), measure))

    def slots(self, layout: Layout) -> Layout:
        """Return the slots with those of the clusters."""
        places = range(len(self.getOrDefault(self.centers)))
        names = []
        if self.getOrDefault(self.membership):
            names += [(f"in cluster {place}", f"1 where cluster {place} is the nearest") for place in places]
        if self.getOrDefault(self.distances):
            names += [
                (f"distance from cluster {place}", f"distance from cluster {place}") for place in places
            ]
        return self._made_slots(layout, names)


class Clusters(Reduction, HasSeed, Estimator[ClustersModel]):
    """Writes membership in clusters and distances from their centers, found by MLlib's k-means.

    Args:
        inputCols: numbers, arrays or vectors without missing values; scale them first.
        outputCol: the name of the array. Default: `clusters`.
        k: how many clusters. Default: 8.
        membership: write 1 for the nearest center, 0 for the others. Default: True.
        distances: write the Euclidean distance from each center. Default: True.
        seed: of the first centers.
        skipDropped: pass over columns that an earlier step dropped.
    """

    k = whole("k", "how many clusters")
    membership = flag("membership", "write which center is nearest")
    distances = flag("distances", "write the distance from each center")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        k: int | None = None,
        membership: bool | None = None,
        distances: bool | None = None,
        seed: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(outputCol="clusters", k=8, membership=True, distances=True, seed=0)
        self._given(inputCols=inputCols, outputCol=outputCol, k=k, membership=membership)
        self._given(distances=distances, seed=seed, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> ClustersModel:
        count = _at_least(self.getOrDefault(self.k), 2, "k", "Clusters")
        membership, distances = self.getOrDefault(self.membership), self.getOrDefault(self.distances)
        if not (membership or distances):
            raise ConfigError("Neither membership nor distances are asked for", where="Clusters")
        vectors = dataset.select(array_to_vector(self._values(dataset)).alias("values"))
        kmeans = KMeans(k=count, seed=self.getSeed(), featuresCol="values")
        model = ClustersModel()
        self._hand_over(model, self._pairs(dataset))
        model._given(outputCol=self.getOutputCol(), membership=membership, distances=distances)
        model._given(centers=[center.tolist() for center in kmeans.fit(vectors).clusterCenters()])
        return model


class FeatureHasher(Reduction, Transformer):
    """Writes one array that all columns are hashed into, by MLlib's FeatureHasher.

    A number is added at the position of its column's hash, a category as 1 at that of `column=value`; missing
    values add nothing. Positions may be shared.

    Args:
        inputCols: numbers, truth values or categories.
        outputCol: the name of the array. Default: `hashed`.
        numFeatures: how many positions it has. Default: 256.
        skipDropped: pass over columns that an earlier step dropped.
    """

    numFeatures = whole("numFeatures", "how many positions it has")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        numFeatures: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(outputCol="hashed", numFeatures=256)
        self._given(
            inputCols=inputCols, outputCol=outputCol, numFeatures=numFeatures, skipDropped=skipDropped
        )

    def _transform(self, dataset: DataFrame) -> DataFrame:
        names = [name for name, _ in self._pairs(dataset)]
        size = _at_least(self.getOrDefault(self.numFeatures), 1, "numFeatures", "FeatureHasher")
        # MLlib reads names with dots as fields of structs.
        safe = [f"__{self.uid}_{place}" for place in range(len(names))]
        held = f"__{self.uid}"
        given = dataset.withColumns(dict(zip(safe, [quoted(name) for name in names], strict=True)))
        hashed = MLlibHasher(inputCols=safe, outputCol=held, numFeatures=size).transform(given)
        return hashed.withColumn(self.getOutputCol(), vector_to_array(F.col(held))).drop(*safe, held)

    def slots(self, layout: Layout) -> Layout:
        """Return the slots with those of the positions."""
        places = range(self.getOrDefault(self.numFeatures))
        return self._made_slots(
            layout, [(f"bucket {place}", f"values that hash to {place}") for place in places]
        )


def _at_least(given: int, least: int, name: str, step: str) -> int:
    if given < least:
        raise ConfigError(f"{name} is {given}", where=step, hint=f"Use {least} or more")
    return given
