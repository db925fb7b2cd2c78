"""Lists in which Featuretools' primitives look values up, as the installed Featuretools has them."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd
from featuretools.primitives import IsFreeEmailDomain
from featuretools.utils.common_tld_utils import COMMON_TLDS


@lru_cache(maxsize=1)
def free_email_domains() -> tuple[str, ...]:
    """Return the domains of free e-mail providers."""
    path = IsFreeEmailDomain().get_filepath(IsFreeEmailDomain.filename)
    domains = pd.read_csv(path, header=None, names=["domain"])["domain"]
    return tuple(domains.dropna().str.strip())


def common_tlds() -> tuple[str, ...]:
    """Return top level domains in the order in which they are tried: longer ones first."""
    return tuple(COMMON_TLDS)
