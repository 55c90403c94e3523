"""Who on our side is told of a stall, when and in which thread: episodes, the ladder, the digest."""
