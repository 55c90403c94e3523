"""Escalations: which of the vendor's people is told of a stall, when and in which thread; the digest."""
