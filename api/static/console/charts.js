// Draws the restores of each day as stacked bars. The table beside it has the same figures.
(function () {
  "use strict";
  const place = document.querySelector("[data-chart]");
  if (!place) return;
  const figures = JSON.parse(place.dataset.chart);
  const DAY = 86400, HEIGHT = 220;
  // Each bar is drawn over the one before it, so the first is the sum of all.
  const OUTCOMES = [["failed", "--chart-bad"], ["partial", "--chart-busy"], ["completed", "--chart-good"]];
  const names = OUTCOMES.map(([name]) => name);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const sumFrom = (first) => figures.days.map((_, n) =>
    names.slice(first).reduce((sum, name) => sum + figures[name][n], 0));
  const data = [figures.days.map((one) => Date.parse(one) / 1000), ...names.map((_, n) => sumFrom(n))];

  function series([name, fill]) {
    return {
      label: name,
      fill: colour(fill),
      stroke: colour(fill),
      paths: uPlot.paths.bars({ size: [0.75, 40] }),
      points: { show: false },
      value: (plot, sum, number, index) => (index === null ? "–" : figures[name][index].toLocaleString()),
    };
  }

  function axis(more) {
    const line = { stroke: colour("--line"), width: 1 };
    return { stroke: colour("--dim"), grid: line, ticks: line, ...more };
  }

  function draw() {
    return new uPlot({
      width: place.clientWidth,
      height: HEIGHT,
      scales: {
        x: { range: (plot, least, most) => [least - DAY / 2, most + DAY / 2] },
        y: { range: (plot, least, most) => [0, Math.max(most * 1.05, 4)] },
      },
      series: [{ label: "day", value: (plot, seconds) => (seconds === null ? "–" : day(seconds)) }, ...OUTCOMES.map(series)],
      axes: [
        axis({ incrs: [1, 2, 5, 10, 15].map((days) => days * DAY), values: (plot, splits) => splits.map((one) => day(one).slice(5)) }),
        axis({ incrs: [1, 2, 5].flatMap((one) => [0, 1, 2, 3, 4, 5].map((power) => one * 10 ** power)).sort((a, b) => a - b) }),
      ],
      cursor: { drag: { x: false, y: false } },
    }, data, place);
  }

  let plot = draw();
  function redraw() {
    plot.destroy();
    plot = draw();
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
})();
