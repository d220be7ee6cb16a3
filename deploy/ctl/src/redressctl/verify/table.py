from rich.markup import escape
from rich.table import Table

from redressctl.verify import Report


def check_table(report: Report) -> Table:
    table = Table("check", "n", "differs", title=f"verify: {report.verdict} (waited {report.waited_s:.1f} s)")
    for check in report.checks:
        colour = "green" if check.clean else "red"
        table.add_row(escape(check.name), str(check.looked_at), f"[{colour}]{len(check.differs)}[/{colour}]")
    return table
