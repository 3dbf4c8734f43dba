/** Leaving a `<form data-guard>` with unsaved input asks first; sending it does not. */

export function watchUnsaved(root: Document): void {
  const touched = (event: Event): void => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-guard]");
    if (form) form.dataset.dirty = "yes";
  };
  root.addEventListener("input", touched);
  root.addEventListener("change", touched);
  root.addEventListener("submit", (event) => {
    delete (event.target as HTMLFormElement).dataset.dirty;
  });
  window.addEventListener("beforeunload", (event) => {
    if (root.querySelector("form[data-guard][data-dirty]") === null) return;
    event.preventDefault();
    event.returnValue = ""; // Chrome 109 shows its question only with this
  });
}
