-- The first answers to requests that carried an idempotency key, kept for a day. Not a read model: nothing is lost with it.
create table exchange.answered (
  actor   text  not null,
  key     text  not null,
  request bytea not null,  -- SHA-256 of what was asked
  status  int   not null,
  type    text  not null,
  body    bytea not null,
  at      timestamptz not null default now(),
  primary key (actor, key)
);

create index answered_at on exchange.answered (at);
