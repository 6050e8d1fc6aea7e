"""What else breaks: the database, its disk, the clock, the channel, and what the channel brings."""
