register("presence", () => {
  const { names, stamps, share } = data.presence;
  const { x, type, title } = decodeStamps(stamps), values = decodeNumbers(share);
  const labels = names.map((name, k) => escapeName(shorten(name, narrow.matches ? 12 : 24)) + "\u200b".repeat(k)); // alike once cut, yet apart
  const map = {
    type: "heatmap", x, y: labels, z: names.map((_, k) => values.slice(k * x.length, (k + 1) * x.length)), ygap: 3,
    zmin: 0, zmax: 100, hoverongaps: false, hovertemplate: "%{y}, from %{x}: %{z:.0f} % observed<extra></extra>",
    colorscale: [[0, readColour("c1")], [0.999, fade(readColour("accent"), 0.45)], [1, readColour("accent")]], showscale: false,
  };
  const axes = [buildAxis(title, { type, showgrid: false }), buildAxis("", { type: "category", autorange: "reversed", showgrid: false })];
  draw("presence", [map], ...axes, Object.assign(layMap(), { height: 100 + 22 * names.length }));
});

function drawRises(id, names, rises, title, more) {
  const bars = {
    type: "bar", orientation: "h", y: names.map(escapeName), x: rises,
    marker: { color: rises.map((rise) => readColour(rise < 0 ? "c1" : "accent")) }, hovertemplate: "%{x:.2f} %<extra>%{y}</extra>",
  };
  const yaxis = buildAxis(title, { type: "category", autorange: "reversed" });
  draw(id, [bars], buildAxis("rise of the MAE, %", { rangemode: "tozero" }), yaxis, Object.assign({ showlegend: false, hovermode: "closest" }, more));
}

register("inputs", () => {
  const { inputs } = data.explanation;
  const names = inputs.map(([name], k) => shorten(name, narrow.matches ? 22 : 40) + "\u200b".repeat(k));
  drawRises("inputs", names, inputs.map(([, rise]) => rise), "", { height: 90 + 28 * names.length });
});

register("parts", () => {
  const { parts } = data.explanation;
  const bars = {
    type: "bar", x: parts.map(([first, last]) => -(first + last) / 2), y: parts.map(([, , rise]) => rise),
    width: parts.map(([first, last]) => first - last + 1), customdata: parts, marker: { color: readColour("accent"), line: { width: 1, color: readColour("card") } },
    hovertemplate: "%{y:.2f} %<extra>%{customdata[0]} to %{customdata[1]} steps before the cutoff</extra>",
  };
  draw("parts", [bars], buildAxis("steps before the cutoff", { tickformat: "d" }), buildAxis("rise of the MAE, %"), {
    showlegend: false, hovermode: "closest", bargap: 0,
  });
});
