/* The load generator of the exam gate: one thread and epoll, saving answers as candidates' pages do.
 *
 *   gen chain < LINES                 hash chains, for the tests
 *   gen run --port P --work FILE …    drive a gate; the words are in README.md
 *
 * It is written in C because a Python one would eat the cores that it measures. It keeps its own account of every
 * acknowledgement (attempt, seq, hash as the server said it), so that somebody else can look for them on disk.
 */
#ifndef __linux__
#error "The load generator needs Linux: it stands on epoll and timerfd."
#endif
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define HEX 64              /* characters of a hash */
#define LINES_MAX 3         /* lines in one save */
#define SECOND 1000000000LL /* times are nanoseconds of the monotonic clock */
#define NEVER INT64_MAX
#define PATIENCE (30 * SECOND) /* a request unanswered for so long is a failure */
#define DRAIN (5 * SECOND)     /* how long the last replies may take */
#define FILES_BESIDE 32        /* descriptors that are not connections */

static const char FIRST[HEX + 1] = "0000000000000000000000000000000000000000000000000000000000000000";

/* Stop with one clear sentence, in English when the terminal is. */
static void fail(const char *chinese, const char *english, ...)
{
    const char *locale = getenv("LC_ALL") ? getenv("LC_ALL") : getenv("LANG");
    va_list values;
    va_start(values, english);
    fputs("✗ ", stderr);
    vfprintf(stderr, locale && strncasecmp(locale, "en", 2) == 0 ? english : chinese, values);
    fputc('\n', stderr);
    exit(2);
}

static void *claim(void *old, size_t size)
{
    void *got = realloc(old, size);
    if (!got) fail("内存不足。", "out of memory.");
    return got;
}

static int64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

/* xorshift64*: good enough to scatter saves, the same for the same --seed. */
static uint64_t seed = 1;
static uint32_t random_below(uint32_t bound)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 2685821657736338717ULL >> 32) % bound);
}

/* --- SHA-256 (FIPS 180-4) ---------------------------------------------------------------------------------------- */

struct sha { uint32_t state[8]; uint64_t size; uint8_t block[64]; };

static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void sha_block(struct sha *s, const uint8_t *in)
{
    uint32_t w[64], a = s->state[0], b = s->state[1], c = s->state[2], d = s->state[3];
    uint32_t e = s->state[4], f = s->state[5], g = s->state[6], h = s->state[7];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)in[4 * i] << 24 | (uint32_t)in[4 * i + 1] << 16 | (uint32_t)in[4 * i + 2] << 8 | in[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t low = rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t high = rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
        uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i];
        uint32_t s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
        uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    s->state[0] += a, s->state[1] += b, s->state[2] += c, s->state[3] += d;
    s->state[4] += e, s->state[5] += f, s->state[6] += g, s->state[7] += h;
}

static void sha_begin(struct sha *s)
{
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->state, initial, sizeof initial);
    s->size = 0;
}

static void sha_add(struct sha *s, const void *data, size_t size)
{
    const uint8_t *in = data;
    size_t held = s->size % 64;
    s->size += size;
    if (held) {
        size_t part = size < 64 - held ? size : 64 - held;
        memcpy(s->block + held, in, part);
        if (held + part < 64) return;
        sha_block(s, s->block);
        in += part;
        size -= part;
    }
    for (; size >= 64; in += 64, size -= 64) sha_block(s, in);
    memcpy(s->block, in, size);
}

static void sha_end(struct sha *s, char hex[HEX + 1])
{
    static const char digit[] = "0123456789abcdef";
    uint64_t bits = s->size * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha_add(s, "\x80", 1);
    while (s->size % 64 != 56) sha_add(s, "", 1);
    sha_add(s, length, 8);
    for (int i = 0; i < 32; i++) {
        uint8_t byte = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
        hex[2 * i] = digit[byte >> 4];
        hex[2 * i + 1] = digit[byte & 15];
    }
    hex[HEX] = 0;
}

