/** 情景分析题: a situation to read (drawn by the page as the item's material), then one letter as in a single choice. */
export { kind } from "./single";
