for (const id of ["forecast", "trials"]) {
  const details = document.getElementById("values-" + id);
  if (details) details.addEventListener("toggle", () => { if (details.open && drawn.has(id)) drawers[id](); });
}
for (const query of [dark, narrow]) query.addEventListener("change", redraw);

moveSlider();
drawFirst("forecast"); // what everybody sees first waits for nothing
document.documentElement.dataset.firstPlot = String(Math.round(performance.now()));

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    drawFirst(target.id.slice("plot-".length));
  }
}, { rootMargin: "400px" });
for (const id of Object.keys(drawers)) near.observe(document.getElementById("plot-" + id));

// Paper is bright, narrow, and shows all plots at once.
function setPrinted(isPrinted) {
  document.documentElement.classList.toggle("printed", isPrinted);
  for (const id of Object.keys(drawers)) drawn.add(id);
  redraw();
}
addEventListener("beforeprint", () => setPrinted(true));
addEventListener("afterprint", () => setPrinted(false));
