"""Proportions: what is known of a rate from how often something happened. None of twenty is not never.

Source: C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
binomial", Biometrika 26 (1934) 404-413.
"""


def upper_limit(hits: int, trials: int, confidence: float = 0.95) -> float:
    """Return the rate that is not exceeded, with one-sided confidence.

    Args:
        hits: How often it happened.
        trials: How often it could have happened, each time independently of the others.
        confidence: One-sided confidence.

    Raises:
        ValueError: There are no trials, or the hits are not between 0 and the trials.
    """
    if trials < 1 or not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no proportion")
    if hits == trials:
        return 1.0
    # Imported here: scipy.special takes tens of milliseconds that only the command needs.
    from scipy.special import betaincinv  # noqa: PLC0415

    return float(betaincinv(hits + 1, trials - hits, confidence))
