// Charts: ECharts is fetched only where a page has one. The options' data come as JSON beside the box:
// {kind: "line"|"bar", days: [...], series: [{name, values, compared, missing}], bands, notes, unit, urls}.
const boxes = () => document.querySelectorAll("[data-so=chart]");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = new WeakMap();
let library;

function short(value) {
  const zh = document.documentElement.lang.startsWith("zh");
  const steps = zh ? [[1e8, "亿"], [1e4, "万"]] : [[1e6, "M"], [1e3, "k"]];
  for (const [size, unit] of steps) if (Math.abs(value) >= size) return `${+(value / size).toFixed(1)}${unit}`;
  return String(value).replace("-", "−");
}

function options(data) {
  const ink = colour("--ink-3");
  const palette = ["--c1", "--c2", "--c3", "--c4", "--c5"].map(colour);
  const bands = (data.bands ?? []).map((band) => [{ xAxis: band.from, name: band.name }, { xAxis: band.to }]);
  const missing = (data.missing ?? []).map((day) => ({ xAxis: day.at, label: { formatter: day.text } }));
  const own = { color: palette, animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily } };
  let index = -1;
  return {
    ...own,
    grid: { left: 4, right: 12, top: 20, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--pop"), borderColor: colour("--line"), textStyle: { color: colour("--ink"), fontSize: 12 }, valueFormatter: (value) => (value == null ? "–" : Number(value).toLocaleString("en-US", { maximumFractionDigits: 4 })) },
    xAxis: { type: "category", data: data.days, boundaryGap: data.kind === "bar", axisLabel: { color: ink, fontSize: 11 }, axisLine: { lineStyle: { color: colour("--line-2") } }, axisTick: { show: false } },
    yAxis: { type: "value", splitNumber: 5, axisLabel: { color: ink, fontSize: 11, formatter: short }, splitLine: { lineStyle: { color: colour("--line") } } },
    series: data.series.map((item) => {
      if (!item.compared) index += 1;
      const base = { name: item.name, type: data.kind ?? "line", data: item.values, connectNulls: false };
      if (data.kind === "bar") return { ...base, barMaxWidth: 24 };
      return {
        ...base,
        symbol: "none",
        lineStyle: item.compared ? { width: 1.5, type: "dashed", color: colour("--compared") } : { width: 2 },
        itemStyle: item.compared ? { color: colour("--compared") } : undefined,
        areaStyle: item.compared || index ? undefined : { opacity: 0.07 },
        markArea: item.compared || index || !bands.length ? undefined : { silent: true, itemStyle: { color: colour("--band") }, label: { color: ink, fontSize: 11 }, data: bands },
        markLine: item.compared || index || !missing.length ? undefined : { silent: true, symbol: "none", lineStyle: { type: "dotted", color: colour("--warn") }, label: { color: colour("--warn"), fontSize: 11 }, data: missing },
      };
    }),
  };
}

function draw(echarts, box) {
  const data = JSON.parse(document.getElementById(box.dataset.source).textContent);
  let chart = drawn.get(box);
  if (!chart) {
    chart = echarts.init(box, null, { renderer: "canvas", locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" });
    drawn.set(box, chart);
    new ResizeObserver(() => chart.resize()).observe(box);
    chart.on("click", (event) => {
      const url = data.urls?.[event.dataIndex];
      if (url) location.href = url;
    });
  }
  chart.setOption(options(data), true);
}

function start() {
  const waiting = [...boxes()];
  if (!waiting.length) return;
  library ??= import(waiting[0].dataset.library);
  library.then((echarts) => waiting.forEach((box) => draw(echarts, box)));
}

start();
document.addEventListener("htmx:afterSettle", start);
document.addEventListener("so:theme", start);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-so=chart-table]");
  if (!button) return;
  const table = document.getElementById(button.getAttribute("aria-controls"));
  table.hidden = !table.hidden;
  button.setAttribute("aria-expanded", String(!table.hidden));
  button.setAttribute("aria-pressed", String(!table.hidden));
});
