-- What was put to Stripe and what came of it. No read model: Stripe's ids stand only here, so they are never dropped.
create table exchange.stripe_customer (
  account text primary key,                 -- the PI
  id      text not null unique              -- 'cus_…'
);

create table exchange.stripe_invoice (
  number   text    primary key,             -- 'PI-2026-0001'
  attempt  int     not null default 1,      -- a draft that was cut short is deleted, and made again under other keys
  id       text    unique,                  -- 'in_…'; null while it is not known whether Stripe has it
  state    text    not null default 'begun', -- begun, open, void, elsewhere
  credited bigint  not null default 0,      -- cents of credit notes that Stripe knows of
  pay_at   text                             -- the page on which the PI pays
);

create table exchange.stripe_payment (
  id             text        primary key,   -- 'inpay_…'
  number         text        not null,      -- the invoice
  payment_intent text,                      -- 'pi_…': what a refund names
  cents          bigint      not null
);

create table exchange.stripe_event (
  id      text        primary key,          -- 'evt_…': each counts once
  type    text        not null,
  created timestamptz not null,
  taken   timestamptz not null,
  outcome text        not null,             -- done, ignored, refused
  why     text        not null
);

create table exchange.stripe_listed (       -- events up to here were listed; one row
  only_one boolean     primary key default true check (only_one),
  until    timestamptz not null
);
