/** Drops the parts of Tabler that OneX draws itself or has no use for: a third of the style sheet. */
import { splitTop } from "./staticColours.ts";

const FAMILIES = [
  "navbar", "bg-pattern", "bg-gradient", "btn-ghost", "switch-icon", "ribbon", "form-imagecheck", "form-selectgroup",
  "form-colorinput", "form-floating", "card-gradient", "carousel", "offcanvas", "popover", "bs-popover", "tooltip", "bs-tooltip",
  "toast", "nav-segmented", "calendar", "steps", "step-item", "tracking", "apexcharts", "litepicker", "ts-", "flag", "payment",
  "jvm", "noUi", "dropzone", "tox", "fslightbox", "plyr", "star-rating", "signature", "social", "chat", "theme-",
];
const BRANDS = "x|facebook|twitter|linkedin|google|youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler";
const UNUSED = new RegExp(`\\.(${FAMILIES.join("|")})|\\.[a-z-]*-(${BRANDS})(?![\\w])|\\[data-vc`);
const BRAND_VARIABLE = new RegExp(`--tblr-(${BRANDS})(-[a-z0-9-]+)?:[^;}]*;?`, "g");

/** The style sheet without the unused families; selectors that only share a rule with them stay. */
export function prune(css: string): string {
  const rules = css.replace(/([^{};]+)\{([^{}]*)\}/g, (all, selector: string) => {
    if (!UNUSED.test(selector)) return all;
    const kept = splitTop(selector).filter((one) => !UNUSED.test(one));
    return kept.length > 0 ? all.replace(selector, kept.join(",")) : "";
  });
  return rules.replace(BRAND_VARIABLE, "");
}
