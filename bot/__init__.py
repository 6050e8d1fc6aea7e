"""The bot listens, asks and answers. It decides nothing about people."""