/* docs/exam-room.md, "A line". `hash` and `prev` may be the same buffer. */
static void line_hash(char hash[HEX + 1], const char *prev, const char *attempt, int sign_in, uint32_t seq,
                      const char *item, const char *body)
{
    struct sha s;
    char numbers[32];
    int width = snprintf(numbers, sizeof numbers, "\n%d\n%u\n", sign_in, seq);
    sha_begin(&s);
    sha_add(&s, prev, HEX);
    sha_add(&s, "\n", 1);
    sha_add(&s, attempt, strlen(attempt));
    sha_add(&s, numbers, (size_t)width);
    sha_add(&s, item, strlen(item));
    sha_add(&s, "\n", 1);
    sha_add(&s, body, strlen(body));
    sha_end(&s, hash);
}

/* --- the work file: answers that may be given, attempts with their tokens ----------------------------------------- */

struct answer { char *item, *body, *json; };
struct attempt { char *id, *token; int sign_in; uint32_t seq; char head[HEX + 1]; bool is_over; };

static struct answer *answers;
static struct attempt *attempts;
static uint32_t answer_count, attempt_count;

static char *field(char **rest)
{
    char *found = strsep(rest, "\t");
    if (!found || !*found) fail("工作文件有一行不完整。", "a line of the work file is incomplete.");
    return found;
}

/* JSON text as it stands inside a JSON string: bodies hold no control characters. */
static char *escaped(const char *text)
{
    char *out = claim(NULL, 2 * strlen(text) + 1), *end = out;
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') *end++ = '\\';
        *end++ = *text;
    }
    *end = 0;
    return out;
}

static void read_work(const char *name)
{
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (!file) fail("工作文件 %s 打不开。", "cannot open the work file %s.", name);
    while ((size = getline(&line, &room, file)) > 0) {
        if (line[size - 1] == '\n') line[size - 1] = 0;
        char *rest = line, *kind = field(&rest);
        if (strcmp(kind, "answer") == 0) {
            answers = claim(answers, (answer_count + 1) * sizeof *answers);
            struct answer *a = answers + answer_count++;
            a->item = strdup(field(&rest));
            a->body = strdup(field(&rest));
            a->json = escaped(a->body);
        } else {
            attempts = claim(attempts, (attempt_count + 1) * sizeof *attempts);
            struct attempt *a = attempts + attempt_count++;
            a->id = strdup(field(&rest));
            a->sign_in = atoi(field(&rest));
            a->seq = (uint32_t)atoi(field(&rest));
            memcpy(a->head, FIRST, sizeof a->head);
            char *head = field(&rest);
            if (strlen(head) != HEX) fail("工作文件有一行不完整。", "a line of the work file is incomplete.");
            memcpy(a->head, head, HEX);
            a->token = strdup(field(&rest));
            a->is_over = false;
        }
    }
    free(line);
    fclose(file);
    if (!answer_count || !attempt_count) fail("工作文件没有试题或答卷。", "the work file has no answers or attempts.");
}

/* --- what a run is, and what it has seen -------------------------------------------------------------------------- */

static struct {
    int port, log, latencies;
    uint32_t connections, saves;
    double warm_up, seconds, tail, rate;
    bool is_patient;
} ask = {.log = -1, .latencies = -1, .connections = 64, .seconds = 8};

enum phase { WARMING, MEASURING, TRAILING, DRAINING };
static enum phase phase = WARMING;
static int64_t began, measured_from = NEVER, measured_to = NEVER, phase_ends;

static struct {
    uint64_t saves, lines, acknowledged, all_saves;
    uint64_t busy, partial, refused, failed, broken, wrong, unanswered;
} seen;

static uint32_t *latency; /* microseconds */
static size_t latency_count, latency_room;
static uint8_t *pending_log;
static size_t pending_size, pending_room;

