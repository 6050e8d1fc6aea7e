"""Searching what people said: how long it takes with very many answers."""
