-- Mail that is to go out, and that went. No read model: that a message was sent stands only here, so it is never dropped.
create table exchange.outbox (
  id         text        primary key,       -- what it is about, as 'invoice:PI-2026-0001': each thing is told once
  message_id text        not null unique,   -- the same whenever it is sent again
  recipient  text        not null,
  subject    text        not null,
  body       text        not null,
  attached   text,                          -- the number of the document that goes with it
  queued_at  timestamptz not null,
  attempts   int         not null default 0,
  next_at    timestamptz not null,          -- not before
  sent_at    timestamptz,
  failed_at  timestamptz,                   -- refused for good
  why        text                           -- what went wrong last
);

create index outbox_due on exchange.outbox (next_at) where sent_at is null and failed_at is null;
