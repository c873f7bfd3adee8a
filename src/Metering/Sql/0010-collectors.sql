-- How far each collector has read. Readings are durable before the position moves, so what is read again after a
-- crash is recognised as a duplicate.
create table metering.collector (
  name         text   primary key,
  kind         text   not null,
  landlord     text   not null,
  cluster      text,
  position     text,                       -- where to go on, in the collector's own words; null before the first
  read_until   timestamptz,                -- everything that the source said before this instant was taken
  waiting      bigint,                     -- how much the source still holds; null when it cannot be told
  accepted     bigint not null default 0,
  duplicate    bigint not null default 0,
  quarantined  bigint not null default 0,
  ignored      bigint not null default 0,  -- records that say nothing about usage
  tried_at     timestamptz,
  succeeded_at timestamptz,
  failures     int    not null default 0,  -- in a row; 0 after a success
  why          text                        -- what the last failure said
);

-- Times of which a source had nothing to say although it should have, and numbers of bundles that never came.
create table metering.collector_gap (
  collector  text not null,
  from_at    timestamptz not null,
  to_at      timestamptz not null,
  noticed_at timestamptz not null,
  primary key (collector, from_at)
);

-- Files that a collector has taken whole, by what is in them.
create table metering.collected_file (
  collector text  not null,
  sha256    bytea not null,
  file      text  not null,
  read_at   timestamptz not null,
  primary key (collector, sha256)
);
