"use strict";
const plots = JSON.parse(document.getElementById("plots").textContent);
const narrow = matchMedia("(max-width: 600px)");
const dark = matchMedia("(prefers-color-scheme: dark)");
// Named one by one: Plotly's own choice holds a button that opens a site of its makers with the data.
const BUTTONS = ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"];
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];

function readColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

// Plotly reads a little markup in its texts; a name from the data is never markup.
function escapeName(name) {
  return name.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function shorten(name) {
  return name.length > 40 ? name.slice(0, 39) + "…" : name;
}

function fade(colour, opacity) {
  return colour + Math.round(opacity * 255).toString(16).padStart(2, "0");
}

function buildAxis(title, more) {
  return Object.assign({
    title: { text: escapeName(shorten(title)), standoff: 8 }, automargin: true, gridcolor: readColour("line"),
    linecolor: readColour("line"), zeroline: false,
  }, more);
}

function draw(id, traces, xaxis, yaxis, more) {
  const layout = Object.assign({
    xaxis: xaxis, yaxis: yaxis, margin: { l: 8, r: narrow.matches ? 8 : 40, t: 8, b: 8 }, hovermode: "x unified",
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: narrow.matches ? 12 : 13, color: readColour("text") },
    hoverlabel: { bgcolor: readColour("soft"), bordercolor: readColour("line"), font: { color: readColour("text") } },
    modebar: { orientation: "v", bgcolor: "rgba(0,0,0,0)", color: readColour("muted"), activecolor: readColour("forecast") },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, showlegend: true,
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom", // a finger scrolls the page
  }, more);
  const config = {
    responsive: true, displaylogo: false, plotlyServerURL: "", modeBarButtons: [BUTTONS],
    displayModeBar: narrow.matches ? false : "hover",
  };
  Plotly.react(id, traces, layout, config);
}

// A line through a single point cannot be seen.
function chooseMode(x) {
  return x.length === 1 ? "markers" : "lines";
}

function buildBand(x, curve, k, colour) {
  const levels = plots.forecast.levels;
  const common = { x: x, type: "scatter", mode: chooseMode(x), line: { width: 0 }, legendgroup: "band" + k };
  common.marker = { symbol: "line-ew-open", size: 16, color: colour, line: { width: 2 } };
  return [
    Object.assign({}, common, { y: curve.lower[k], name: "lower " + levels[k] + " %", showlegend: false }),
    Object.assign({}, common, {
      y: curve.upper[k], name: levels[k] + " % interval", fill: "tonexty",
      fillcolor: fade(colour, 0.2 + 0.3 * (levels.length - 1 - k) / levels.length),
    }),
  ];
}

function drawForecast() {
  const { series, curve, target } = pickCurve();
  const colour = readColour("forecast");
  const traces = plots.forecast.levels.map((_, k) => k).reverse() // the widest first, the narrower upon it
    .filter((k) => curve.upper[k].some((value) => value !== null))
    .flatMap((k) => buildBand(series.ahead, curve, k, colour));
  const line = (name, x, y, style) => ({
    name, x, y, type: "scatter", mode: chooseMode(x), line: style, marker: { color: style.color, size: 9 },
  });
  traces.push(line("history", series.stamps, curve.recent, { color: readColour("history"), width: 1.5 }));
  traces.push(line("truth", series.ahead, curve.truth, { color: readColour("truth"), width: 2, dash: "dot" }));
  traces.push(line("forecast", series.ahead, curve.point, { color: colour, width: 2.5 }));
  const cutoff = {
    type: "line", x0: series.cutoff, x1: series.cutoff, y0: 0, y1: 1, yref: "paper",
    line: { color: readColour("muted"), width: 1, dash: "dash" },
  };
  const xaxis = buildAxis(plots.forecast.linear ? "row" : "", { type: plots.forecast.linear ? "linear" : "date" });
  draw("plot-forecast", traces, xaxis, buildAxis(curve.unit && !target.includes(curve.unit) ? target + ", " + curve.unit : target), { shapes: [cutoff] });
}

