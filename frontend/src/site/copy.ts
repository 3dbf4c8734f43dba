/** `data-copy="<text>"` puts the text on the clipboard; over plain http (school networks) the old way still works. */
import { t } from "../i18n";
import { notice } from "./notice";

export function watchCopies(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (button === null) return;
    const text = button.dataset.copy ?? "";
    void put(root, text).then((done) => {
      notice(done ? t("已复制：{text}", { text }) : t("浏览器不允许复制，请手动选中文字"), done ? "good" : "warn");
    });
  });
}

async function put(root: Document, text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = root.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    root.body.append(field);
    field.select();
    const done = root.execCommand("copy");
    field.remove();
    return done;
  }
}
