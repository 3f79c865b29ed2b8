// Runs at the end of the page in a frame of a browser and sends what it finds to the page around it.
const violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));

function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function readRgb(colour) {
  const parts = (colour.match(/[\d.]+/g) || []).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
}

// WCAG 2: relative luminance.
function measureLight(rgb) {
  const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function findGround(element) {
  for (let place = element; place; place = place.parentElement) {
    const { rgb, alpha } = readRgb(getComputedStyle(place).backgroundColor);
    if (alpha === 1) return rgb;
  }
  return [255, 255, 255];
}

function measureContrast(element) {
  const style = getComputedStyle(element), ground = findGround(element);
  const { rgb, alpha } = readRgb(element instanceof SVGElement ? style.fill : style.color);
  const seen = rgb.map((part, k) => alpha * part + (1 - alpha) * ground[k]);
  const [dim, bright] = [measureLight(seen), measureLight(ground)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

function listTexts() {
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")].filter((element) => hasText(element) && element.checkVisibility()
    && !element.disabled && !["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(element.tagName));
}

// What sticks out of the screen and does not scroll in a box of its own.
function listWide() {
  const scrolls = (element) => element.closest(".box, pre, nav ul, svg, .skip, legend");
  return [...document.body.querySelectorAll("*")].filter((element) => !scrolls(element) && element.checkVisibility()
    && element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 80));
}

function choose(id, value) {
  document.getElementById(id).value = value;
  document.getElementById(id).dispatchEvent(new Event(id === "pick-cutoff" ? "input" : "change"));
}

function readSection(id) {
  const table = document.querySelector("#values-" + id + " table");
  return {
    words: document.getElementById("words-" + id).textContent,
    label: document.getElementById("plot-" + id).getAttribute("aria-label"),
    rows: [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
    names: [...document.querySelectorAll("#plot-" + id + " .legendtext")].map((text) => text.textContent),
  };
}

async function probe() {
  await wait(500);
  const found = { first: Number(document.documentElement.dataset.firstPlot), drawnAtOnce: [...drawn] };
  for (const plot of document.querySelectorAll(".plot")) {
    plot.scrollIntoView();
    await wait(150);
  }
  found.drawn = document.querySelectorAll(".js-plotly-plot").length;
  for (const id of ["forecast", "trials"]) document.getElementById("values-" + id).open = true;
  await wait(200);
  found.forecast = readSection("forecast");
  found.trials = readSection("trials");
  found.contrasts = listTexts().map((element) => [measureContrast(element), element.textContent.slice(0, 40)]);
  found.wide = listWide();
  found.scrollWidth = document.documentElement.scrollWidth;
  found.width = innerWidth;
  choose("pick-series-residuals", "1");
  choose("pick-target-forecast", "1");
  choose("pick-cutoff", "0");
  document.querySelector("input[name=heat][value=mae]").click();
  await wait(200);
  found.picked = { forecast: readSection("forecast"), trials: readSection("trials") };
  found.pickers = [...document.querySelectorAll("select")].map((select) => select.value);
  found.heat = document.getElementById("words-heat").textContent;
  document.getElementById("later").click();
  found.later = document.getElementById("cutoff").textContent;
  found.earliestIsOpen = !document.getElementById("earlier").disabled;
  found.titles = [...new Set([...document.querySelectorAll("[data-title]")].map((button) => button.dataset.title))];
  found.picture = (await Plotly.toImage("plot-steps", { format: "png", width: 300, height: 200 })).slice(0, 14);
  dispatchEvent(new Event("beforeprint"));
  found.printed = [...document.querySelectorAll(".main-svg:first-child")].map((svg) => svg.clientWidth);
  dispatchEvent(new Event("afterprint"));
  found.requests = performance.getEntriesByType("resource").map((entry) => entry.name);
  found.violations = violations;
  parent.postMessage(found, "*");
}

probe();
