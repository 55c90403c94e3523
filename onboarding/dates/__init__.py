"""Due dates: anchors, working time, limits of dates."""
