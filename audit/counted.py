"""Numbers of things, in words."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 place`, `2 places`; `many` where an `s` does not make it. Pure."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
