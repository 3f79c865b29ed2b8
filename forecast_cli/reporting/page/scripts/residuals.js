const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

function nameResidual() {
  return withUnit("truth − forecast", namePicked().unit);
}

function drawZero(more) {
  const zero = { type: "line", x0: 0, x1: 1, xref: "paper", y0: 0, y1: 0, line: { color: readColour("muted"), width: 1 } };
  return Object.assign(zero, more);
}

register("course", () => {
  const course = data.residuals.courses[picked.series];
  if (!course) {
    Plotly.purge("plot-course");
    return say("course", namePicked().series + " has no scored window.");
  }
  const { values, kept } = course.curves[picked.target];
  const stamps = decodeStamps(course.stamps, kept), residuals = decodeNumbers(values);
  const traces = [buildLine("first step ahead", stamps.x, residuals, { color: readColour("accent"), width: 1.2 })];
  const axis = buildAxis(stamps.title, { type: stamps.type });
  draw("course", traces, axis, buildAxis(nameResidual()), { shapes: [drawZero()], showlegend: false });
  const { series, target, unit } = namePicked();
  const times = stamps.labels;
  say("course", target + " of " + series + ", one step ahead, " + times[0] + " to " + times[times.length - 1]
    + ": truth − forecast " + describeSpan(residuals, unit) + ".");
});

register("histogram", () => {
  const { edges, counts } = data.residuals.targets[picked.target];
  const middles = counts.map((_, k) => (edges[k] + edges[k + 1]) / 2), widths = counts.map((_, k) => edges[k + 1] - edges[k]);
  const bars = { type: "bar", x: middles, y: counts, width: widths, marker: { color: readColour("accent"), line: { width: 0 } } };
  const zero = drawZero({ x0: 0, x1: 0, xref: "x", y0: 0, y1: 1, yref: "paper" });
  draw("histogram", [Object.assign(bars, { name: "values" })], buildAxis(nameResidual()), buildAxis("values"), {
    shapes: [zero], showlegend: false, bargap: 0,
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = total ? middles.reduce((sum, middle, k) => sum + middle * counts[k], 0) / total : null; // to a tenth of a bin
  const under = total ? Math.round(100 * counts.reduce((sum, count, k) => sum + (middles[k] < 0 ? count : 0), 0) / total) : "–";
  say("histogram", namePicked().target + ", all series, windows and steps: " + total.toLocaleString("en") + " residuals, about "
    + under + " % of them under 0; their mean is about " + showNumber(mean && Math.round(10 * mean / widths[0]) * widths[0] / 10) + ".");
});

register("autocorrelation", () => {
  const { autocorrelation: found, bound } = data.residuals.targets[picked.target];
  const lags = found.map((_, lag) => lag).slice(1), values = found.slice(1);
  const bars = { type: "bar", name: "autocorrelation", x: lags, y: values, marker: { color: readColour("accent") } };
  const line = (y) => drawZero({ y0: y, y1: y, line: { color: readColour("c1"), width: 1.5, dash: "dash" } });
  const shapes = bound === null ? [drawZero()] : [drawZero(), line(bound), line(-bound)];
  const yaxis = buildAxis("autocorrelation", { range: [Math.min(-0.25, ...values) - 0.05, Math.max(0.25, ...values) + 0.05] });
  draw("autocorrelation", [bars], buildAxis("lag, cutoffs", countAxis(lags)), yaxis, { shapes, showlegend: false });
  const beyond = bound === null ? 0 : values.filter((value) => value !== null && Math.abs(value) > bound).length;
  say("autocorrelation", namePicked().target + ", first step ahead: " + beyond + " of " + lags.length
    + " lags lie beyond ±" + showNumber(bound) + ", within which white noise stays at 95 % of them; at lag 1 it is " + showNumber(values[0]) + ".");
});

function chooseHeat() {
  const isMean = document.querySelector("input[name=heat]:checked").value === "mean";
  const { mean_by_hour: mean, mae_by_hour: mae } = data.residuals.targets[picked.target];
  return { isMean, values: decodeNumbers(isMean ? mean : mae) };
}

register("heat", () => {
  const { isMean, values } = chooseHeat();
  const most = Math.max(...values.map((value) => Math.abs(value ?? 0)));
  const colours = isMean ? [[0, readColour("c1")], [0.5, readColour("soft")], [1, readColour("accent")]] : [[0, readColour("soft")], [1, readColour("accent")]];
  const map = {
    type: "heatmap", x: HOURS, y: DAYS, z: DAYS.map((_, day) => values.slice(day * 24, day * 24 + 24)), xgap: 2, ygap: 2,
    colorscale: colours, zmin: isMean ? -most : 0, zmax: most, hoverongaps: false,
    hovertemplate: "%{y} %{x}:00: %{z:.4~g}<extra></extra>", colorbar: { thickness: 10, outlinewidth: 0 },
  };
  const axes = [buildAxis("hour", { type: "category", dtick: narrow.matches ? 4 : 1 }), buildAxis("", { type: "category", autorange: "reversed" })];
  for (const axis of axes) axis.showgrid = false;
  draw("heat", [map], ...axes, layMap());
  const at = values.findIndex((value) => value !== null && Math.abs(value) === most);
  const where = at < 0 ? "" : ", " + DAYS[Math.floor(at / 24)] + " " + HOURS[at % 24] + ":00, it is " + showNumber(values[at]);
  say("heat", namePicked().target + ": where the " + (isMean ? "mean of truth − forecast" : "mean absolute error") + " is largest" + where + ".");
});

for (const choice of document.querySelectorAll("input[name=heat]")) {
  choice.addEventListener("change", () => { if (drawn.has("heat")) drawers.heat(); });
}
