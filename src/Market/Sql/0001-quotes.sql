-- additive
-- Quotes that were saved, a row for each place of a quote; disposable, built from the journal.
create table market.quote (
  id          text        not null,   -- 'Q-7F3K2M9Q'
  part        int         not null,   -- from 0
  project     text        not null,
  pi          text,                   -- who answered for the project when it was saved
  landlord    text        not null,
  cluster     text        not null,
  starts      timestamptz not null,
  ends        timestamptz not null,
  valid_until timestamptz not null,
  cents       bigint      not null,   -- of this place, before funds
  saved_at    timestamptz not null,
  accepted_at timestamptz,
  ended_from  timestamptz,
  primary key (id, part)
);

create index quote_of_pi on market.quote (pi, saved_at);
create index quote_of_landlord on market.quote (landlord, saved_at);
