"""The report as one page that opens from disk, offline, and asks nothing of any other machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from forecast_cli.reporting import facts
from forecast_cli.reporting.figures import show_number, show_text
from forecast_cli.reporting.page.curves import build_curves, build_learning, build_step_coverage, build_step_errors

if TYPE_CHECKING:
    from jinja2 import Environment

    from forecast_cli.report import Report


def render_html(report: Report) -> str:
    """Return the page, UTF-8 and under 6 MB, Plotly's script included; names from the data come out as text."""
    curves, step_errors = build_curves(report), build_step_errors(report)
    plots = {
        "forecast": curves,
        "steps": step_errors,
        "coverage": build_step_coverage(report),
        "learning": build_learning(report),
    }
    tables = {
        "ranking": facts.list_ranking(report),
        "errors": facts.list_errors(report),
        "findings": facts.list_findings(report),
        "coverage": facts.list_coverage(report),
        "step_coverage": facts.list_step_coverage(report),
        "decisions": facts.list_decisions(report),
        "counts": facts.list_counts(report),
        "settings": facts.list_settings(report),
        "origins": facts.list_origins(report),
        "steps": _tabulate_steps(step_errors),
        "learning": _tabulate_epochs(report),
    }
    page = _open_templates().get_template("report.html.j2")
    return page.render(report=report, plots=plots, tables=tables, plotly=read_plotly())


def read_plotly() -> Markup:
    """Return Plotly's script from the installed package, in a form that cannot end the element it stands in."""
    from plotly.offline import get_plotlyjs

    return Markup(get_plotlyjs().replace("</script", "<\\/script"))


def _open_templates() -> Environment:
    """Return the templates of this folder: escaping is on, and every expression passes through `show_text`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("forecast_cli", "reporting/page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
    )
    templates.filters["cut_table"] = facts.cut_table
    templates.filters["find_number_columns"] = facts.find_number_columns
    templates.policies["json.dumps_kwargs"] = {"allow_nan": False, "ensure_ascii": False, "separators": (",", ":")}
    return templates


def _show(value: Any) -> Any:
    """Return an expression's value as visible text; what is markup already stays."""
    return value if isinstance(value, Markup) else show_text(value)


def _tabulate_steps(step_errors: dict[str, Any]) -> facts.Table:
    """Return the error per step as a table: a row per step, a column per model."""
    rows = zip(step_errors["steps"], *step_errors["errors"], strict=True)
    cells = [[str(step), *map(show_number, errors)] for step, *errors in rows]
    return ["Step", *step_errors["models"]], cells


def _tabulate_epochs(report: Report) -> facts.Table:
    """Return the learning curve as a table: a row per epoch."""
    headings = ["Epoch", "Loss", "Validation loss", "Learning rate", "Seconds"]
    figures = [(epoch.loss, epoch.val_loss, epoch.learning_rate, epoch.seconds) for epoch in report.epochs]
    return headings, [[str(e.epoch), *map(show_number, row)] for e, row in zip(report.epochs, figures, strict=True)]
