function buildBand(curve, k) {
  const levels = data.outlooks.levels, colour = readColour("accent");
  const common = { legendgroup: "band" + k, marker: { symbol: "line-ew-open", size: 16, color: colour, line: { width: 2 } } };
  const bound = (name, y, more) => buildLine(name, curve.ahead.x, y, { width: 0 }, Object.assign({}, common, more));
  return [
    bound("lower " + levels[k] + " %", curve.lower[k], { showlegend: false }),
    bound(levels[k] + " % interval", curve.upper[k], {
      fill: "tonexty", fillcolor: fade(colour, 0.16 + 0.3 * (levels.length - 1 - k) / levels.length),
    }),
  ];
}

function drawFan(id, curve, range) {
  const isKnown = (values) => values.some((value) => value !== null);
  const traces = data.outlooks.levels.map((_, k) => k).reverse() // the widest first, the narrower upon it
    .filter((k) => isKnown(curve.upper[k])).flatMap((k) => buildBand(curve, k));
  traces.push(buildLine("history", curve.before.x, curve.recent, { color: readColour("history"), width: 1.5 }));
  if (isKnown(curve.truth)) {
    traces.push(buildLine("truth", curve.ahead.x, curve.truth, { color: readColour("text"), width: 2, dash: "dot" }));
  }
  traces.push(buildLine("forecast", curve.ahead.x, curve.point, { color: readColour("accent"), width: 2.5 }));
  const at = curve.before.x[curve.before.x.length - 1];
  const cutoff = {
    type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper", line: { color: readColour("muted"), width: 1, dash: "dash" },
  };
  const { target, unit } = namePicked();
  const yaxis = buildAxis(withUnit(shorten(target, 28), unit), range ? { range } : {});
  draw(id, traces, buildAxis(curve.before.title, { type: curve.before.type }), yaxis, { shapes: [cutoff] });
}

function describeSpan(values, unit) {
  const span = findSpan(values);
  if (span === null) return "is unknown";
  const [low, high] = span.map(showNumber);
  return ((low === high ? "is " + low : "lies between " + low + " and " + high) + " " + unit).trim();
}

function describeCurve(curve) {
  const { series, target, unit } = namePicked();
  const n = data.steps.steps.length;
  const words = target + " of " + series + ", " + n + (n === 1 ? " step" : " steps") + " after " + curve.cutoff
    + ": the forecast " + describeSpan(curve.point, unit);
  return words + (findSpan(curve.truth) ? ", the truth " + describeSpan(curve.truth, unit) : "") + ".";
}

function tabulateCurve(id, curve) {
  const details = document.getElementById("values-" + id);
  if (!details.open) return;
  const { levels } = data.outlooks;
  const bounds = levels.flatMap((level, k) => [
    ["Lower " + level + " %", curve.lower[k]], ["Upper " + level + " %", curve.upper[k]],
  ]);
  const truth = findSpan(curve.truth) ? [["Truth", curve.truth]] : [];
  const columns = [["Time", curve.ahead.labels.map(String)], ...truth, ["Forecast", curve.point], ...bounds];
  fillTable(details.querySelector("table"), columns);
}

function showNothing(id) {
  Plotly.purge("plot-" + id);
  document.getElementById("values-" + id).querySelector("table").replaceChildren();
  say(id, namePicked().series + " has no such forecast.");
}

function showForecast(id, curve, range) {
  if (curve === null) return showNothing(id);
  drawFan(id, curve, range);
  say(id, describeCurve(curve));
  tabulateCurve(id, curve);
}

register("forecast", () => showForecast("forecast", readCurve(data.outlooks.outlook)));