static void note_latency(int64_t intended, int64_t now)
{
    if (latency_count == latency_room) {
        latency_room = latency_room ? 2 * latency_room : 1 << 16;
        latency = claim(latency, latency_room * sizeof *latency);
    }
    int64_t microseconds = (now - intended) / 1000;
    latency[latency_count++] = microseconds > UINT32_MAX ? UINT32_MAX : (uint32_t)microseconds;
}

static void write_all(int file, const void *data, size_t size)
{
    for (const char *at = data; size;) {
        ssize_t done = write(file, at, size);
        if (done <= 0) fail("记录文件写不进去：%s。", "cannot write a record: %s.", strerror(errno));
        at += done;
        size -= (size_t)done;
    }
}

static int nibble(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

/* One acknowledged line: attempt's place in the work file, seq, hash as the server named it. */
static void note_acknowledged(uint32_t attempt, uint32_t seq, const char *hex)
{
    if (pending_size + 40 > pending_room) pending_log = claim(pending_log, pending_room = 2 * pending_room + 4096);
    memcpy(pending_log + pending_size, &attempt, 4);
    memcpy(pending_log + pending_size + 4, &seq, 4);
    for (int i = 0; i < 32; i++)
        pending_log[pending_size + 8 + i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    pending_size += 40;
    seen.acknowledged++;
}

/* --- connections: each is one page, with one request on its way --------------------------------------------------- */

struct line { uint32_t seq, answer; char prev[HEX + 1], hash[HEX + 1]; bool is_kept; };
enum state { IDLE, SENDING, READING, WAITING, GONE };

struct connection {
    int fd, line_count, broken;
    enum state state;
    uint32_t number, attempt, next_own, turn, due; /* `turn`: saves begun; `due`: saves that should have gone */
    struct line lines[LINES_MAX];
    char *out, *in;
    size_t out_size, out_sent, out_room, in_size, in_room;
    int64_t intended, sent_at, wake_at;
};

static struct connection *connections;
static uint32_t busy_count, gone_count; /* requests on their way or waiting; connections with nothing left to do */
static int64_t next_wake = NEVER;
static int events_of;

static void put(struct connection *c, const char *text, size_t size)
{
    if (c->out_size + size > c->out_room) c->out = claim(c->out, c->out_room = 2 * c->out_room + size + 2048);
    memcpy(c->out + c->out_size, text, size);
    c->out_size += size;
}

static void put_format(struct connection *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put_format(struct connection *c, const char *format, ...)
{
    char text[2048];
    va_list values;
    va_start(values, format);
    int size = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (size < 0 || (size_t)size >= sizeof text) fail("请求过长。", "a request is too long.");
    put(c, text, (size_t)size);
}

/* The request as Chrome 109 on a school's machine sends it, with the lines that are not kept yet. */
static void write_request(struct connection *c)
{
    static char *body;
    static size_t room;
    const struct attempt *a = attempts + c->attempt;
    size_t size = 0, needed = 128;
    for (int i = 0; i < c->line_count; i++) {
        const struct answer *given = answers + c->lines[i].answer;
        needed += 256 + strlen(given->item) + strlen(given->json);
    }
    if (needed > room) body = claim(body, room = 2 * needed);
    size = (size_t)sprintf(body, "{\"attempt\":\"%s\",\"lines\":[", a->id);
    bool is_first = true;
    for (int i = 0; i < c->line_count; i++) {
        const struct line *line = c->lines + i;
        if (line->is_kept) continue;
        size += (size_t)sprintf(body + size, "%s{\"seq\":%u,\"item\":\"%s\",\"body\":\"%s\",\"prev\":\"%s\",\"hash\":\"%s\"}",
                                is_first ? "" : ",", line->seq, answers[line->answer].item, answers[line->answer].json,
                                line->prev, line->hash);
        is_first = false;
    }
    size += (size_t)sprintf(body + size, "]}");
    c->out_size = c->out_sent = 0;
    put_format(c, "POST /gate/keep HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: keep-alive\r\nContent-Length: %zu\r\n",
               ask.port, size);
    put_format(c, "sec-ch-ua: \"Not_A Brand\";v=\"99\", \"Google Chrome\";v=\"109\", \"Chromium\";v=\"109\"\r\n"
                  "sec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Windows\"\r\n"
                  "User-Agent: Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                  "Chrome/109.0.0.0 Safari/537.36\r\n"
                  "Content-Type: application/json\r\nAccept: */*\r\nOrigin: http://127.0.0.1:%d\r\n"
                  "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
                  "Referer: http://127.0.0.1:%d/exam/\r\nAccept-Encoding: gzip, deflate, br\r\n"
                  "Accept-Language: zh-CN,zh;q=0.9\r\n", ask.port, ask.port);
    put_format(c, "Authorization: Bearer %s\r\n\r\n", a->token);
    put(c, body, size);
}

static void hang_up(struct connection *c)
{
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->in_size = 0;
}

static void leave(struct connection *c)
{
    if (c->state == SENDING || c->state == READING || c->state == WAITING) busy_count--;
    if (c->state != GONE) gone_count++;
    hang_up(c);
    c->state = GONE;
}

static void wake_later(struct connection *c, int64_t at)
{
    c->state = WAITING;
    c->wake_at = at;
    if (at < next_wake) next_wake = at;
}

/* The server is gone, or has closed the connection in the middle of a request: the same lines are sent again. */
static void broke(struct connection *c, int64_t now)
{
    bool was_asking = c->state == SENDING || c->state == READING;
    hang_up(c);
    if (!was_asking) return;
    if (phase == TRAILING && now < phase_ends) phase_ends = now; /* whoever watches has ended the server */
    if (phase >= TRAILING && ask.tail > 0) {
        leave(c);
        return;
    }
    seen.broken++;
    if (++c->broken > 20 && !ask.is_patient) fail("考场服务器没有回应。", "the server does not answer.");
    wake_later(c, now + SECOND / 5);
}

static void flush(struct connection *c, int64_t now)
{
    while (c->state == SENDING && c->out_sent < c->out_size) {
        ssize_t done = send(c->fd, c->out + c->out_sent, c->out_size - c->out_sent, MSG_NOSIGNAL);
        if (done < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
        if (done < 0) {
            broke(c, now);
            return;
        }
        c->out_sent += (size_t)done;
    }
    if (c->state == SENDING) c->state = READING;
}

static void send_request(struct connection *c, int64_t now)
{
    c->state = SENDING;
    c->out_sent = 0;
    c->sent_at = now;
    if (c->fd < 0) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)ask.port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int on = 1;
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (c->fd < 0) fail("打不开连接：%s。", "cannot open a connection: %s.", strerror(errno));
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = c->number};
        epoll_ctl(events_of, EPOLL_CTL_ADD, c->fd, &event);
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0) {
            if (errno != EINPROGRESS) broke(c, now);
            return; /* the loop says when it may be written */
        }
    }
    flush(c, now);
}

