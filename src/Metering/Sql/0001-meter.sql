-- The truth: blocks of readings as they were taken, chained by their hashes. Rows are never updated or deleted.
create table metering.block (
  number     bigint primary key,  -- 1, 2, 3 … without gaps; handed out under the lock on metering.head
  hash       bytea  not null,     -- sha-256 over the hash before and everything else in the row
  readings   int    not null,
  from_us    bigint not null,     -- when the earliest reading begins, in microseconds since 1970
  to_us      bigint not null,     -- when the latest ends; the largest number there is where a state is in the block
  first_name int    not null,     -- how many names there were before this block
  names      bytea  not null,     -- the names that came first in this block; mostly none
  body       bytea  not null,     -- the columns, compressed
  ids        bytea  not null      -- UUIDs, sixteen bytes each
);

-- They are compressed already, or random.
alter table metering.block alter names set storage external, alter body set storage external,
  alter ids set storage external;

create index block_names on metering.block (number) where names <> '';

-- The end of the chain. Whoever takes readings locks this row until commit.
create table metering.head (
  one     boolean primary key default true check (one),
  number  bigint not null,
  hash    bytea  not null,
  secret  bytea  not null,  -- under which readings are fingerprinted
  flushed bigint not null,  -- up to which block the fingerprints are in runs
  epoch   bigint not null   -- how often the runs were made anew
);

insert into metering.head (number, hash, secret, flushed, epoch)
values (0, decode(repeat('00', 32), 'hex'), decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), 0, 0);

-- Fingerprints of (source, id) of the readings of some hundred blocks, to know a reading that comes again for ever.
-- Made from the blocks; what may be in a run is looked for in its page, and then in the block itself.
create table metering.key_run (
  first  bigint primary key,  -- its first block
  last   bigint not null,
  filter bytea  not null      -- a Bloom filter: says of most readings that they are not in the run
);

create table metering.key_page (
  run  bigint not null references metering.key_run on delete cascade,
  page int    not null,  -- the first 11 bits of the fingerprint
  body bytea  not null,  -- words of eight bytes: the next 48 bits, and the block counted from the first of the run
  primary key (run, page)
);

alter table metering.key_run alter filter set storage external;
alter table metering.key_page alter body set storage external;

-- What the readings of 256 resources come to: run-length claims and daily totals, compressed. Made from the blocks.
create table metering.page (
  number int   primary key,  -- of the resources by their numbers
  body   bytea not null
);

alter table metering.page alter body set storage external;

-- In which pages to look for a project ('p'), a landlord ('l') or a cluster ('c').
create table metering.place (
  kind "char" not null,
  name text   not null,
  page int    not null,
  primary key (kind, name, page)
);

-- Up to which block the pages are folded. Whoever folds locks this row until commit.
create table metering.folded (
  one    boolean primary key default true check (one),
  number bigint not null
);

insert into metering.folded (number) values (0);

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
