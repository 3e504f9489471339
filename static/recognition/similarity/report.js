// The four charts of the similarity report, from the figures that stand in the page.
(() => {
  const { axis, colours, draw, keep, say, table } = window.charts;
  const root = document.getElementById("similarity-charts");
  if (!root) return;
  const figures = JSON.parse(document.getElementById("similarity-figures").textContent);
  const words = Object.fromEntries(
    Object.entries(root.dataset).map(([name, value]) => [name.slice(4).toLowerCase(), value]),
  );
  const evidence = document.getElementById("similarity-evidence");
  const metric = document.getElementById("similarity-metric");
  const names = Object.fromEntries([...metric.options].map((option) => [option.value, option.text]));
  root.querySelector(".similarity-choices").hidden = false;

  const place = (name) => root.querySelector(`[data-chart="${name}"]`);
  const numbers = (name) => root.querySelector(`[data-numbers="${name}"]`);
  const percent = { tickformat: ".0%" };
  const line = (x, y, name, color, dash = "solid") => ({
    x, y, name, mode: "lines", line: { color, width: 2, dash },
  });

  function distances(found) {
    const shown = found.distribution;
    if (!shown) return none("distances");
    const { one, two } = colours();
    const starts = shown.edges.slice(0, -1);
    const widths = starts.map((start, at) => shown.edges[at + 1] - start);
    const middles = starts.map((start, at) => start + widths[at] / 2);
    const bars = (values, name, color) => ({
      type: "bar", x: middles, y: values, width: widths, name, opacity: 0.55,
      marker: { color, line: { width: 0 } }, hovertemplate: `${words.distance} %{x:.3f}: %{y:.1%}`,
    });
    const traces = [];
    if (shown.same) traces.push(bars(shown.same, words.same, one));
    if (shown.different) traces.push(bars(shown.different, words.different, two));
    draw(place("distances"), traces, axis(words.distance), axis(words.share, percent), { barmode: "overlay" });
    table(numbers("distances"), [
      [words.from, starts],
      [`${words.same}: ${words.share}`, shown.same ?? []],
      [`${words.different}: ${words.share}`, shown.different ?? []],
    ]);
  }

  // Metrics that rank alike are one line, and say so.
  function roc(section) {
    const found = section.metrics;
    if (!found.cosine.roc) return none("roc");
    const { one, two, three, quiet } = colours();
    const alike = Object.keys(found).filter((name) => found[name].order_as_cosine > 0.99999);
    const lines = [["cosine", (alike.length ? alike : ["cosine"]).map((name) => names[name]).join(" = ")]];
    for (const name of Object.keys(found)) {
      if (name !== "cosine" && !alike.includes(name)) lines.push([name, names[name]]);
    }
    const traces = lines.map(([name, label], at) => {
      const curve = found[name].roc;
      const dash = ["solid", "dash", "dot", "dashdot", "longdash"][at];
      return line(
        curve.false_accepts, curve.true_accepts, label.replaceAll(" = ", "<br>= "),
        [one, two, three, quiet, one][at], dash,
      );
    });
    traces.push({ ...line([0, 1], [0, 1], words.coin, quiet, "dot"), line: { color: quiet, width: 1, dash: "dot" } });
    draw(
      place("roc"), traces, axis(words.false, { ...percent, range: [0, 1] }),
      axis(words.true, { ...percent, range: [0, 1.01] }),
    );
    const chosen = found[metric.value].roc;
    table(numbers("roc"), [
      [words.distance, chosen.thresholds], [words.false, chosen.false_accepts], [words.true, chosen.true_accepts],
    ]);
  }

  function threshold(found) {
    const rows = found.by_threshold;
    if (!rows) return none("threshold");
    const { one, two, three, quiet } = colours();
    const traces = [
      line(rows.thresholds, rows.precision, words.precision, one),
      line(rows.thresholds, rows.recall, words.recall, two, "dash"),
      line(rows.thresholds, rows.f1, words.f1, three, "dashdot"),
    ];
    const mark = (at, text, y) => [
      { type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper", line: { color: quiet, width: 1, dash: "dot" } },
      { x: at, y, yref: "paper", text, showarrow: false, xanchor: "left", xshift: 4, font: { color: quiet, size: 11 } },
    ];
    const best = mark(found.best_f1_threshold, words.best, 1);
    const equal = mark(found.eer_threshold, words.equal, 0.9);
    draw(place("threshold"), traces, axis(words.threshold), axis("", { range: [0, 1.02] }), {
      hovermode: "x unified", shapes: [best[0], equal[0]], annotations: [best[1], equal[1]],
    });
    table(numbers("threshold"), [
      [words.threshold, rows.thresholds], [words.precision, rows.precision], [words.recall, rows.recall],
      [words.f1, rows.f1],
    ]);
  }

  function coverage(answers) {
    if (!answers) return none("coverage");
    const { one, two } = colours();
    const { margin, nearest } = answers;
    draw(
      place("coverage"),
      [
        line(margin.coverage, margin.error, words.margin, one),
        line(nearest.coverage, nearest.error, words.nearest, two, "dash"),
      ],
      axis(words.coverage, { ...percent, range: [0, 1] }),
      axis(words.error, { ...percent, rangemode: "tozero" }),
    );
    table(numbers("coverage"), [
      [`${words.margin}: ${words.coverage}`, margin.coverage], [words.error, margin.error],
      [`${words.nearest}: ${words.coverage}`, nearest.coverage], [words.error, nearest.error],
    ]);
  }

  function none(name) {
    say(place(name), words.none);
    numbers(name).closest("details").hidden = true;
  }

  function redraw() {
    const section = figures[evidence ? evidence.value : "catalogue"];
    const found = section.metrics[metric.value];
    for (const details of root.querySelectorAll("details")) details.hidden = false;
    distances(found);
    roc(section);
    threshold(found);
    coverage(section.answers);
  }

  evidence?.addEventListener("change", redraw);
  metric.addEventListener("change", redraw);
  keep(redraw);
})();
