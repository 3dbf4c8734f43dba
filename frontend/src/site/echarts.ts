/** The lazy part: ECharts with only what OneX draws, as SVG, with its own theme and a spoken description. */
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { t } from "../i18n";
import type { ChartSpec } from "./charts";

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

// Okabe and Ito's palette (https://jfly.uni-koeln.de/color/, 2008), darkened where 3:1 on white was missed.
export const COLOURS = ["#17559f", "#b35900", "#0f7a5c", "#8a3f76", "#5a6472", "#2b83b8"] as const;
const INK = "#1d2733";
const QUIET = "#55606e";
const LINE = "#dde2e8";

export function drawChart(place: HTMLElement, spec: ChartSpec): void {
  if (spec.series.every((one) => one.values.every((value) => value === null))) {
    place.textContent = t("暂无数据");
    place.classList.add("is-empty");
    return;
  }
  // Lying bars need the height of their number; standing ones share the width.
  if (spec.kind === "rows") place.style.height = `${Math.max(150, 72 + spec.categories.length * (16 + 12 * spec.series.length))}px`;
  const chart = echarts.init(place, undefined, { renderer: "svg" });
  // Its own name, because the room that labels need is measured on a canvas, which inherits nothing.
  chart.setOption(option(spec, place.clientWidth < 480, getComputedStyle(place).fontFamily));
  new ResizeObserver(() => chart.resize()).observe(place);
}

/** What ECharts is told. Bars start at zero; lines may not, and say so by their axis. */
export function option(spec: ChartSpec, isNarrow: boolean, font = "sans-serif"): Record<string, unknown> {
  const isLine = spec.kind === "line";
  const isStacked = spec.kind === "stacked";
  const isLying = spec.kind === "rows";
  const sums = spec.categories.map((_, n) => spec.series.reduce((sum, one) => sum + (one.values[n] ?? 0), 0));
  const top = Math.max(1, ...sums);
  const names = { type: "category", data: spec.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } } };
  const amounts = {
    type: "value",
    min: isLine ? undefined : 0,
    minInterval: 1,
    splitNumber: isNarrow && isLying ? 3 : 5,
    axisLabel: { color: QUIET, formatter: (value: number) => value.toLocaleString("en-US") },
    splitLine: { lineStyle: { color: LINE } },
  };
  return {
    animation: false,
    aria: { enabled: true, decal: { show: spec.series.length > 3 } },
    color: [...COLOURS],
    textStyle: { fontFamily: font, color: INK, fontSize: 13 },
    grid: { left: 8, right: 12, top: spec.series.length > 1 ? 40 : 24, bottom: 4, containLabel: true },
    legend: spec.series.length > 1 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 10, itemGap: 20, textStyle: { color: INK } } : undefined,
    tooltip: { trigger: "axis", confine: true, axisPointer: { type: isLine ? "line" : "shadow" }, valueFormatter: (value: unknown) => (typeof value === "number" ? value.toLocaleString("en-US") : "–") },
    xAxis: isLying ? amounts : { ...names, axisLabel: { color: QUIET, interval: 0, hideOverlap: true, width: isNarrow ? 56 : 96, overflow: "break" } },
    // The first name stands at the top, where reading begins.
    yAxis: isLying ? { ...names, inverse: true, axisLabel: { color: QUIET, interval: 0, width: isNarrow ? 112 : 220, overflow: "truncate" } } : amounts,
    series: spec.series.map((one, index) => ({
      name: one.name,
      type: isLine ? "line" : "bar",
      stack: isStacked ? "all" : undefined,
      data: one.values,
      barMaxWidth: isLying ? 14 : 36,
      symbol: ["circle", "rect", "triangle", "diamond"][index % 4],
      symbolSize: 8,
      itemStyle: { color: COLOURS[(one.colour ?? index) % COLOURS.length] },
      label: {
        show: !isLine && spec.categories.length * (isStacked ? 1 : spec.series.length) <= (isNarrow ? 4 : 8),
        position: isStacked ? "inside" : isLying ? "right" : "top",
        color: isStacked ? "#ffffff" : INK,
        // A slice too thin for its figure keeps it for the tooltip and the table.
        formatter: ({ value }: { value: unknown }) =>
          typeof value === "number" && (!isStacked || value >= top * 0.08) ? value.toLocaleString("en-US") : "",
      },
    })),
  };
}