/* The next save of this page: one to three fresh lines of one of its attempts. */
static void begin_save(struct connection *c, int64_t intended, int64_t now)
{
    uint32_t own = (attempt_count - c->number + ask.connections - 1) / ask.connections, tried = 0;
    do {
        c->attempt = c->number + (c->next_own++ % own) * ask.connections;
    } while (attempts[c->attempt].is_over && ++tried < own);
    struct attempt *a = attempts + c->attempt;
    if (a->is_over) {
        leave(c);
        return;
    }
    c->turn++;
    c->line_count = 1 + (int)random_below(LINES_MAX);
    for (int i = 0; i < c->line_count; i++) {
        struct line *line = c->lines + i;
        line->seq = ++a->seq;
        line->answer = random_below(answer_count);
        line->is_kept = false;
        memcpy(line->prev, a->head, sizeof line->prev);
        line_hash(a->head, line->prev, a->id, a->sign_in, line->seq, answers[line->answer].item,
                  answers[line->answer].body);
        memcpy(line->hash, a->head, sizeof line->hash);
    }
    c->intended = intended;
    busy_count++;
    write_request(c);
    send_request(c, now);
}

static int64_t intended_of(const struct connection *c, uint64_t turn)
{
    return began + (int64_t)((double)(c->number + turn * ask.connections) / ask.rate * (double)SECOND);
}

