"""Arithmetic, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform

CASES: dict[str, Case] = {
    "add_numeric": transform(p.AddNumeric),
    "add_numeric_scalar": transform(p.AddNumericScalar(2.5)),
    "subtract_numeric": transform(p.SubtractNumeric),
    "subtract_numeric_ordered": transform(p.SubtractNumeric(commutative=False)),
    "subtract_numeric_scalar": transform(p.SubtractNumericScalar(3)),
    "scalar_subtract_numeric_feature": transform(p.ScalarSubtractNumericFeature(-1.5)),
    "multiply_numeric": transform(p.MultiplyNumeric),
    "multiply_numeric_scalar": transform(p.MultiplyNumericScalar(-2)),
    "divide_numeric": transform(p.DivideNumeric),
    "divide_numeric_scalar": transform(p.DivideNumericScalar(4)),
    "divide_numeric_scalar_zero": transform(p.DivideNumericScalar(0)),
    "divide_by_feature": transform(p.DivideByFeature(3)),
    "divide_by_feature_zero": transform(p.DivideByFeature(0)),
    "modulo_numeric": transform(p.ModuloNumeric),
    "modulo_numeric_scalar": transform(p.ModuloNumericScalar(3)),
    "modulo_numeric_scalar_negative": transform(p.ModuloNumericScalar(-2.5)),
    "modulo_by_feature": transform(p.ModuloByFeature(7)),
    "negate": transform(p.Negate),
    "absolute": transform(p.Absolute),
    "square_root": transform(p.SquareRoot),
    "natural_logarithm": transform(p.NaturalLogarithm),
    "sine": transform(p.Sine),
    "cosine": transform(p.Cosine),
    "tangent": transform(p.Tangent),
}
