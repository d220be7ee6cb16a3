"""What stands below a command's options in its help."""


def examples(*lines: str) -> str:
    """An epilog: one example a line, to be copied as it is. tests/ctl parses each of them."""
    return "\n\n".join(["[bold]Examples[/bold]", *(f"[dim]$[/dim] {line}" for line in lines)])
