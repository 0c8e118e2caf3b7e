// Charts, loaded only by a page that has one: <div data-chart="#id-of-json" class="chart">.
// The JSON is an ECharts option written by the server; colours and text styles come from the tokens.
import { BarChart, HeatmapChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  BarChart,
  HeatmapChart,
  LineChart,
  SankeyChart,
  ScatterChart,
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  SVGRenderer,
]);

// Custom properties keep light-dark() unresolved; a painted probe gives the colour itself.
function token(name) {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  probe.style.color = `var(--tn-${name})`;
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

// As the pages write numbers: grouped, with a true minus; a dash where there is none.
const figures = new Intl.NumberFormat(document.documentElement.lang || "en");
function written(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return typeof value === "number" ? figures.format(value).replace("-", "−") : String(value);
}

function theme() {
  const ink = token("ink");
  const quiet = token("quiet");
  const line = token("hairline");
  const axis = {
    axisLine: { lineStyle: { color: token("field-line") } },
    axisTick: { show: false },
    axisLabel: { color: quiet },
    nameTextStyle: { color: quiet },
    splitLine: { lineStyle: { color: line } },
  };
  return {
    color: ["accent", "b-minus-ink", "a-ink", "d-ink", "b-plus-ink", "c-ink"].map(token),
    backgroundColor: "transparent",
    textStyle: { color: ink, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
    legend: { textStyle: { color: ink } },
    categoryAxis: axis,
    valueAxis: { ...axis, axisLabel: { ...axis.axisLabel, formatter: written } },
    timeAxis: axis,
    bar: { label: { color: ink } },
    logAxis: axis,
    tooltip: {
      backgroundColor: token("surface"),
      borderColor: token("field-line"),
      textStyle: { color: ink },
    },
  };
}

function draw(holder) {
  const option = JSON.parse(document.querySelector(holder.dataset.chart).textContent);
  echarts.getInstanceByDom(holder)?.dispose();
  const chart = echarts.init(holder, theme(), { renderer: "svg" });
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.setOption({
    animation: !isStill,
    animationDuration: 120,
    aria: { enabled: true },
    ...option,
    // An HTML tooltip carries inline styles, which the policy forbids.
    tooltip: { valueFormatter: written, ...option.tooltip, renderMode: "richText" },
  });
  chart.on("click", ({ data }) => {
    if (data?.url) location.assign(data.url);
  });
}

function drawAll(root) {
  for (const holder of root.querySelectorAll("[data-chart]")) draw(holder);
}

drawAll(document);
new ResizeObserver(() => {
  for (const holder of document.querySelectorAll("[data-chart]")) echarts.getInstanceByDom(holder)?.resize();
}).observe(document.body);
new MutationObserver(() => drawAll(document)).observe(document.documentElement, {
  attributeFilter: ["data-bs-theme"],
});
document.body.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
