-- The path of an answer on SQLite. The writer holds the file's only write lock (begin immediate) for the whole batch,
-- so reading a seat and adding its lines is one step; `batch_digest` is computed in Python over the same order.

-- name: clock
select cast(round((julianday('now') - 2440587.5) * 86400000) as integer)

-- name: seat
select a.sign_in = :sign_in, a.handed_in_at, a.closes_at, a.closes_at + a.grace_ms,
       coalesce((select max(x.seq) from examroom_answer x
                 where x.attempt_id = a.id and x.sign_in = :sign_in), 0)
from examroom_attempt a
where a.id = :attempt

-- name: stored
select kept.hash, kept.at from examroom_answer kept
where kept.attempt_id = ? and kept.sign_in = ? and kept.seq = ?

-- name: stored_late
select late.hash from examroom_answerlate late
where late.attempt_id = ? and late.sign_in = ? and late.seq = ?

-- name: keep
insert into examroom_answer (attempt_id, sign_in, seq, item, body, prev, hash, at, lane, batch)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: clash
insert into examroom_answerconflict (attempt_id, sign_in, seq, item, body, prev, hash, at)
values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict do nothing

-- name: set_apart
insert into examroom_answerlate (attempt_id, sign_in, seq, item, body, prev, hash, at)
values (?, ?, ?, ?, ?, ?, ?, ?)

-- name: chain
insert into examroom_batch (lane, n, prev, digest, line_count, at) values (?, ?, ?, ?, ?, ?)

-- name: hand_in_seat
select a.sign_in = :sign_in, a.opened_at, a.closes_at, a.grace_ms, a.hand_in_from, a.handed_in_at,
       :seq = 0 or exists (select 1 from examroom_answer x
                           where x.attempt_id = a.id and x.sign_in = :sign_in and x.seq = :seq)
from examroom_attempt a
where a.id = :attempt

-- name: hand_in
update examroom_attempt
set handed_in_at = :now
where id = :attempt and handed_in_at is null and :now >= hand_in_from and :now <= closes_at + grace_ms
returning id

-- name: tell
update examroom_candidate set version = version + 1
where id = (select candidate_id from examroom_attempt where id = :attempt)

-- name: changed
select c.id
from json_each(:asked) asked
join examroom_candidate c on c.id = asked.key
where c.version > asked.value

-- name: seen
insert into examroom_presence (candidate_id, seen_at)
select c.id, {now} from json_each(:asked) asked join examroom_candidate c on c.id = asked.value
where true
on conflict (candidate_id) do update set seen_at = excluded.seen_at
