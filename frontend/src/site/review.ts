/** Review by keyboard on `[data-review]`: J next, K previous, A approve, R return; never while somebody is typing. */

const KEYS: Readonly<Record<string, string>> = { j: "next", k: "previous", a: "approve", r: "return" };

export function watchReview(root: Document): void {
  root.addEventListener("keydown", (event) => {
    const key = event as KeyboardEvent;
    const area = root.querySelector("[data-review]");
    if (area === null || key.ctrlKey || key.metaKey || key.altKey || isTyping(key.target)) return;
    const action = KEYS[key.key.toLowerCase()];
    const target = action ? area.querySelector<HTMLElement>(`[data-review-key="${action}"]`) : null;
    if (target === null) return;
    key.preventDefault();
    target.scrollIntoView({ block: "nearest" });
    target.click();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}
