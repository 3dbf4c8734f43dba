/** A file field inside `[data-drop]` also takes dropped files, shows what was chosen and refuses what is too large. */
import { t } from "../i18n";

export function watchDrops(root: Document): void {
  for (const kind of ["dragover", "dragleave", "drop"] as const) {
    root.addEventListener(kind, (event) => {
      const zone = (event.target as Element).closest<HTMLElement>("[data-drop]");
      if (zone === null) return;
      event.preventDefault();
      zone.classList.toggle("is-over", kind === "dragover");
      const field = zone.querySelector<HTMLInputElement>("input[type=file]");
      const files = (event as DragEvent).dataTransfer?.files;
      if (kind !== "drop" || field === null || files === undefined || files.length === 0) return;
      field.files = files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  root.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    const zone = field.type === "file" ? field.closest<HTMLElement>("[data-drop]") : null;
    if (zone !== null) show(zone, field);
  });
}

function show(zone: HTMLElement, field: HTMLInputElement): void {
  const place = zone.querySelector("[data-drop-names]");
  if (place === null) return;
  const most = Number(zone.dataset.dropMost ?? "0");
  const files = [...(field.files ?? [])];
  const large = files.find((file) => most > 0 && file.size > most);
  zone.classList.toggle("is-bad", large !== undefined);
  if (large !== undefined) {
    field.value = "";
    place.textContent = t("“{name}”有 {size}，超过上限 {most}，请压缩后再选", { name: large.name, size: size(large.size), most: size(most) });
    return;
  }
  place.textContent = files.map((file) => `${file.name}（${size(file.size)}）`).join("、");
}

/** Bytes as people say them. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
