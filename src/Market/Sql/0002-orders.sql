-- additive
-- Orders as lists show them; disposable, built from the journal.
create table market.customer_order (
  id        text        primary key,   -- 'O-7F3K2M9Q'
  quote     text        not null,
  part      int         not null,
  project   text        not null,
  pi        text        not null,
  payer     text,                      -- who subsidizes the PI and has to approve
  landlord  text        not null,
  cluster   text        not null,
  starts    timestamptz not null,
  ends      timestamptz not null,
  cents     bigint      not null,      -- before funds
  state     text        not null,      -- waiting, approved, rejected, canceled, fulfilled
  awaits    text        not null,      -- whose approval is missing: 'pi payer landlord'
  because   text,                      -- a reason, or the reference of what was given
  placed_at timestamptz not null
);

create index order_of_pi on market.customer_order (pi, placed_at);
create index order_of_landlord on market.customer_order (landlord, placed_at);
create index order_of_payer on market.customer_order (payer, placed_at);
