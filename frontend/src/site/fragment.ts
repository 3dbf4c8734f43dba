/** `data-from-fragment="c"` takes its value from `#c=…` of the address (a scanned slip) and clears it there: no history keeps the code. */

export function fillFromFragment(root: Document, here: Window): void {
  const given = new URLSearchParams(here.location.hash.slice(1));
  let taken = false;
  for (const field of root.querySelectorAll<HTMLInputElement>("[data-from-fragment]")) {
    const value = given.get(field.dataset.fromFragment ?? "");
    if (!value || field.value) continue;
    field.value = value.slice(0, 60);
    taken = true;
    // The next thing to type stands after it.
    const next = [...(field.form?.elements ?? [])].find((one) => one instanceof HTMLInputElement && one !== field && one.type !== "hidden" && one.value === "");
    if (next instanceof HTMLInputElement) next.focus();
  }
  if (taken) here.history.replaceState(null, "", here.location.pathname + here.location.search);
}
