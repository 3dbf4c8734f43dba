/** What the candidate is told when the server says no: our own sentence for a known code, else the server's. */
import { Refusal, Silence } from "./gate";
import { t } from "./i18n";
import type { Notice } from "./room";

export function sentenceOf(failure: unknown, where: "sign-in" | "room" = "room"): string {
  if (failure instanceof Silence) return t("暂时连不上考场服务器，请稍候再试。如果持续如此，请举手告知监考员。");
  if (!(failure instanceof Refusal)) return t("本机出现意外情况，请刷新页面；作答已保存，不会丢失。");
  switch (failure.code) {
    case "unknown_seat": return t("准考证号或座位码不正确，请对照准考证和座位上的标签再输入一次。");
    case "seat_taken": return t("该考生已在另一台机器登录。需要换机时请举手，由监考员允许换机后再登录。");
    case "not_yet": return where === "sign-in" ? t("还没有到签到时间，请在座位上稍候，过几分钟再登录。") : t("还没有到开考时间，请稍候。");
    case "too_late": return t("已超过最晚入场时间，不能开始本部分考核，请举手联系监考员。");
    case "not_admitted": return t("监考员还没有核验放行，请在座位上稍候。");
    case "barred": return t("未参加理论考核，不能参加实训考核。");
    case "slow_down": return t("尝试次数过多，请在 {n} 秒后再试，或举手告知监考员。", { n: Math.ceil(failure.retryAfterMs / 1000) });
    case "too_early": return t("还没有到可以交卷的时间，请继续检查作答。");
    case "behind": return t("有作答还没有全部送达考场服务器，请稍候再交卷。");
    case "closed": return t("本部分已经收卷。");
    case "not_current": return t("本座位已在另一台机器继续作答。");
    case "busy": return t("考场服务器正忙，正在排队，请稍候。");
    default: break;
  }
  if (failure.status === 503 || failure.status === 429) return t("考场服务器正忙，正在排队，请稍候。");
  return failure.message || t("考场服务器没有接受这次操作（{code}），请举手告知监考员。", { code: failure.code });
}

export function noticeText(notice: Notice): string {
  const n = notice.n ?? 0;
  switch (notice.kind) {
    case "granted": return t("监考员为你增加了 {n} 分钟，剩余时间已更新。", { n });
    case "shortened": return t("收卷时间提前了 {n} 分钟，剩余时间已更新。", { n });
    case "left": return n === 1 ? t("距离收卷还有 1 分钟。到时自动收卷，作答不会丢失。") : t("距离收卷还有 {n} 分钟。", { n });
    case "aside": return t("有 {n} 道题在另一台机器上有更新的作答，已采用较新的作答，请核对。", { n });
    case "storage": return t("这台机器不能可靠地保存作答，请保持联网、不要刷新或关闭页面，并举手告知监考员。");
  }
}
