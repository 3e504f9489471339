// What the charts of the admin have in common: colours of the theme, one way to draw, tables beside.
window.charts = (() => {
  const dark = () => document.documentElement.classList.contains("dark");
  const redraws = [];
  // Numbers as the page's language writes them.
  const language = document.documentElement.lang || "en";
  const three = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const part = (name) => new Intl.NumberFormat(language).formatToParts(12345.6).find((each) => each.type === name).value;
  const separators = part("decimal") + part("group");

  function colours() {
    return dark()
      ? { one: "#2dd4bf", two: "#fb923c", three: "#a78bfa", quiet: "#9ca3af", text: "#d1d5db", grid: "#374151" }
      : { one: "#0d9488", two: "#c2410c", three: "#6d28d9", quiet: "#6b7280", text: "#374151", grid: "#e5e7eb" };
  }

  function axis(title, more) {
    const { grid } = colours();
    return {
      title: { text: title, standoff: 8 }, gridcolor: grid, zerolinecolor: grid, linecolor: grid,
      automargin: true, fixedrange: true, ...more,
    };
  }

  function draw(place, traces, x, y, more = {}) {
    const { text } = colours();
    place.classList.remove("similarity-empty");
    const layout = {
      margin: { l: 48, r: 12, t: 8, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: text, size: 12, family: getComputedStyle(document.body).fontFamily }, dragmode: false, hovermode: "closest",
      // Above the plot: below it, long names run over the title of the axis.
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11 } },
      xaxis: x, yaxis: y, separators, ...more,
    };
    // Else long names would be cut off on a phone.
    const narrow = place.clientWidth < 520;
    const named = traces.map((trace) => (narrow && trace.name ? { ...trace, name: trace.name.replaceAll(/[ ](?=[(])|(?<=,) /g, "<br>") } : trace));
    window.Plotly.react(place, named, layout, { responsive: true, displayModeBar: false });
  }

  function say(place, text) {
    window.Plotly.purge(place);
    place.classList.add("similarity-empty");
    place.textContent = text;
  }

  // Columns: [heading, values]; numbers as people read them.
  function table(place, columns) {
    const row = (cells, tag) => {
      const line = document.createElement("tr");
      for (const cell of cells) {
        const box = document.createElement(tag);
        if (tag === "th") box.scope = "col";
        box.textContent = cell;
        line.append(box);
      }
      return line;
    };
    const head = document.createElement("thead");
    const body = document.createElement("tbody");
    head.append(row(columns.map(([heading]) => heading), "th"));
    const length = Math.max(0, ...columns.map(([, values]) => values.length));
    for (let at = 0; at < length; at += 1) {
      body.append(row(columns.map(([, values]) => number(values[at])), "td"));
    }
    place.replaceChildren(head, body);
  }

  function number(value) {
    return value === null || value === undefined ? "–" : three.format(value);
  }

  // Draws now, and again whenever the theme changes.
  function keep(redraw) {
    redraws.push(redraw);
    redraw();
  }

  const theme = new MutationObserver(() => redraws.forEach((redraw) => redraw()));
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });

  return { axis, colours, draw, keep, say, table };
})();
