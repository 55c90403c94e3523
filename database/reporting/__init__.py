"""Reading for the metrics, set-wise: who was opened by when, how each moved, who used the product."""
