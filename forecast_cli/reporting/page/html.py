"""The report as one page that opens from disk, offline, and asks nothing of any other machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from forecast_cli.reporting import facts, settings
from forecast_cli.reporting.figures import show_count, show_number, show_text
from forecast_cli.reporting.page import curves, values
from forecast_cli.reporting.page.head import list_tiles, tell_cuts
from forecast_cli.reporting.page.outlooks import build_outlooks
from forecast_cli.reporting.page.residuals import build_residuals
from forecast_cli.reporting.page.room import find_room

if TYPE_CHECKING:
    from jinja2 import Environment

    from forecast_cli.report import Report
    from forecast_cli.types import Json


def render_html(report: Report) -> str:
    """Return the page, UTF-8 and under 6 MB, Plotly's script included; names from the data come out as text."""
    page = _open_templates().get_template("report.html.j2")
    return page.render(
        report=report,
        outcome=facts.OUTCOMES[report.verdict.outcome].capitalize(),
        tiles=list_tiles(report),
        cuts=tell_cuts(report, find_room(report)),
        plots=_build_plots(report),
        tables=_build_tables(report),
        plotly=read_plotly(),
    )


def read_plotly() -> Markup:
    """Return Plotly's script from the installed package, in a form that cannot end the element it stands in."""
    from plotly.offline import get_plotlyjs

    return Markup(get_plotlyjs().replace("</script", "<\\/script"))


def _build_plots(report: Report) -> Json:
    """Return what the scripts of the page draw."""
    room = find_room(report)
    return {
        "outlooks": build_outlooks(report, room),
        "rivals": curves.build_rivals(report),
        "steps": curves.build_step_errors(report),
        "coverage": curves.build_step_coverage(report),
        "residuals": build_residuals(report, room),
        "learning": curves.build_learning(report),
        "presence": curves.build_presence(report),
        "explanation": curves.build_explanation(report),
    }


def _build_tables(report: Report) -> dict[str, facts.Table]:
    """Return the tables of the page by their names in the templates."""
    return {
        "ranking": facts.list_ranking(report),
        "rivals": facts.list_rivals(report),
        "steps": values.list_step_errors(report),
        "errors": facts.list_errors(report),
        "coverage": facts.list_coverage(report),
        "step_coverage": facts.list_step_coverage(report),
        "learning": values.list_epochs(report),
        "decisions": facts.list_decisions(report),
        "presence": values.list_presence(report),
        "counts": facts.list_counts(report),
        "inputs": facts.list_inputs(report),
        "lookback": facts.list_lookback(report),
        "settings": settings.list_settings(report),
        "origins": settings.list_origins(report),
    }


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
    filters = (facts.cut_table, facts.find_number_columns, show_count, show_number)
    templates.filters |= {each.__name__: each for each in filters}
    templates.policies["json.dumps_kwargs"] = {"allow_nan": False, "ensure_ascii": False, "separators": (",", ":")}
    return templates


def _show(value: Any) -> Any:
    """Return an expression's value as visible text; what is markup already stays."""
    return value if isinstance(value, Markup) else show_text(value)
