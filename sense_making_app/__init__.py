"""The sense-making app shows, asks, and records what people conclude."""
