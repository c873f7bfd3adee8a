-- People whose address and name were erased: what stands for them, and by what the address is known again where an older
-- copy of the journal is put back. The address itself is nowhere in these tables.
create table journal.erased (
  token text        primary key,   -- 'p-…@erased.invalid'
  salt  bytea       not null,      -- random
  hash  bytea       not null,      -- sha-256 over the salt and the address in lower case
  at    timestamptz not null
);

-- What readers are shown of events that hold an erased person. What was appended, and its hash, stay as they are.
create table journal.shown_event (
  seq_id bigint primary key,       -- no foreign key: verify tells what has none
  body   bytea  not null,
  who    text
);

-- Streams whose stored name holds an erased person, by the name under which they are read and written from then on. Who
-- comes back under the same address begins streams of their own: they are stored under the name with '~2' behind it.
create table journal.shown_stream (
  shown  text primary key,
  stored text not null unique
);

create function journal.stored_name(name text) returns text language sql stable as $$
  select coalesce((select stored from journal.shown_stream where shown = name), name)
$$;

drop view journal.event;
create view journal.event as
select link.position, coalesce(named.shown, stored.stream_id::text) as stream, stored.version - 1 as version,
       stored.type::text as type, convert_from(coalesce(shown.body, stored.bdata), 'UTF8') as body,
       stored.timestamp as at, link.hash,
       case when shown.seq_id is null then stored.user_name::text else shown.who end as who,
       stored.headers ->> 'command' as command, stored.correlation_id::text as correlation
from journal.link
join journal.mt_events as stored using (seq_id)
left join journal.shown_event as shown using (seq_id)
left join journal.shown_stream as named on named.stored = stored.stream_id;
