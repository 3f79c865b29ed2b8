// The trials of the picked series: it need not have a test window at every cutoff.
function listTrials() {
  return data.outlooks.trials.filter((trial) => trial.series[picked.series]);
}

function moveSlider() {
  const slider = document.getElementById("pick-cutoff");
  if (!slider) return;
  const trials = listTrials();
  picked.trial = Math.max(0, Math.min(picked.trial, trials.length - 1));
  slider.max = String(Math.max(0, trials.length - 1));
  slider.value = String(picked.trial);
  const cutoff = trials.length ? String(trials[picked.trial].series[picked.series].cutoff) : "none";
  slider.setAttribute("aria-valuetext", cutoff);
  document.getElementById("cutoff").textContent = cutoff;
  document.getElementById("trial").textContent = trials.length ? picked.trial + 1 + " of " + trials.length : "";
  document.getElementById("earlier").disabled = picked.trial === 0;
  document.getElementById("later").disabled = picked.trial >= trials.length - 1;
}

function pickTrial(trial) {
  picked.trial = trial;
  moveSlider();
  if (drawn.has("trials")) drawers.trials();
}

// The same axis at every cutoff, so that the curves move and not the ground.
function findRange(curves) {
  const span = findSpan(curves.flatMap((curve) => [...curve.recent, ...curve.point, ...curve.truth]));
  const widest = findSpan(curves.flatMap((curve) => [...curve.lower.flat(), ...curve.upper.flat()])) || span;
  if (span === null) return undefined;
  const height = span[1] - span[0] || Math.abs(span[0]) || 1;
  const low = Math.max(Math.min(span[0], widest[0]), span[0] - height), high = Math.min(Math.max(span[1], widest[1]), span[1] + height);
  return [low - height / 20, high + height / 20];
}

// All trials of what is picked are read once, not at every move of the slider.
let read = {};

function readTrials() {
  const { series, target } = picked;
  if (read.series !== series || read.target !== target) {
    const curves = listTrials().map(readCurve);
    read = { series, target, curves, range: findRange(curves) };
  }
  return read;
}

register("trials", () => {
  const { curves, range } = readTrials();
  showForecast("trials", curves.length ? curves[picked.trial] : null, range);
});

if (drawers.trials) {
  document.getElementById("pick-cutoff").addEventListener("input", (event) => pickTrial(Number(event.target.value)));
  document.getElementById("earlier").addEventListener("click", () => pickTrial(picked.trial - 1));
  document.getElementById("later").addEventListener("click", () => pickTrial(picked.trial + 1));
}
