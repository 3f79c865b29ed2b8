// One series and one target are picked for the whole page; each section that follows has the pickers at hand.
const picked = { series: 0, target: 0, trial: data.outlooks.trials.length - 1 };

const OF_PICKED = ["forecast", "trials", "course", "histogram", "autocorrelation", "heat"];

function listPickers(what) {
  return document.querySelectorAll("select[data-pick=" + what + "]");
}

function pick(what, value) {
  picked[what] = value;
  for (const picker of listPickers(what)) picker.value = String(value);
  moveSlider();
  for (const id of OF_PICKED) if (drawn.has(id)) drawers[id]();
}

for (const what of ["series", "target"]) {
  for (const picker of listPickers(what)) {
    picker.value = "0"; // a browser may bring back what was picked before
    picker.addEventListener("change", () => pick(what, Number(picker.value)));
  }
}

function namePicked() {
  const { series, targets, units } = data.outlooks;
  return { series: series[picked.series], target: targets[picked.target], unit: units[picked.target] };
}

// Returns the picked curve of an outlook with its instants, or null where the series has none there.
function readCurve(outlook) {
  const series = outlook.series[picked.series];
  if (!series) return null;
  const curve = series.curves[picked.target];
  const before = decodeStamps(outlook.axes[series.axis].before, curve.before);
  const ahead = decodeStamps(outlook.axes[series.axis].ahead, curve.ahead);
  const values = decodeNumbers(curve.values), bounds = decodeNumbers(curve.bounds);
  const w = before.x.length, h = ahead.x.length, k = data.outlooks.levels.length;
  const cut = (m) => bounds.slice(m * h, (m + 1) * h);
  return {
    before, ahead, cutoff: series.cutoff,
    recent: values.slice(0, w), point: values.slice(w, w + h), truth: values.slice(w + h),
    lower: data.outlooks.levels.map((_, m) => cut(m)), upper: data.outlooks.levels.map((_, m) => cut(k + m)),
  };
}