static bool is_in_window(int64_t at) { return at >= measured_from && at < measured_to; }

static bool may_begin(void)
{
    return phase != DRAINING && (!ask.saves || seen.all_saves + busy_count < ask.saves);
}

/* Idle again: in the open loop what became due meanwhile goes next, counted from when it should have gone. */
static void next_save(struct connection *c, int64_t now)
{
    busy_count--;
    c->state = IDLE;
    c->broken = 0;
    if (!may_begin()) return;
    if (ask.rate <= 0) begin_save(c, now, now);
    else if (c->due) {
        c->due--;
        begin_save(c, intended_of(c, c->turn), now);
    }
}

/* --- replies ------------------------------------------------------------------------------------------------------ */

static const char *after(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    if (!at) return NULL;
    for (at += strlen(name); *at == ' ' || *at == ':'; at++) {}
    return at;
}

/* Marks the lines that the reply names as kept with their own hash; returns how many are still missing. */
static int mark_kept(struct connection *c, const char *body)
{
    const char *at = after(body, "\"kept\"");
    int missing = 0;
    for (at = at && *at == '[' ? at + 1 : NULL; at && *at && *at != ']';) {
        const char *end = strchr(at, '}'), *seq = after(at, "\"seq\""), *hash = after(at, "\"hash\"");
        if (!end || !seq || !hash || seq > end || hash > end || *hash != '"') break;
        uint32_t number = (uint32_t)strtoul(seq, NULL, 10);
        bool is_ours = false;
        for (int i = 0; i < c->line_count; i++) {
            struct line *line = c->lines + i;
            if (line->is_kept || line->seq != number || strncmp(line->hash, hash + 1, HEX) != 0) continue;
            line->is_kept = is_ours = true;
            note_acknowledged(c->attempt, number, line->hash);
        }
        if (!is_ours) seen.wrong++;
        at = end + 1;
        if (*at == ',') at++;
    }
    for (int i = 0; i < c->line_count; i++) missing += !c->lines[i].is_kept;
    return missing;
}

static void show_first(int status, const char *body)
{
    static int shown;
    if (shown++ < 3) fprintf(stderr, "! %d %.300s\n", status, body);
}

static void over(struct connection *c, int64_t now)
{
    attempts[c->attempt].is_over = true;
    next_save(c, now);
}

static void replied(struct connection *c, int status, int retry_after, const char *body, int64_t now)
{
    if (status == 200 || status == 202) {
        int missing = mark_kept(c, body);
        if (!missing) {
            seen.all_saves++;
            if (is_in_window(now)) {
                seen.saves++;
                seen.lines += (uint64_t)c->line_count;
            }
            if (is_in_window(ask.rate > 0 ? c->intended : now)) note_latency(c->intended, now);
            next_save(c, now);
            return;
        }
        const char *retry = after(body, "\"retry\"");
        if (status == 200 || !retry || strncmp(retry, "[]", 2) == 0) {
            seen.failed++;
            show_first(status, body);
            over(c, now);
            return;
        }
        seen.partial++;
        write_request(c);
        wake_later(c, now + SECOND / 20);
    } else if (status == 503) {
        seen.busy++;
        wake_later(c, now + (retry_after > 0 ? retry_after : 1) * SECOND);
    } else {
        if (status == 409) seen.refused++;
        else seen.failed++;
        show_first(status, body);
        over(c, now);
    }
}

