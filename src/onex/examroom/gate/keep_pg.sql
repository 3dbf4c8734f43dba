-- The path of an answer on PostgreSQL. One statement is one transaction (the connection is in autocommit).
-- The attempt is taken `for share skip locked`: whoever is changing it (hand-in, extra time, take-over) is not waited
-- for, its lines are answered "retry" and their neighbours commit.

-- name: keep
with clock as materialized (
  select (extract(epoch from clock_timestamp()) * 1000)::bigint as now
),
seat as materialized (
  select ask.n, a.id, ask.sign_in, a.sign_in = ask.sign_in as is_current, a.handed_in_at, a.closes_at,
         a.closes_at + a.grace_ms as ends_at,
         coalesce((select max(x.seq) from examroom_answer x
                   where x.attempt_id = a.id and x.sign_in = ask.sign_in), 0) as last
  from unnest(%(attempts)b::uuid[], %(sign_ins)b::int[]) with ordinality as ask(attempt_id, sign_in, n)
  join examroom_attempt a on a.id = ask.attempt_id
  for share of a skip locked
),
fresh as (
  insert into examroom_answer (attempt_id, sign_in, seq, item, body, prev, hash, at, lane, batch)
  select seat.id, seat.sign_in, line.seq, line.item, line.body, line.prev, line.hash, clock.now,
         %(lane)b::uuid, %(batch)b::int
  from unnest(%(ns)b::int[], %(seqs)b::int[], %(items)b::text[], %(bodies)b::text[], %(prevs)b::bytea[],
              %(hashes)b::bytea[]) as line(n, seq, item, body, prev, hash)
  join seat on seat.n = line.n
  cross join clock
  where seat.is_current and seat.handed_in_at is null and clock.now <= seat.ends_at
    and line.seq <= seat.last + 1000
  order by seat.id, line.seq
  on conflict do nothing
  returning attempt_id, sign_in, seq, hash
),
chained as (
  insert into examroom_batch (lane, n, prev, digest, line_count, at)
  select %(lane)b::uuid, %(batch)b::int, %(prev)b::bytea,
         sha256(%(prev)b::bytea || string_agg(fresh.hash, ''::bytea order by attempt_id, sign_in, seq)),
         count(*), (select now from clock)
  from fresh
  having count(*) > 0
  returning digest
)
select seat.n, clock.now, seat.is_current, seat.handed_in_at, seat.closes_at, seat.ends_at, seat.last,
       coalesce(counted.kept, 0), (select digest from chained)
from seat
cross join clock
left join (select attempt_id, count(*) as kept from fresh group by attempt_id) counted on counted.attempt_id = seat.id

-- name: odd
-- A second look at requests of which not every line was new: what is stored under these numbers, what came too late.
with clock as materialized (
  select (extract(epoch from clock_timestamp()) * 1000)::bigint as now
),
old as materialized (
  select line.*, kept.hash as kept_hash, kept.at as kept_at, late.hash as late_hash
  from unnest(%(ns)b::int[], %(attempts)b::uuid[], %(sign_ins)b::int[], %(seqs)b::int[], %(items)b::text[],
              %(bodies)b::text[], %(prevs)b::bytea[], %(hashes)b::bytea[], %(lates)b::bool[])
       as line(n, attempt_id, sign_in, seq, item, body, prev, hash, is_late)
  left join examroom_answer kept using (attempt_id, sign_in, seq)
  left join examroom_answerlate late using (attempt_id, sign_in, seq)
),
clashed as (
  insert into examroom_answerconflict (attempt_id, sign_in, seq, item, body, prev, hash, at)
  select attempt_id, sign_in, seq, item, body, prev, hash, (select now from clock)
  from old
  where coalesce(kept_hash, late_hash) <> hash
  order by attempt_id, sign_in, seq
  on conflict do nothing
),
set_apart as (
  insert into examroom_answerlate (attempt_id, sign_in, seq, item, body, prev, hash, at)
  select attempt_id, sign_in, seq, item, body, prev, hash, (select now from clock)
  from old
  where is_late and kept_hash is null and late_hash is null
  order by attempt_id, sign_in, seq
  on conflict do nothing
  returning attempt_id, sign_in, seq
)
select old.n, old.seq, old.kept_hash = old.hash, old.kept_at,
       coalesce(old.late_hash = old.hash, case when set_apart.seq is not null then true end)
from old
left join set_apart using (attempt_id, sign_in, seq)

-- name: hand_in
-- The seat and the attempt are taken together or not at all, so a hand-in never waits for anybody.
with clock as materialized (
  select (extract(epoch from clock_timestamp()) * 1000)::bigint as now
),
seat as materialized (
  select ask.n, a.id, a.sign_in = ask.sign_in as is_current, a.opened_at, a.closes_at, a.grace_ms, a.hand_in_from,
         a.handed_in_at,
         ask.seq = 0 or exists (select from examroom_answer x
                                where x.attempt_id = a.id and x.sign_in = ask.sign_in and x.seq = ask.seq) as has_seq
  from unnest(%(attempts)b::uuid[], %(sign_ins)b::int[], %(seqs)b::int[]) with ordinality
       as ask(attempt_id, sign_in, seq, n)
  join examroom_attempt a on a.id = ask.attempt_id
  join examroom_candidate c on c.id = a.candidate_id
  for no key update of a, c skip locked
),
done as (
  update examroom_attempt a
  set handed_in_at = clock.now
  from seat, clock
  where a.id = seat.id and seat.is_current and seat.has_seq and seat.handed_in_at is null
    and clock.now >= seat.hand_in_from and clock.now <= seat.closes_at + seat.grace_ms
  returning a.id, a.candidate_id
),
told as (
  update examroom_candidate c set version = version + 1 where c.id in (select candidate_id from done)
)
select seat.n, clock.now, seat.is_current, seat.opened_at, seat.closes_at, seat.grace_ms, seat.hand_in_from,
       case when done.id is null then seat.handed_in_at else clock.now end, seat.has_seq
from seat
cross join clock
left join done on done.id = seat.id

-- name: changed
select c.id
from unnest(:candidates::uuid[], :versions::int[]) as asked(id, version)
join examroom_candidate c on c.id = asked.id
where c.version > asked.version

-- name: seen
insert into examroom_presence (candidate_id, seen_at)
select asked.id, {now}
from unnest(:candidates::uuid[]) as asked(id)
where exists (select from examroom_candidate c where c.id = asked.id)
on conflict (candidate_id) do update set seen_at = excluded.seen_at
