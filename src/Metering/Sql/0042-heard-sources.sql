-- additive
-- When each source was heard, by who brought its readings: a key, a collector, or files. Of a key or a collector
-- at most some hundred sources are told apart.
create table metering.heard (
  landlord text   not null,
  reporter text   not null,              -- 'key:ID', 'collector:NAME' or 'files'
  source   text   not null,              -- '' for those above the bound, together
  first_at timestamptz not null,
  at       timestamptz not null,         -- last heard, to a quarter of a minute
  mark_at  timestamptz not null,         -- when the last gap was noted
  gaps     bigint[] not null default '{}', -- the last times between, in seconds, of which the interval is learned
  primary key (landlord, reporter, source)
);