static const char *header(const char *head, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = strstr(head, "\r\n"); at; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, name, size) == 0 && at[2 + size] == ':') {
            for (at += 3 + size; *at == ' '; at++) {}
            return at;
        }
    return NULL;
}

/* Whether a whole reply has arrived; if so it is dealt with. */
static bool took_reply(struct connection *c, int64_t now)
{
    c->in[c->in_size] = 0;
    char *body = strstr(c->in, "\r\n\r\n");
    if (!body) return false;
    *body = 0;
    const char *length = header(c->in, "content-length"), *retry = header(c->in, "retry-after");
    const char *word = strchr(c->in, ' '), *closing = header(c->in, "connection");
    if (!length || !word) fail("考场服务器的回应没有长度。", "a reply has no content-length.");
    size_t size = strtoul(length, NULL, 10), head = (size_t)(body - c->in) + 4;
    if (c->in_size < head + size) {
        *body = '\r';
        return false;
    }
    int status = atoi(word), seconds = retry ? atoi(retry) : 0;
    bool is_last = closing && strncasecmp(closing, "close", 5) == 0;
    c->in_size = 0;
    if (is_last) hang_up(c);
    replied(c, status, seconds, body + 4, now);
    return true;
}

static void receive(struct connection *c, int64_t now)
{
    while (c->fd >= 0) {
        if (c->in_size + 4096 > c->in_room) c->in = claim(c->in, c->in_room = 2 * c->in_room + 8192);
        ssize_t got = recv(c->fd, c->in + c->in_size, c->in_room - c->in_size - 1, 0);
        if (got < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
        if (got <= 0) {
            broke(c, now);
            return;
        }
        c->in_size += (size_t)got;
        if (c->state == READING) took_reply(c, now);
        else c->in_size = 0; /* nothing was asked: the server says farewell */
    }
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t is_asked_to_stop;
static void ask_to_stop(int signal)
{
    (void)signal;
    is_asked_to_stop = 1;
}

static void tell(const char *word)
{
    puts(word);
    fflush(stdout);
}

static void begin_draining(int64_t now)
{
    phase = DRAINING;
    phase_ends = now + DRAIN;
}

static void advance(int64_t now)
{
    if (phase == WARMING && now >= phase_ends) {
        phase = MEASURING;
        measured_from = now;
        measured_to = phase_ends = now + (int64_t)(ask.seconds * (double)SECOND);
        tell("measuring");
    }
    if (phase == MEASURING && (now >= phase_ends || is_asked_to_stop || (ask.saves && seen.all_saves >= ask.saves))) {
        if (now < measured_to) measured_to = now;
        phase = TRAILING;
        phase_ends = now + (int64_t)(ask.tail * (double)SECOND);
        tell("measured");
    }
    if (phase == TRAILING && (now >= phase_ends || is_asked_to_stop)) begin_draining(now);
    if (phase == WARMING && is_asked_to_stop) begin_draining(now);
}

/* Requests on their way, and saves that should have gone, belong to the latencies however late they are. */
static void count_unanswered(int64_t now)
{
    if (ask.rate <= 0) return;
    for (uint32_t i = 0; i < ask.connections; i++) {
        struct connection *c = connections + i;
        if (c->state != IDLE && c->state != GONE && is_in_window(c->intended)) {
            note_latency(c->intended, now);
            seen.unanswered++;
        }
        for (uint32_t j = 0; j < c->due; j++)
            if (is_in_window(intended_of(c, c->turn + j))) {
                note_latency(intended_of(c, c->turn + j), now);
                seen.unanswered++;
            }
    }
}

static void wake_sleepers(int64_t now)
{
    next_wake = now + SECOND; /* a look at everybody each second finds the requests that nobody answers */
    for (uint32_t i = 0; i < ask.connections; i++) {
        struct connection *c = connections + i;
        if (c->state == WAITING && phase == DRAINING) leave(c);
        else if (c->state == WAITING && c->wake_at <= now) send_request(c, now);
        else if (c->state == WAITING && c->wake_at < next_wake) next_wake = c->wake_at;
        else if ((c->state == SENDING || c->state == READING) && now - c->sent_at > PATIENCE) broke(c, now);
    }
}

static void run(void)
{
    struct epoll_event events[512];
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    events_of = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event of_timer = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    epoll_ctl(events_of, EPOLL_CTL_ADD, timer, &of_timer);
    connections = claim(NULL, ask.connections * sizeof *connections);
    memset(connections, 0, ask.connections * sizeof *connections);
    for (uint32_t i = 0; i < ask.connections; i++) {
        connections[i].number = i;
        connections[i].fd = -1;
    }
    began = clock_now();
    phase_ends = began + (int64_t)(ask.warm_up * (double)SECOND);
    next_wake = began + SECOND;
    uint64_t arrivals = 0;
    int64_t now = began;
    advance(now);
    for (uint32_t i = 0; ask.rate <= 0 && i < ask.connections && may_begin(); i++)
        begin_save(connections + i, now, now);
    while (phase != DRAINING || (busy_count && now < phase_ends)) {
        int64_t arrival = NEVER;
        while (ask.rate > 0 && phase != DRAINING) {
            arrival = began + (int64_t)((double)arrivals / ask.rate * (double)SECOND);
            if (!may_begin()) arrival = NEVER;
            if (arrival > now) break;
            struct connection *c = connections + arrivals++ % ask.connections;
            if (c->state == IDLE) begin_save(c, arrival, now);
            else if (c->state != GONE) c->due++;
        }
        if (now >= next_wake) wake_sleepers(now);
        if (gone_count == ask.connections || (phase == DRAINING && !busy_count)) break;
        int64_t next = phase_ends < next_wake ? phase_ends : next_wake;
        if (arrival < next) next = arrival;
        if (next <= now) next = now + 1;
        struct itimerspec at = {.it_value = {.tv_sec = next / SECOND, .tv_nsec = next % SECOND}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
        int count = epoll_wait(events_of, events, 512, -1);
        now = clock_now();
        for (int i = 0; i < count; i++) {
            if (events[i].data.u32 == UINT32_MAX) {
                uint64_t expired;
                if (read(timer, &expired, sizeof expired) < 0) continue;
                continue;
            }
            struct connection *c = connections + events[i].data.u32;
            if (c->state == SENDING && c->fd >= 0 && events[i].events & EPOLLOUT) flush(c, now);
            if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(c, now);
        }
        if (pending_size && ask.log >= 0) write_all(ask.log, pending_log, pending_size);
        pending_size = 0;
        advance(now);
    }
    if (phase < TRAILING) tell("measured");
    count_unanswered(now);
}

static void raise_files(uint32_t needed)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < needed && limit.rlim_max >= needed) {
        limit.rlim_cur = needed;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < needed)
        fail("%u 个连接需要打开 %u 个文件，系统只允许 %lu 个：请先运行 ulimit -n %u，或减少连接数。",
             "%u connections need %u open files, the system allows %lu: run ulimit -n %u first, or use fewer connections.",
             needed - FILES_BESIDE, needed, (unsigned long)limit.rlim_cur, needed);
}

static double number(const char *name, const char *text, double least, double most)
{
    char *end;
    double value = text ? strtod(text, &end) : -1;
    if (!text || end == text || *end || !(value >= least && value <= most))
        fail("%s 应在 %.0f 与 %.0f 之间。", "%s must lie between %.0f and %.0f.", name, least, most);
    return value;
}

static int opened(const char *name)
{
    int file = name ? open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (file < 0) fail("记录文件打不开。", "cannot open a record file.");
    return file;
}

static void read_arguments(char **word)
{
    const char *work = NULL;
    for (; *word; word++) {
        const char *name = *word, *value = strcmp(name, "--patient") == 0 ? name : *++word;
        if (strcmp(name, "--patient") == 0) ask.is_patient = true;
        else if (strcmp(name, "--port") == 0) ask.port = (int)number(name, value, 1, 65535);
        else if (strcmp(name, "--connections") == 0) ask.connections = (uint32_t)number(name, value, 1, 50000);
        else if (strcmp(name, "--warm-up") == 0) ask.warm_up = number(name, value, 0, 600);
        else if (strcmp(name, "--seconds") == 0) ask.seconds = number(name, value, 0, 3600);
        else if (strcmp(name, "--tail") == 0) ask.tail = number(name, value, 0, 60);
        else if (strcmp(name, "--rate") == 0) ask.rate = number(name, value, 0, 1000000);
        else if (strcmp(name, "--saves") == 0) ask.saves = (uint32_t)number(name, value, 1, 1e9);
        else if (strcmp(name, "--seed") == 0) seed = (uint64_t)number(name, value, 1, 1e15);
        else if (strcmp(name, "--work") == 0) work = value;
        else if (strcmp(name, "--log") == 0) ask.log = opened(value);
        else if (strcmp(name, "--latencies") == 0) ask.latencies = opened(value);
        else fail("不认识的参数：%s。", "unknown argument: %s.", name);
        if (!value) break;
    }
    if (!ask.port || !work) fail("需要 --port 与 --work。", "--port and --work are needed.");
    read_work(work);
    if (ask.connections > attempt_count)
        fail("连接数不能多于答卷数 %u。", "there cannot be more connections than attempts (%u).", attempt_count);
    raise_files(ask.connections + FILES_BESIDE);
}

/* `attempt TAB sign_in TAB item TAB body` a line; a chain for each run of equal attempt and sign-in, from 64 zeros. */
static void print_chain(void)
{
    char *line = NULL, head[HEX + 1], owner[160] = "";
    size_t room = 0;
    uint32_t seq = 0;
    for (ssize_t size; (size = getline(&line, &room, stdin)) > 0;) {
        if (line[size - 1] == '\n') line[size - 1] = 0;
        char *rest = line, *attempt = field(&rest), *sign_in = field(&rest), *item = field(&rest), *body = field(&rest);
        char now[160];
        snprintf(now, sizeof now, "%.100s %.20s", attempt, sign_in);
        if (strcmp(now, owner) != 0) {
            memcpy(owner, now, sizeof owner);
            memcpy(head, FIRST, sizeof head);
            seq = 0;
        }
        line_hash(head, head, attempt, atoi(sign_in), ++seq, item, body);
        puts(head);
    }
    free(line);
}

int main(int count, char **words)
{
    struct sigaction stop = {.sa_handler = ask_to_stop}; /* no SA_RESTART: the wait ends at once */
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (count == 2 && strcmp(words[1], "chain") == 0) {
        print_chain();
        return 0;
    }
    if (count < 2 || strcmp(words[1], "run") != 0) fail("用法：gen run … 或 gen chain。", "usage: gen run … or gen chain.");
    read_arguments(words + 2);
    run();
    if (ask.latencies >= 0) write_all(ask.latencies, latency, latency_count * sizeof *latency);
    printf("{\"saves\":%lu,\"lines\":%lu,\"measured_ms\":%.3f,\"all_saves\":%lu,\"acknowledged\":%lu,\"busy\":%lu,\"partial\":%lu,\"refused\":%lu,"
           "\"failed\":%lu,\"broken\":%lu,\"wrong\":%lu,\"unanswered\":%lu}\n",
           seen.saves, seen.lines, measured_to == NEVER ? 0 : (double)(measured_to - measured_from) / 1e6,
           seen.all_saves, seen.acknowledged, seen.busy, seen.partial, seen.refused, seen.failed, seen.broken, seen.wrong,
           seen.unanswered);
    return 0;
}
