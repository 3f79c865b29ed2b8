"use strict";
const data = JSON.parse(document.getElementById("plots").textContent);
const narrow = matchMedia("(max-width: 600px)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const PAPER = 680; // pixels: what is printed is as wide as this
// Named one by one: Plotly's own choice holds a button that opens a site of its makers with the data.
const BUTTONS = ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"];
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];

// --- What packing.py wrote -----------------------------------------------------------------------------------------

function decodeBytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}

function decodeNumbers([lowest, step, codes]) {
  const digits = step ? Math.min(20, Math.max(0, 4 - Math.floor(Math.log10(step * 65534)))) : 0;
  const round = (value) => (step ? Number(value.toFixed(digits)) : Number(value.toPrecision(7)));
  return Array.from(new Int16Array(decodeBytes(codes)), (code) => code === -32768 ? null : round(lowest + (code + 32767) * step));
}

function spread(runs) {
  return runs.flatMap(([n, item]) => Array(n).fill(item));
}

// Returns the instants as the axis wants them, and as people know them: with their offset.
function decodeStamps(packed, kept) {
  let last = packed.first;
  const all = [last, ...spread(packed.runs).map((difference) => (last += difference))];
  const places = kept ? new Int32Array(decodeBytes(kept)) : all.keys();
  const chosen = Array.from(places, (place) => [all[place], place]);
  if (packed.rows) {
    const rows = chosen.map(([row]) => row);
    return { x: rows, labels: rows, type: "linear", title: "row" };
  }
  const zones = spread(packed.zones);
  const x = chosen.map(([instant]) => printClock(instant, packed.length));
  return { x, labels: chosen.map(([, place], k) => x[k] + zones[place]), type: "date", title: "" };
}

function printClock(microseconds, length) {
  const seconds = Math.floor(microseconds / 1e6);
  const fraction = String(microseconds - seconds * 1e6).padStart(6, "0");
  return (new Date(seconds * 1000).toISOString().slice(0, 19) + "." + fraction).slice(0, length);
}

// --- Words and numbers ---------------------------------------------------------------------------------------------

const NUMBERS = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

function showNumber(value) {
  if (value === null || value === undefined) return "–";
  return value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(3) : NUMBERS.format(value);
}

function shorten(name, most = 40) {
  return name.length > most ? name.slice(0, most - 1) + "…" : name;
}

// Plotly reads a little markup in its texts; a name from the data is never markup.
function escapeName(name) {
  return name.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function withUnit(text, unit) {
  return unit && !text.includes(unit) ? text + ", " + unit : text;
}

function findSpan(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? [Math.min(...known), Math.max(...known)] : null;
}

function say(id, words) {
  document.getElementById("plot-" + id).setAttribute("aria-label", words);
  document.getElementById("words-" + id).textContent = words;
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
      cell.textContent = typeof values[row] === "string" ? values[row] : showNumber(values[row]);
    });
  });
}

// --- Drawing -------------------------------------------------------------------------------------------------------

function readColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
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

function countAxis(counts) {
  return counts.length <= 10 ? { dtick: 1, tickformat: "d" } : { tickformat: "d" };
}

// A line through a single point cannot be seen.
function buildLine(name, x, y, style, more) {
  const look = { mode: x.length === 1 ? "markers" : "lines", line: style, marker: { color: style.color, size: 9 } };
  return Object.assign({ name: escapeName(name), x, y, type: "scatter" }, look, more);
}

function buildModebar(orientation) {
  return { orientation, bgcolor: "rgba(0,0,0,0)", color: readColour("muted"), activecolor: readColour("accent") };
}

function draw(id, traces, xaxis, yaxis, more) {
  const isPrinted = document.documentElement.classList.contains("printed");
  const size = narrow.matches ? 12 : 13, plot = document.getElementById("plot-" + id);
  const layout = Object.assign({
    xaxis, yaxis, margin: { l: 8, r: narrow.matches ? 8 : 36, t: 8, b: 8 }, hovermode: "x unified",
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size, color: readColour("text") },
    hoverlabel: { bgcolor: readColour("soft"), bordercolor: readColour("line"), font: { color: readColour("text") } },
    modebar: buildModebar("v"),
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, showlegend: true,
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom", // a finger scrolls the page
    autosize: !isPrinted, width: isPrinted ? PAPER : undefined, height: isPrinted ? plot.clientHeight : undefined,
  }, more);
  const config = {
    responsive: true, displaylogo: false, plotlyServerURL: "", modeBarButtons: [BUTTONS],
    displayModeBar: narrow.matches ? false : "hover",
  };
  Plotly.react(plot, traces, layout, config);
}

function layMap() {
  return { showlegend: false, hovermode: "closest", modebar: buildModebar("h"), margin: { l: 8, r: 8, t: 30, b: 8 } };
}

// Plots are drawn when they come near the screen; `drawers` holds those that this page has.
const drawers = {};
const drawn = new Set();

function register(id, drawer) {
  if (document.getElementById("plot-" + id)) drawers[id] = drawer;
}

function drawFirst(id) {
  if (drawn.has(id)) return;
  drawn.add(id);
  drawers[id]();
}

function redraw() {
  for (const id of drawn) drawers[id]();
}
