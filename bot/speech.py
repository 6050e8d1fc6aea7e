"""Whether messages can be read aloud."""


def can_speak() -> bool:
    return False
