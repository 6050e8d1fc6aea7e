"""Channels turn a payload into Heard, and Say into a message. They know nothing else."""
