"""The same dialogues in one accessible page, for people without Telegram."""
