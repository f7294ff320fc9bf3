"use strict";
// The page's own script: unpacks the payload, draws charts when they come into view, filters and sorts the table,
// and shows the details of a benchmark. Text from users only ever becomes a text node.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const visible = (text) => String(text)
    .replace(/\p{C}/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`)
    .replaceAll(" %", "\u00a0%");

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.map((child) => (child instanceof Node ? child : visible(child))));
    return element;
  }

  async function unpack() {
    const packed = Uint8Array.from(atob(one("#payload").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  function config(width) {
    const text = { labelColor: "var(--ink-soft)", titleColor: "var(--ink-soft)", titleFontWeight: 500 };
    return {
      background: "transparent",
      font: "system-ui, sans-serif",
      aria: false, // the figure has a name, and the table below has every figure
      view: { stroke: null },
      axis: { ...text, labelFontSize: 12, titleFontSize: 12, gridColor: "var(--line)", domainColor: "var(--line)",
        tickColor: "var(--line)", labelPadding: 6 },
      axisY: { labelLimit: Math.max(90, Math.min(300, width * 0.42)) },
      axisXQuantitative: { tickCount: Math.max(3, Math.round(width / 100)) },
      legend: { ...text, labelFontSize: 12, titleFontSize: 12, labelLimit: width * 0.8,
        columns: Math.max(1, Math.floor(width / 240)) },
    };
  }

  const shown = (cell) => {
    if (cell === null) return "unknown";
    return typeof cell === "number" && !Number.isInteger(cell) ? cell.toPrecision(4) : cell;
  };

  // The payload has cells column by column.
  const rowsOf = (chart) => (chart.cells[0] ?? []).map((_, row) => chart.cells.map((column) => column[row]));

  function dataTable(chart) {
    const kept = chart.columns.map(([, head], index) => [head, index]).filter(([head]) => head);
    const head = make("tr", {}, ...kept.map(([name]) => make("th", { scope: "col" }, name)));
    const rows = rowsOf(chart).map((row) =>
      make("tr", {}, ...kept.map(([, index]) => make("td", {}, shown(row[index])))));
    return make("table", {}, make("caption", {}, chart.title), make("thead", {}, head), make("tbody", {}, ...rows));
  }

  function dataDetails(chart) {
    const details = make("details", {}, make("summary", {}, "Data as a table"));
    details.addEventListener("toggle", () => {
      if (details.open && !one("table", details))
        details.append(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": chart.title },
          dataTable(chart)));
    });
    return details;
  }

  // Vega-Lite cannot fit a width and count rows at once without a warning: rows are counted here.
  function setHeight(spec, values) {
    if (!spec.height.step) return;
    const field = [spec, ...(spec.layer ?? [])].map((each) => each.encoding?.y?.field).find(Boolean);
    spec.height = spec.height.step * new Set(values.map((each) => each[field])).size;
  }

  // Where names of rows are broken first; what is still long is broken after a hyphen or a blank.
  const BREAKS = { benchmark: "--", part: ", ", label: " (" };
  const LONG = "(.{15,}?[ -])(?=.)";

  // On a narrow screen names of rows take several lines: what tells them apart must not be cut off.
  function foldNames(spec, values) {
    for (const layer of [spec, ...(spec.layer ?? [])]) {
      const y = layer.encoding?.y;
      const mark = BREAKS[y?.field];
      if (!mark) continue;
      const kept = mark === " (" ? "(" : "";
      const lines = (name) => name.replace(mark, `\n${kept}`).replace(new RegExp(LONG, "g"), "$1\n").split("\n");
      const most = Math.max(...values.map((each) => lines(each[y.field]).length));
      const first = `replace(datum.label, '${mark}', '\\n${kept}')`;
      const labelExpr = `split(replace(${first}, regexp('${LONG}', 'g'), '$1\\n'), '\\n')`;
      y.axis = { ...y.axis, labelExpr, labelFontSize: 11, labelLineHeight: 12, labelOffset: most > 1 ? -6 : 0 };
      spec.height = { step: Math.max(spec.height.step, 8 + 12 * Math.min(most, 3)) };
    }
  }

  // A layer may say what it needs, "if column" or "if column=value": without such a row it is left out.
  function keepNeeded(spec, values) {
    const has = (column, wanted) =>
      values.some((each) => (wanted === undefined ? each[column] !== null : each[column] === wanted));
    spec.layer = spec.layer.filter((layer) => !layer.description || has(...layer.description.slice(3).split("=")));
  }

  async function draw(plot, chart, spec, onPick) {
    const names = chart.columns.map(([name]) => name);
    const values = rowsOf(chart).map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
    const filled = { ...structuredClone(spec), data: { values } };
    if (plot.clientWidth < 500) foldNames(filled, values);
    setHeight(filled, values);
    if (filled.layer) keepNeeded(filled, values);
    // ast: expressions are interpreted, for the page's security policy forbids to compile them.
    const options = { mode: "vega-lite", renderer: "svg", ast: true, actions: false, config: config(plot.clientWidth) };
    const { view } = await vegaEmbed(plot, filled, options);
    if (onPick) view.addEventListener("click", (_, item) => item?.datum?.benchmark && onPick(item.datum.benchmark));
    one("svg", plot)?.setAttribute("aria-hidden", "true");
    plot.dataset.drawn = "true";
  }

  // A chart is drawn when it comes near the window: a long page is usable before all of it is drawn.
  const waiting = new WeakMap();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      watcher.unobserve(entry.target);
      waiting.get(entry.target)();
    }
  }, { rootMargin: "300px" });

  function figure(chart, specs, heading, onPick) {
    const plot = make("div", { class: "plot", role: "img", "aria-label": visible(`${chart.title}. ${chart.alternative}`) });
    waiting.set(plot, () => draw(plot, chart, specs[chart.kind], onPick));
    watcher.observe(plot);
    return make("figure", { "data-chart": chart.kind }, make(heading, {}, chart.title),
      make("figcaption", {}, chart.alternative), plot, dataDetails(chart));
  }

  // Filters and sorting
  const rows = all("#table tbody tr");
  const wanted = one("#filter-name");
  const picks = all("input[name=verdict]");
  const lower = new Map(rows.map((row) => [row, row.cells[0].textContent.toLowerCase()]));

  function filter() {
    const text = wanted.value.trim().toLowerCase();
    const kinds = new Set(picks.filter((each) => each.checked).map((each) => each.value));
    let count = 0;
    for (const row of rows) {
      row.hidden = !(kinds.has(row.dataset.verdict) && lower.get(row).includes(text));
      count += row.hidden ? 0 : 1;
    }
    one("#filter-count").textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  }

  function sortBy(column, kind, direction) {
    const key = (row) => row.cells[column].dataset.key;
    const number = (row) => (key(row) === "" ? -Infinity : Number(key(row)));
    const compare = kind === "number" ? (a, b) => number(a) - number(b) : (a, b) => key(a).localeCompare(key(b));
    one("#table tbody").append(...[...rows].sort((a, b) => direction * compare(a, b)));
  }

  function sortable(head, index) {
    const button = make("button", { type: "button" }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") === (head.dataset.sort === "text" ? "none" : "descending")
        || !head.hasAttribute("aria-sort") && head.dataset.sort === "text";
      all("#table th[aria-sort]").forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      sortBy(index, head.dataset.sort, rising ? 1 : -1);
    });
  }

  // Details of a benchmark
  const dialog = one("#details");

  function pairs([caption, rows]) {
    const body = rows.map(([name, text]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, text)));
    return make("table", { class: "pairs" }, make("caption", {}, caption), make("tbody", {}, ...body));
  }

  function list(title, texts) {
    return texts.length ? [make("h3", {}, title), make("ul", { class: "remarks" }, ...texts.map((t) => make("li", {}, t)))] : [];
  }

  function detailsOf(benchmark, specs) {
    const facts = benchmark.facts.map(([label, texts]) =>
      make("div", {}, make("dt", {}, label), ...texts.map((text) => make("dd", {}, text))));
    return [
      make("p", {}, make("span", { class: "badge", "data-verdict": benchmark.verdict }, benchmark.verdict), " ", benchmark.said),
      make("dl", { class: "facts" }, ...facts),
      make("h3", {}, "Charts"),
      ...benchmark.charts.map((chart) => figure(chart, specs, "h4")),
      ...benchmark.tables.filter(([, rows]) => rows.length).map(pairs),
      ...list("Evidence", benchmark.evidence),
      ...list("Notes", benchmark.notes),
    ];
  }

  const nameOf = (hash) => (hash.startsWith("#/") ? decodeURIComponent(hash.slice(2)) : null);

  function open(payload) {
    const name = nameOf(location.hash);
    const benchmark = name === null ? undefined : payload.benchmarks[name];
    if (!benchmark) return dialog.open && dialog.close();
    one("#details-title").textContent = visible(name);
    if (!dialog.open) dialog.showModal();
    one("#details-body").replaceChildren(...detailsOf(benchmark, payload.specs));
    dialog.scrollTop = 0;
    one("#details-title").focus();
  }

  function close() {
    if (nameOf(location.hash) !== null) history.replaceState(null, "", location.pathname + location.search);
  }

  function wideTable([caption, heads, rows]) {
    const head = make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)));
    const body = rows.map(([name, ...cells]) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell))));
    const table = make("table", { class: "figures" }, make("caption", {}, caption), make("thead", {}, head),
      make("tbody", {}, ...body));
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": visible(caption.split(/[:;]/)[0]) }, table);
  }

  function contest({ chart, ranks, tables }, specs) {
    const said = ranks.map(([quantity, text]) => make("div", {}, make("dt", {}, quantity), make("dd", {}, text)));
    return [
      figure(chart, specs, "h3", pick),
      make("h3", {}, "Which way is best"),
      make("dl", { class: "facts" }, ...said),
      ...tables.map(wideTable),
    ];
  }

  function comparisons(payload) {
    const select = one("#comparison-model");
    if (!select) return;
    select.append(...payload.comparisons.map(({ name }, index) => make("option", { value: index }, name)));
    const show = () => one("#comparison").replaceChildren(...contest(payload.comparisons[Number(select.value)], payload.specs));
    select.addEventListener("change", show);
    show();
  }

  const pick = (name) => { location.hash = `#/${encodeURIComponent(name)}`; };

  async function start() {
    if (rows.length) {
      all("#table thead th").forEach(sortable);
      [wanted, ...picks].forEach((each) => each.addEventListener("input", filter));
      one(".filters").addEventListener("submit", (event) => event.preventDefault());
      filter();
    }
    const payload = await unpack();
    if (payload.overview) one("#overview-chart")?.append(figure(payload.overview, payload.specs, "h3", pick));
    comparisons(payload);
    dialog.addEventListener("close", close);
    one("#details-close").addEventListener("click", () => dialog.close());
    window.addEventListener("hashchange", () => open(payload));
    open(payload);
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
  }

  start();
})();
