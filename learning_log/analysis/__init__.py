"""From words to meaning: pure functions, no storage, no network."""
