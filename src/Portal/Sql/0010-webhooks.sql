-- Where somebody wants to be told, and what they are told. 'webhook' and 'webhook_delivery' are built from the journal
-- and may be dropped and built again; what became of a delivery, and secrets, are not: no replay clears them.
create table exchange.webhook (
  id         text primary key,
  url        text not null,
  landlord   text,                 -- null: of the exchange itself
  events     text[] not null,
  created_at timestamptz not null,
  removed_at timestamptz
);

create table exchange.webhook_delivery (
  webhook  text   not null,
  position bigint not null,        -- of the event in the journal
  event    text   not null,
  body     text   not null,        -- as it is sent and signed
  primary key (webhook, position)
);

create table exchange.webhook_outcome (
  webhook   text        not null,
  position  bigint      not null,
  attempts  int         not null default 0,
  next_at   timestamptz not null,
  done_at   timestamptz,
  why       text        not null default '',  -- what the last attempt was answered
  primary key (webhook, position)
);

create index webhook_outcome_due on exchange.webhook_outcome (next_at) where done_at is null;

-- Signing needs the secret itself. No page reads this table: nothing here is granted.
create table exchange.webhook_secret (
  webhook text primary key,
  secret  text not null
);

grant select on exchange.webhook, exchange.webhook_delivery, exchange.webhook_outcome to exchange_viewer;
alter table exchange.webhook enable row level security;
alter table exchange.webhook_delivery enable row level security;
alter table exchange.webhook_outcome enable row level security;

create policy own on exchange.webhook for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or (landlord is null and (select current_setting('exchange.sees', true)) = 'money'));

-- Whoever sees a webhook sees what it was told: the inner select goes through the policy above.
create policy own on exchange.webhook_delivery for select to exchange_viewer using (
  webhook in (select id from exchange.webhook));

create policy own on exchange.webhook_outcome for select to exchange_viewer using (
  webhook in (select id from exchange.webhook));
