/**
 * A development tool, no part of the product: speaks docs/exam-room.md from memory with sample content, so that the exam
 * client can be looked at without a database. `node dev/mock-gate.mjs [port]`, then http://127.0.0.1:8777/exam/
 * (after `npx vite build --config vite.exam.config.ts`). Ticket 20260001, seat code 246810.
 * Levers: /dev?admit=1 · starts_in=SECONDS · minutes=N (of the open part) · grant=MINUTES · down=SECONDS (503) · dead=SECONDS
 * (no answer) · allow_move=1 · reset=1
 */
import { createHash, createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const PORT = Number(process.argv[2] ?? 8777);
const SHELL = fileURLToPath(new URL("../dist/exam/", import.meta.url));
const MINUTE = 60_000;
const sha = (text) => createHash("sha256").update(text).digest("hex");
const sign = (text) => createHmac("sha256", "development").update(text).digest("hex");

const SINGLE = [
  ["直播间开播前，运营人员发现补光灯使主播面部过曝。下列处理方式中最合适的是（　　）。", "调低主灯亮度并加柔光罩", "把摄像头曝光锁定到最高", "让主播远离背景墙两米以上", "关闭所有灯光只用自然光"],
  ["某商品详情页的“七天无理由退货”标识应当依据（　　）设置。", "店铺客服的口头约定", "商品所属类目与平台规则", "主播当场的承诺", "竞品店铺的做法"],
  ["在选品阶段，用较低毛利、较高知名度的商品为直播间带来首批观众，这类商品通常称为（　　）。", "利润款", "形象款", "引流款", "滞销款"],
  ["直播中出现消费者投诉弹幕，场控首先应当（　　）。", "立即拉黑该用户", "记录问题并私信安抚、转交客服跟进", "要求主播停止讲解", "关闭公屏评论"],
  ["GPM 指每千次观看带来的成交金额。某场直播观看 20,000 人次、成交 36,000 元，其 GPM 为（　　）元。", "1.8", "180", "1,800", "18,000"],
];
const MULTIPLE = [
  ["下列行为中，主播在讲解食品类商品时应当避免的有（　　）。", "宣称具有治疗功效", "展示生产许可证编号", "使用“全网最低”等绝对化用语", "口头承诺包装上没有的保质期", "说明贮存条件"],
  ["一场直播的复盘报告通常应包含（　　）。", "流量来源与峰值时段", "商品点击与转化数据", "主播的私人行程", "问题清单与改进责任人", "互动率与停留时长"],
];
const SCENARIO = ["读完材料后，场控下一步最应当做的是（　　）。", "立刻下架该商品并在公屏说明情况", "继续讲解，等待库存自动恢复", "让主播改口称活动已经结束", "请观众到其他店铺购买"];
const MATERIAL = "某农产品直播间在 20:15 上架秒杀橙子，库存 500 件。20:17 中控台显示库存为 0，但仍有观众反馈可以下单并付款成功，后台订单数为 538。\n运营核对后发现，库存同步存在约两分钟的延迟。此时公屏出现较多“能发货吗”的提问，主播正准备进入下一款商品的讲解。";
const options = (texts) => texts.map((text, at) => ({ id: "ABCDE"[at], text }));
const theory = {
  id: "form-theory", part: "theory", title: "直播电商（初级）理论考核",
  sections: [
    { id: "single", title: "单选题", points_each: 1, items: Array.from({ length: 30 }, (_, n) => { const [stem, ...rest] = SINGLE[n % SINGLE.length]; return { id: `S${n + 1}`, kind: "single", stem, points: 1, options: options(rest) }; }) },
    { id: "multiple", title: "多选题", points_each: 2, items: Array.from({ length: 30 }, (_, n) => { const [stem, ...rest] = MULTIPLE[n % MULTIPLE.length]; return { id: `M${n + 1}`, kind: "multiple", stem, points: 2, options: options(rest) }; }) },
    { id: "scenario", title: "情景分析题", points_each: 2, items: Array.from({ length: 5 }, (_, n) => ({ id: `C${n + 1}`, kind: "scenario", material: MATERIAL, stem: SCENARIO[0], points: 2, options: options(SCENARIO.slice(1)) })) },
  ],
};
const practical = {
  id: "form-practical", part: "practical", title: "直播电商（初级）实训考核",
  sections: [
    { id: "1", title: "直播间搭建与运维", weight: 25, items: [
      { id: "P1", kind: "form", title: "创建直播间并上架商品", points: 25, brief: "根据商品资料，在模拟后台完成直播间信息和首款商品的填写。价格以“元”为单位，可保留两位小数。",
        material: "商品：赣南脐橙 5 斤装，规格 70–75 mm，产地江西赣州，供货价 21.5 元，建议零售价 39.9 元，直播间秒杀价 29.9 元，库存 500 件，48 小时内发货，坏果包赔。",
        groups: [
          { title: "直播间信息", fields: [
            { id: "title", label: "直播标题", type: "text", max_length: 30, required: true, help: "不超过 30 个字，突出品类和利益点" },
            { id: "category", label: "主营类目", type: "choice", required: true, options: [{ id: "fresh", text: "生鲜水果" }, { id: "snack", text: "休闲零食" }, { id: "home", text: "家居日用" }] },
            { id: "notice", label: "直播预告", type: "text", max_length: 200, help: "写明开播时间、主推商品和福利" } ] },
          { title: "商品信息", fields: [
            { id: "price", label: "直播价", type: "number", unit: "元", required: true },
            { id: "stock", label: "活动库存", type: "number", unit: "件", required: true },
            { id: "ship", label: "发货时效", type: "choice", options: ["24 小时内", "48 小时内", "72 小时内", "7 天内", "15 天内", "预售 30 天", "定制发货"].map((text, at) => ({ id: `d${at}`, text })) },
            { id: "service", label: "服务承诺", type: "choices", help: "可多选，应与商品资料一致", options: [{ id: "bad", text: "坏果包赔" }, { id: "seven", text: "七天无理由退货" }, { id: "free", text: "运费险" }] } ] } ] },
    ] },
    { id: "2", title: "直播营销", weight: 45, items: [
      { id: "P2", kind: "text", title: "撰写三分钟讲解脚本", points: 25, brief: "为赣南脐橙撰写一段三分钟的讲解脚本，包含开场留人、卖点讲解、互动提问和促单四个环节。", min_chars: 300, max_chars: 800,
        criteria: [{ title: "结构完整，四个环节清楚", points: 8 }, { title: "卖点准确，与商品资料一致", points: 9 }, { title: "互动与促单话术合规", points: 8 }] },
      { id: "P3", kind: "text", title: "设计两条互动福利", points: 20, brief: "写出两条福利活动的名称、规则和口播话术。", min_chars: 100, max_chars: 400 },
    ] },
    { id: "3", title: "直播数据分析", weight: 30, items: [
      { id: "P4", kind: "sheet", title: "计算场次指标", points: 30, brief: "根据后台数据计算每场直播的转化率、客单价和 GPM。",
        columns: [{ id: "views", label: "观看人次", unit: "次", input: false }, { id: "orders", label: "成交订单", unit: "单", input: false }, { id: "gmv", label: "成交金额", unit: "元", input: false },
          { id: "rate", label: "转化率", unit: "%", input: true, decimals: 2 }, { id: "unit", label: "客单价", unit: "元", input: true, decimals: 2 }, { id: "gpm", label: "GPM", unit: "元", input: true, decimals: 1 }],
        rows: [["r1", "11 月 3 日", "18,240", "512", "20,428.80"], ["r2", "11 月 5 日", "22,960", "688", "25,524.80"], ["r3", "11 月 8 日", "9,875", "231", "8,454.60"], ["r4", "11 月 11 日", "41,300", "1,652", "57,324.40"]].map(([id, label, views, orders, gmv]) => ({ id, label, cells: { views, orders, gmv } })) },
    ] },
  ],
};

let room;
function reset() {
  const now = Date.now();
  room = {
    version: 1, admitted: false, sign_in: 0, limit: 1, starts_at: now + 20_000, down_until: 0, dead_until: 0, conflict: false,
    parts: { theory: attempt("theory", 60), practical: attempt("practical", 150) }, waiters: [],
  };
}
function attempt(part, minutes) {
  return { part, attempt: `0190aaaa-0000-7000-8000-00000000000${part === "theory" ? 1 : 2}`, form: `form-${part}`, minutes, opened_at: null, closes_at: null, handed_in_at: null, granted_ms: 0, lines: [] };
}
reset();
const changed = () => { room.version += 1; for (const wake of room.waiters.splice(0)) wake(); };
const rules = { theory_minutes: 60, practical_minutes: 150, check_in_opens_minutes: 30, latest_entry_minutes: 15, earliest_hand_in_minutes: 0, grace_seconds: 10, absent_theory_bars_practical: true };

function stateOf(one) {
  const now = Date.now();
  if (one.handed_in_at) return "handed_in";
  if (one.closes_at && now >= one.closes_at) return "closed";
  if (one.opened_at) return "open";
  const opens = opensAt(one);
  return opens && now >= opens ? "ready" : "waiting";
}
function opensAt(one) {
  if (one.part === "theory") return room.starts_at;
  const first = room.parts.theory;
  return first.handed_in_at ?? (stateOf(first) === "closed" ? first.closes_at : null);
}
const shown = (one) => ({ part: one.part, attempt: one.attempt, form: one.form, minutes: one.minutes, opens_at: opensAt(one), opened_at: one.opened_at, closes_at: one.closes_at, handed_in_at: one.handed_in_at, granted_ms: one.granted_ms, state: stateOf(one) });
const candidate = { name: "欧阳晓雯", ticket_no: "20260001", masked_id: "320***********1234", room: "第一机房", seat_no: "03" };
function state(seat, lines) {
  const parts = Object.values(room.parts);
  const reply = {
    candidate, session: { title: "2026 年第 1 次考核 · 直播电商（初级）", certificate: "直播电商", level: "初级", site: "江苏商贸职业学校", rules },
    admitted: room.admitted, current: seat === room.sign_in, version: room.version, parts: parts.map(shown), sign_in: seat,
  };
  if (!lines) return reply;
  const current = (one) => [...one.lines.reduce((map, line) => { const had = map.get(line.item); if (!had || had.sign_in < line.sign_in || (had.sign_in === line.sign_in && had.seq < line.seq)) map.set(line.item, line); return map; }, new Map()).values()];
  const last = (one) => one.lines.filter((line) => line.sign_in === seat).sort((a, b) => b.seq - a.seq)[0];
  return { ...reply, lines: Object.fromEntries(parts.map((one) => [one.part, current(one)])),
    last_seq: Object.fromEntries(parts.map((one) => [one.part, last(one)?.seq ?? 0])), last_hash: Object.fromEntries(parts.map((one) => [one.part, last(one)?.hash ?? "0".repeat(64)])) };
}

class No extends Error { constructor(status, code, message, more = {}) { super(message); Object.assign(this, { status, code, more }); } }
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async function answer(request, url) {
  const path = url.pathname.slice("/gate".length);
  const body = request.method === "POST" ? JSON.parse(await text(request)) : {};
  if (path === "/sign-in") {
    if (body.ticket_no !== candidate.ticket_no || body.seat_code !== "246810") throw new No(403, "unknown_seat", "准考证号或座位码不正确。");
    if (room.sign_in >= room.limit) throw new No(409, "seat_taken", "该座位已登录。");
    room.sign_in += 1;
    changed();
    return { token: `seat.${room.sign_in}`, candidate, admitted: room.admitted };
  }
  const seat = Number(/^Bearer seat\.(\d+)$/.exec(request.headers.authorization ?? "")?.[1] ?? 0);
  if (!seat || seat > room.sign_in) throw new No(401, "token", "登录已失效。");
  if (path === "/state") return state(seat, true);
  if (path === "/pulse") {
    if (Number(url.searchParams.get("since")) >= room.version) await new Promise((resolve) => { room.waiters.push(resolve); setTimeout(resolve, 25_000); });
    return state(seat, false);
  }
  if (path === "/event") return {};
  if (seat !== room.sign_in) throw new No(409, "not_current", "本座位已在另一台机器继续作答。", { kept: [], current: false });
  if (path === "/start") {
    const one = room.parts[body.part];
    if (!room.admitted) throw new No(409, "not_admitted", "监考员还没有放行。");
    if (!one.opened_at) {
      if (stateOf(one) !== "ready") throw new No(409, "not_yet", "还没有到时间。");
      one.opened_at = Date.now();
      one.closes_at = one.opened_at + one.minutes * MINUTE;
      changed();
    }
    return { part: shown(one) };
  }
  if (path.startsWith("/paper/")) return path.endsWith("theory") ? theory : practical;
  const one = Object.values(room.parts).find((part) => part.attempt === body.attempt);
  if (!one) throw new No(404, "not_found", "没有这场考核。");
  if (path === "/keep") {
    const reply = { kept: [], late: [], conflict: [], retry: [], bad: [], open: stateOf(one) === "open", current: true, closes_at: one.closes_at };
    const accepts = one.opened_at && !one.handed_in_at && Date.now() < one.closes_at + 10_000;
    for (const line of body.lines) {
      const same = one.lines.find((had) => had.sign_in === seat && had.seq === line.seq);
      if (line.hash !== sha([line.prev, one.attempt, seat, line.seq, line.item, line.body].join("\n"))) reply.bad.push({ seq: line.seq, why: "hash" });
      else if (same && same.hash !== line.hash) reply.conflict.push(line.seq);
      else if (!same && !accepts) reply.late.push(line.seq);
      else {
        if (!same) one.lines.push({ ...line, sign_in: seat });
        reply.kept.push({ seq: line.seq, hash: line.hash, at: Date.now(), receipt: sign(line.hash), key: "dev" });
      }
    }
    return reply;
  }
  if (path === "/hand-in") {
    const most = Math.max(0, ...one.lines.filter((line) => line.sign_in === seat).map((line) => line.seq));
    if (body.seq > most) throw new No(409, "behind", "还有作答没有送达。");
    if (!one.handed_in_at) { one.handed_in_at = Date.now(); changed(); }
    return { handed_in_at: one.handed_in_at, receipt: sign(`${one.attempt}|hand-in|${one.handed_in_at}`), key: "dev", parts: Object.values(room.parts).map(shown) };
  }
  throw new No(404, "not_found", "没有这个地址。");
}

function lever(query) {
  const now = Date.now();
  const live = Object.values(room.parts).find((one) => stateOf(one) === "open");
  if (query.has("reset")) reset();
  if (query.has("admit")) room.admitted = true;
  if (query.has("allow_move")) room.limit = room.sign_in + 1;
  if (query.has("starts_in")) room.starts_at = now + Number(query.get("starts_in")) * 1000;
  if (query.has("earliest")) rules.earliest_hand_in_minutes = Number(query.get("earliest"));
  if (query.has("minutes") && live) live.closes_at = now + Number(query.get("minutes")) * MINUTE;
  if (query.has("grant") && live) { live.closes_at += Number(query.get("grant")) * MINUTE; live.granted_ms += Number(query.get("grant")) * MINUTE; }
  if (query.has("down")) room.down_until = now + Number(query.get("down")) * 1000;
  if (query.has("dead")) room.dead_until = now + Number(query.get("dead")) * 1000;
  changed();
  return { version: room.version, lines: Object.fromEntries(Object.values(room.parts).map((one) => [one.part, one.lines.map(({ sign_in, seq, item, body }) => ({ sign_in, seq, item, body }))])) };
}

const text = (request) => new Promise((resolve, reject) => { let all = ""; request.setEncoding("utf8"); request.on("data", (piece) => { all += piece; }); request.on("end", () => resolve(all)); request.on("error", reject); });

createServer((request, response) => {
  const url = new URL(request.url, "http://dev");
  const reply = (status, body, headers = {}) => { response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", ...headers }); response.end(JSON.stringify({ ...body, now: Date.now() })); };
  if (url.pathname === "/dev") return reply(200, lever(url.searchParams));
  if (url.pathname.startsWith("/gate/")) {
    if (Date.now() < room.dead_until) return request.socket.destroy();
    if (Date.now() < room.down_until) return reply(503, { error: "busy", message: "考场服务器正忙。" }, { "Retry-After": "1" });
    answer(request, url).then((body) => reply(200, body), (failure) => (failure instanceof No
      ? reply(failure.status, { error: failure.code, message: failure.message, ...failure.more }) : reply(500, { error: "bug", message: String(failure) })));
    return undefined;
  }
  const file = normalize(join(SHELL, url.pathname.replace(/^\/exam\/?/, "") || "index.html"));
  if (!url.pathname.startsWith("/exam") || !file.startsWith(SHELL) || !existsSync(file)) { response.writeHead(404); return response.end(); }
  response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": CSP, "Cache-Control": "no-store" });
  return response.end(readFileSync(file));
}).listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}/exam/`));
