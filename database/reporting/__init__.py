"""Set-wise queries for the metrics: onboardings opened by a moment, their changes, and users of the product."""
