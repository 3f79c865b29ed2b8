"""The reports of a model directory, in the three forms that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from forecast_cli.workflows.telling import PARTS, STAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.report import Report
    from forecast_cli.types import Listener

Form: TypeAlias = Literal["html", "md", "json"]
FORMS: tuple[Form, ...] = ("html", "md", "json")


def render_reports(report: Report, listener: Listener) -> Mapping[str, bytes]:
    """Return the content of report.html, report.md and report.json."""
    rendered = {}
    for done, form in enumerate(FORMS, start=PARTS - len(FORMS) + 1):
        rendered[f"report.{form}"] = render(report, form)
        listener.progress(STAGE, done, PARTS, {})
    return rendered


def render(report: Report, form: Form) -> bytes:
    """Return the report as a page, as Markdown or as JSON, in UTF-8."""
    if form == "html":
        from forecast_cli.reporting.page.html import render_html

        return render_html(report).encode()
    if form == "md":
        from forecast_cli.reporting.markdown import render_markdown

        return render_markdown(report).encode()
    from forecast_cli.reporting.report_json import encode_report

    return encode_report(report)
