// What changes with the target: the table and the chart follow the slider, without a request.
(() => {
  const { axis, colours, draw, keep, say, table } = window.charts;
  const source = document.getElementById("threshold-data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const section = document.getElementById("thresholds");
  const slider = document.getElementById("threshold-target");
  const scope = document.getElementById("threshold-scope");
  const chart = section.querySelector("[data-threshold-chart]");
  const words = chart.dataset;
  section.querySelector("[data-plain-target]").hidden = true;
  section.querySelector("[data-slider]").hidden = false;

  function show() {
    const at = Number(slider.value);
    const label = data.labels[at];
    slider.setAttribute("aria-valuetext", label);
    section.querySelector("[data-target-label]").textContent = label;
    section.querySelector("[data-summary]").textContent = data.summaries[at];
    for (const input of section.querySelectorAll("[data-target]")) input.value = data.targets[at];
    for (const row of section.querySelectorAll("[data-scope]")) {
      const shown = data.scopes[Number(row.dataset.scope)].at[at];
      row.classList.toggle("similarity-applied", shown.same);
      const apply = row.querySelector("[data-unless-same]");
      if (apply) apply.hidden = shown.same;
      for (const cell of row.querySelectorAll("[data-field]")) cell.textContent = shown[cell.dataset.field];
    }
    const all = section.querySelector("[data-unless-all-same]");
    if (all) all.hidden = data.same[at];
    curve();
  }

  function curve() {
    const { curve: points, at } = data.scopes[Number(scope.value)];
    const shown = at[Number(slider.value)];
    const numbers = section.querySelector("[data-threshold-numbers]");
    numbers.closest("details").hidden = !points.length;
    if (!points.length) return say(chart, words.textNone);
    const { one, two, quiet, three } = colours();
    const share = points.map((point) => point.share);
    const errors = points.map((point) => point.error);
    const bounds = points.map((point) => point.bound);
    const line = (y, name, color, dash) => ({
      x: share, y, name, mode: "lines", line: { color, width: 2, dash },
      customdata: points.map((point) => point.threshold),
      hovertemplate: `%{x:.1%}: %{y:.1%} (${words.textConfidence} %{customdata:.3f})`,
    });
    const traces = [
      line(errors, words.textError, one, "solid"),
      line(bounds, words.textBound, two, "dash"),
      { x: [0, 1], y: [shown.target, shown.target], name: words.textTarget, mode: "lines",
        line: { color: quiet, width: 1.5, dash: "dot" }, hoverinfo: "skip" },
    ];
    if (shown.share !== null) {
      const nearest = share.reduce(
        (best, each, place) => (Math.abs(each - shown.share) < Math.abs(share[best] - shown.share) ? place : best), 0,
      );
      traces.push({
        x: [shown.share], y: [errors[nearest]], name: words.textChosen, mode: "markers",
        marker: { color: three, size: 11, symbol: "diamond" },
      });
    }
    const top = Math.min(1, Math.max(0.05, 1.6 * shown.target, 1.15 * Math.max(...errors)));
    draw(
      chart, traces, axis(words.textX, { tickformat: ".0%", range: [0, 1] }),
      axis(words.textY, { tickformat: ".0%", range: [0, top] }),
    );
    table(numbers, [
      [words.textX, share], [words.textConfidence, points.map((point) => point.threshold)],
      [words.textError, errors], [words.textBound, bounds],
    ]);
  }

  slider.addEventListener("input", show);
  scope.addEventListener("change", curve);
  keep(show);
})();
