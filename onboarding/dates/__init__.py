"""When things are due: anchors, working time, limits of dates."""
