/**
 * `data-fill="#field"` writes its `data-text` into a field: canned reasons that can still be edited.
 * With `data-fill-over` it takes the place of what stands there: one of two versions.
 */

export function watchFill(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-fill]");
    const field = button?.dataset.fill ? root.querySelector<HTMLTextAreaElement>(button.dataset.fill) : null;
    if (button === null || field === null) return;
    const text = button.dataset.text ?? "";
    field.value = field.value.trim() === "" || "fillOver" in button.dataset ? text : `${field.value.trimEnd()}\n${text}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}
