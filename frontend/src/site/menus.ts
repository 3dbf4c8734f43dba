/** Menus are `<details data-menu>`: they open without script; this closes them, and runs the phone's side navigation. */

export function watchMenus(root: Document): void {
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    for (const open of root.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
      if (!open.contains(target)) open.open = false;
    }
    if (target.closest("[data-side-open]")) showSide(root, true);
    else if (target.closest("[data-side-close]")) showSide(root, false);
    const dismiss = target.closest("[data-dismiss]");
    dismiss?.closest("[data-dismissable]")?.remove();
    if (target.closest("[data-print]")) window.print();
  });
  root.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key !== "Escape") return;
    for (const open of root.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
      open.open = false;
      open.querySelector("summary")?.focus();
    }
    showSide(root, false);
  });
  root.addEventListener("change", (event) => {
    const field = event.target as HTMLElement;
    if (field.matches("[data-submit-on-change]")) (field as HTMLSelectElement).form?.requestSubmit();
  });
}

function showSide(root: Document, open: boolean): void {
  const body = root.body;
  if (body.classList.contains("ox-side-open") === open) return;
  body.classList.toggle("ox-side-open", open);
  const opener = root.querySelector<HTMLElement>("[data-side-open]");
  opener?.setAttribute("aria-expanded", String(open));
  if (open) root.querySelector<HTMLElement>("#ox-side a, #ox-side button")?.focus();
  else opener?.focus();
}
