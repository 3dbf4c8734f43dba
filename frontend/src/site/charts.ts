/** Charts draw themselves where `[data-chart]` names a JSON script; the library is fetched only when one is in sight. */

export interface ChartSpec {
  kind: "bar" | "line" | "stacked" | "rows";
  title: string;
  unit: string;
  categories: string[];
  series: { name: string; values: (number | null)[]; colour?: number }[];
}

export function watchCharts(root: Document): void {
  const seen = new WeakSet<Element>();
  const look = (): void => {
    for (const place of root.querySelectorAll<HTMLElement>("[data-chart]")) {
      if (seen.has(place)) continue;
      seen.add(place);
      watcher.observe(place);
    }
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      void draw(root, entry.target as HTMLElement);
    }
  });
  look();
  root.addEventListener("htmx:after:swap", look);
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-chart-export]");
    const table = button?.closest("figure")?.querySelector("table");
    if (button && table) download(root, csv(table), `${button.dataset.chartExport ?? "data"}.csv`);
  });
}

async function draw(root: Document, place: HTMLElement): Promise<void> {
  const source = root.getElementById(place.dataset.chart ?? "");
  if (source === null) return;
  const spec = JSON.parse(source.textContent) as ChartSpec;
  const { drawChart } = await import("./echarts");
  drawChart(place, spec);
}

/** The table as a spreadsheet opens it: BOM for Chinese in Excel, quotes doubled, formulas disarmed. */
export function csv(table: HTMLTableElement): string {
  const cell = (text: string): string => {
    const plain = text.trim().replace(/^([=+@\t\r]|-(?![\d.]))/, "'$1");
    return `"${plain.replace(/"/g, '""')}"`;
  };
  const lines = [...table.rows].map((row) => [...row.cells].map((one) => cell(one.textContent)).join(","));
  return `\uFEFF${lines.join("\r\n")}`;
}

function download(root: Document, text: string, name: string): void {
  const link = root.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
