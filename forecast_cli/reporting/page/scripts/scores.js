const JUDGED = {
  better: ["circle", "better", "accent"], worse: ["x", "worse", "c1"],
  "no difference": ["circle-open", "no clear difference", "muted"], "too few windows": ["square-open", "too few windows to tell", "muted"],
};

// One trace per outcome, so that the legend tells what a symbol means.
function buildRivals(outcome, rivals) {
  const [symbol, words, colour] = JUDGED[outcome];
  const reach = (k) => rivals.map(({ gain, interval }) => (interval ? Math.abs(interval[k] - gain) : 0));
  return {
    name: words, type: "scatter", mode: "markers", x: rivals.map((rival) => rival.gain),
    y: rivals.map((rival) => escapeName(shorten(rival.name, 28))),
    marker: { symbol, size: 11, color: readColour(colour), line: { width: 2, color: readColour(colour) } },
    error_x: { type: "data", symmetric: false, arrayminus: reach(0), array: reach(1), color: readColour(colour), thickness: 2, width: 5 },
    hovertemplate: "%{x:.1f} %<extra>%{y}</extra>",
  };
}

register("rivals", () => {
  const { rivals } = data;
  const traces = Object.keys(JUDGED).map((outcome) => [outcome, rivals.filter((rival) => rival.outcome === outcome)])
    .filter(([, found]) => found.length).map(([outcome, found]) => buildRivals(outcome, found));
  const names = rivals.map((rival) => escapeName(shorten(rival.name, 28)));
  const zero = { type: "line", x0: 0, x1: 0, y0: 0, y1: 1, yref: "paper", line: { color: readColour("text"), width: 1 } };
  const yaxis = buildAxis("", { type: "category", categoryorder: "array", categoryarray: names.reverse(), range: [-0.6, names.length - 0.4] });
  draw("rivals", traces, buildAxis("gain in MAE, %"), yaxis, { shapes: [zero], hovermode: "closest", height: 110 + 34 * names.length });
});

register("steps", () => {
  const { steps, models, errors, saved } = data.steps;
  const order = models.map((_, m) => m).sort((a, b) => (models[a] === saved) - (models[b] === saved)); // ours on top
  const traces = order.map((m) => {
    const isSaved = models[m] === saved, colour = isSaved ? "accent" : "c" + (1 + m % 7);
    const style = { color: readColour(colour), width: isSaved ? 4 : 1.6, dash: isSaved ? "solid" : DASHES[1 + m % 5] };
    return buildLine(isSaved ? models[m] + " (saved)" : models[m], steps, errors[m], style);
  });
  draw("steps", traces, buildAxis("step ahead", countAxis(steps)), buildAxis("MAE, scaled", { rangemode: "tozero" }));
});

register("coverage", () => {
  const { steps, levels, shares } = data.coverage;
  const traces = levels.flatMap((level, k) => {
    const line = (name, y, style, more) => buildLine(
      name, steps, y, Object.assign({ color: readColour(k ? "c" + (k % 8) : "accent") }, style),
      Object.assign({ legendgroup: "level" + k }, more),
    );
    return [
      line(level + " % interval", shares[k], { width: 2.5 }),
      line("level " + level + " %", steps.map(() => level), { width: 1.5, dash: "dot" }, { showlegend: false }),
    ];
  });
  draw("coverage", traces, buildAxis("step ahead", countAxis(steps)), buildAxis("test values inside, %"));
});

register("learning", () => {
  const { epochs, loss, val_loss: validation, rate, best } = data.learning;
  const line = (name, y, colour, dash, more) => buildLine(
    name, epochs, y, { color: readColour(colour), width: 2, dash }, Object.assign({ mode: "lines+markers" }, more),
  );
  const traces = [
    line("loss", loss, "history", "dash"), line("validation loss", validation, "accent", "solid"),
    line("learning rate", rate, "c2", "dot", { yaxis: "y2" }),
  ];
  if (best !== null) {
    traces.push({
      name: "best epoch (" + best + ")", x: [best], y: [validation[epochs.indexOf(best)]], type: "scatter",
      mode: "markers", marker: { symbol: "circle-open", size: 16, color: readColour("c1"), line: { width: 3 } },
    });
  }
  const below = buildAxis("learning rate", { domain: [0, 0.2], rangemode: "tozero", tickformat: "~g", nticks: 3 });
  const above = buildAxis("loss", { domain: [0.28, 1] });
  draw("learning", traces, buildAxis("epoch", Object.assign({ anchor: "y2" }, countAxis(epochs))), above, { yaxis2: below });
});
