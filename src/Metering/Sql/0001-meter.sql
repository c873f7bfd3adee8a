-- The truth: blocks of readings as they were taken, chained by their hashes. Rows are never updated or deleted.
create table metering.block (
  number   bigint primary key,  -- 1, 2, 3 … without gaps; handed out under the lock on metering.head
  hash     bytea  not null,     -- sha-256 over the hash before, the number and the stored body
  readings int    not null,
  body     bytea  not null      -- deflated lines of JSON, one reading a line
);

-- The end of the chain. Whoever takes readings or folds locks this row until commit.
create table metering.head (
  one    boolean primary key default true check (one),
  number bigint  not null,
  hash   bytea   not null
);

insert into metering.head (number, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Every reading once, for ever: the index of (source, id), and of the readings of a resource. Rebuilt from blocks.
create table metering.reading (
  key      bytea  primary key,  -- first 16 bytes of sha-256 over source and id
  block    bigint not null,
  resource text   not null,
  line     text   not null
);

create index reading_resource on metering.reading (resource);

-- Resources with readings that are not folded yet.
create table metering.dirty (
  resource text primary key
);

create table metering.segment (
  landlord text        not null,
  cluster  text        not null,
  resource text        not null,
  project  text        not null,
  from_at  timestamptz not null,
  to_at    timestamptz,          -- null while nothing has ended it
  state    text        not null,
  shape    text        not null,
  primary key (resource, from_at)
);

create index segment_project on metering.segment (project, from_at);
create index segment_cluster on metering.segment (landlord, cluster, from_at);

create table metering.daily_total (
  landlord text    not null,
  cluster  text    not null,
  resource text    not null,
  project  text    not null,
  meter    text    not null,
  day      date    not null,
  quantity numeric not null,
  primary key (resource, project, meter, day)
);

-- What could not be understood, as it came. The same text sent again is the same row.
create table metering.quarantine (
  key      bytea       primary key,
  reason   text        not null,
  why      text        not null,
  source   text        not null,
  id       text        not null,
  landlord text,
  text     text        not null,
  at       timestamptz not null
);
