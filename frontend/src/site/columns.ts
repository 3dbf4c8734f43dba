/** On a narrow screen the columns of the public site scroll sideways: the current one is brought into sight. */
export function showCurrentColumn(root: ParentNode): void {
  const current = root.querySelector<HTMLElement>(".ox-public-nav [aria-current]");
  const list = current?.closest<HTMLElement>(".ox-public-nav");
  if (!current || !list || list.scrollWidth <= list.clientWidth) return;
  // Not scrollIntoView: that would move the page as well.
  const offset = current.getBoundingClientRect().left - list.getBoundingClientRect().left + list.scrollLeft;
  list.scrollLeft = offset - (list.clientWidth - current.offsetWidth) / 2;
}
