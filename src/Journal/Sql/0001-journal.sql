-- The journal: every event of every stream, in the order it was committed. Rows are never updated or deleted.
create table journal.event (
  position bigint      primary key,  -- 1, 2, 3 … without gaps; handed out under the lock on journal.head
  stream   text        not null,
  version  bigint      not null,     -- place in its stream, from 0
  type     text        not null,     -- 'invoice-issued/1'
  body     text        not null,     -- the JSON as it was written; hashed, so kept as text and not as jsonb
  at       timestamptz not null,
  hash     bytea       not null      -- sha-256 over the hash before, position, stream, version, at, type and body
);

create unique index event_stream_version on journal.event (stream, version);

-- The end of the chain. Whoever appends locks this row until commit, so positions commit in their own order.
create table journal.head (
  one      boolean primary key default true check (one),
  position bigint not null,
  hash     bytea  not null
);

insert into journal.head (position, hash) values (0, decode(repeat('00', 32), 'hex'));

-- How far each projection has read.
create table journal.checkpoint (
  projection text   primary key,
  position   bigint not null
);
