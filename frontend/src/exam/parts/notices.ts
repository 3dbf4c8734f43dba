/** Sentences under the head: offline, time left, time granted. Read out once, politely; nothing jumps. */
import { h, icon, replace } from "../dom";
import { t } from "../i18n";
import type { Room } from "../room";
import { noticeText } from "../sentences";
import type { Part } from "./head";

export function notices(room: Room, titleOf: (item: string) => string): Part {
  const element = h("div", { class: "notices", role: "status", "aria-live": "polite", "data-test": "notices" });
  let drawn = "";
  const update = (): void => {
    const save = room.save();
    const lines: { id: string; tone: string; text: string; closes: boolean }[] = [];
    if (room.offline) lines.push({ id: "offline", tone: "calm", closes: false, text: save.durability === "disk"
      ? t("考场网络暂时中断，请继续作答：作答都存在本机，网络恢复后自动送达。")
      : t("考场网络暂时中断，请继续作答，不要刷新或关闭页面：网络恢复后自动送达。") });
    if (save.stuck.length > 0) {
      lines.push({ id: "stuck", tone: "warn", closes: false, text: t("{items}的作答没有被考场服务器接受，请重新作答这道题；如仍出现请举手。", { items: [...new Set(save.stuck)].map(titleOf).join("、") }) });
    }
    for (const notice of room.notices) lines.push({ id: notice.id, tone: notice.tone, text: noticeText(notice), closes: true });
    const key = JSON.stringify(lines);
    if (key === drawn) return;
    drawn = key;
    replace(element, lines.map((line) => h("div", { class: `notice notice-${line.tone}`, "data-notice": line.id },
      icon(line.tone === "warn" ? "warn" : line.id === "offline" ? "disk" : "clock"),
      h("p", {}, line.text),
      line.closes && h("button", { type: "button", class: "icon-button", "aria-label": t("知道了，收起这条提示"), onclick: () => room.dismiss(line.id) }, icon("close")))));
  };
  update();
  return { element, update };
}
