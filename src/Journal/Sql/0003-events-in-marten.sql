-- Events and streams are Marten's; their order, their hashes and the end of the chain are ours.

-- Where each event stands among all, from 1 without gaps, and its link of the hash chain. Marten's own numbers
-- (seq_id) have gaps where a transaction was given up.
create table journal.link (
  position bigint primary key,
  seq_id   bigint not null unique,  -- no foreign key: it would look each one up again, and verify tells all of them
  hash     bytea  not null
);

-- Events of before are taken over: every position, version, time and hash as it was.
insert into journal.mt_streams (id, version, timestamp, created)
select stream, count(*),
       max(at) filter (where version = newest), max(at) filter (where version = 0)
from (select stream, version, at, max(version) over (partition by stream) as newest from journal.event) as of_stream
group by stream;

insert into journal.mt_events
  (seq_id, id, stream_id, version, data, bdata, type, timestamp, mt_dotnet_type, headers)
select position, encode(substring(hash from 1 for 16), 'hex')::uuid, stream, version + 1, '{}',
       convert_to(body, 'UTF8'), type, at, 'Exchange.Journal.StoredEvent, Exchange.Journal', 'null'
from journal.event
order by position;

insert into journal.link (position, seq_id, hash)
select position, position, hash from journal.event order by position;

select setval('journal.mt_events_sequence', position) from journal.head where position > 0;

drop table journal.event;

-- A stream's times are those of its first and its newest event, so that they can be checked like everything else:
-- Marten would take them from the clock of the database. Whoever appends says the time for its transaction.
create function journal.stream_times() returns trigger language plpgsql as $$
begin
  new.timestamp := coalesce(nullif(current_setting('journal.at', true), '')::timestamptz, new.timestamp);
  if tg_op = 'INSERT' then
    new.created := new.timestamp;
  end if;
  return new;
end $$;

create trigger stream_times before insert or update of version on journal.mt_streams
for each row execute function journal.stream_times();

-- Events as they are read: in their order, as the text that was written.
create view journal.event as
select link.position, stored.stream_id::text as stream, stored.version - 1 as version, stored.type::text as type,
       convert_from(stored.bdata, 'UTF8') as body, stored.timestamp as at, link.hash,
       stored.user_name::text as who, stored.headers ->> 'command' as command,
       stored.correlation_id::text as correlation
from journal.link
join journal.mt_events as stored using (seq_id);

