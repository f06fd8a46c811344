"""From lines and columns back to places in a text."""


def offset(text: str, line: int, column: int) -> int:
    """The offset of a line and column, both from 1, kept inside the text."""
    start = 0
    for _ in range(line - 1):
        end = text.find("\n", start)
        if end < 0:
            return len(text)
        start = end + 1
    return min(start + column - 1, len(text))