function pickCurve() {
  const i = Number(document.getElementById("pick-series").value);
  const j = Number(document.getElementById("pick-target").value);
  const series = plots.forecast.series[i];
  return { series: series, curve: series.targets[j], target: plots.forecast.targets[j] };
}

function describeForecast() {
  const { series, curve } = pickCurve();
  document.getElementById("plot-forecast").setAttribute("aria-label", curve.words);
  document.getElementById("words-forecast").textContent = curve.words;
  const bounds = plots.forecast.levels.flatMap((level, k) => [
    ["Lower " + level + " %", curve.lower[k]], ["Upper " + level + " %", curve.upper[k]],
  ]);
  const columns = [["Time", series.ahead], ["Truth", curve.truth], ["Forecast", curve.point]].concat(bounds);
  fillTable(document.getElementById("table-forecast"), columns);
}

function fillTable(table, columns) {
  table.replaceChildren();
  const headings = table.createTHead().insertRow();
  for (const [name] of columns) {
    const heading = document.createElement("th");
    heading.scope = "col";
    heading.className = "number";
    heading.textContent = name;
    headings.append(heading);
  }
  const body = table.createTBody();
  columns[0][1].forEach((_, row) => {
    const cells = body.insertRow();
    columns.forEach(([, values]) => {
      const cell = cells.insertCell();
      cell.className = "number";
      cell.textContent = values[row] === null ? "–" : values[row];
    });
  });
}

function countAxis(counts) {
  return counts.length <= 10 ? { dtick: 1, tickformat: "d" } : { tickformat: "d" };
}

function drawSteps() {
  const { steps, models, errors, saved } = plots.steps;
  const traces = models.map((model, m) => ({
    x: steps, y: errors[m], name: escapeName(model === saved ? model + " (saved)" : model), type: "scatter",
    mode: chooseMode(steps),
    line: { color: readColour("c" + (m % 8)), width: model === saved ? 4 : 1.8, dash: DASHES[m % DASHES.length] },
  }));
  draw("plot-steps", traces, buildAxis("step ahead", countAxis(steps)), buildAxis("MAE, scaled", { rangemode: "tozero" }));
}

function drawCoverage() {
  const { steps, levels, shares } = plots.coverage;
  const traces = levels.flatMap((level, k) => {
    const line = (name, y, style) => ({
      name, x: steps, y, type: "scatter", mode: chooseMode(steps), legendgroup: "level" + k,
      line: Object.assign({ color: readColour("c" + (k % 8)) }, style),
    });
    const nominal = line("level " + level + " %", steps.map(() => level), { width: 1.5, dash: "dot" });
    return [line(level + " % interval", shares[k], { width: 2.5 }), Object.assign(nominal, { showlegend: false })];
  });
  draw("plot-coverage", traces, buildAxis("step ahead", countAxis(steps)), buildAxis("test values inside, %"));
}

function drawLearning() {
  const { epochs, loss, val_loss: validation, best } = plots.learning;
  const line = (name, y, colour, dash) => ({
    name, x: epochs, y, type: "scatter", mode: "lines+markers", line: { color: readColour(colour), width: 2, dash },
  });
  const traces = [line("loss", loss, "history", "dash"), line("validation loss", validation, "forecast", "solid")];
  if (best !== null) {
    traces.push({
      name: "best epoch (" + best + ")", x: [best], y: [validation[epochs.indexOf(best)]], type: "scatter",
      mode: "markers", marker: { symbol: "circle-open", size: 16, color: readColour("truth"), line: { width: 3 } },
    });
  }
  draw("plot-learning", traces, buildAxis("epoch", countAxis(epochs)), buildAxis("loss"));
}

function drawAll() {
  drawForecast();
  drawSteps();
  if (plots.coverage.levels.length) drawCoverage();
  if (plots.learning.epochs.length) drawLearning();
}

for (const id of ["pick-series", "pick-target"]) {
  document.getElementById(id).addEventListener("change", () => { drawForecast(); describeForecast(); });
}
for (const query of [dark, narrow]) query.addEventListener("change", drawAll);
drawAll();
describeForecast();
