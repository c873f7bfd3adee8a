-- Invoices and their lines, for lists and for what was billed so far; disposable, built from the journal.
create table invoicing.invoice (
  id          text   primary key,   -- '2026-10:ada@bu.edu'
  month       text   not null,
  account     text   not null,      -- the PI, or 'suspense'
  institution text,
  number      text unique,          -- null while a draft
  status      text   not null,      -- draft, issued, paid, void
  lines       int    not null,
  total       bigint not null,      -- cents, before any fund
  balance     bigint not null,      -- cents that the exchange is owed by PI and subsidies
  owed        bigint not null,      -- cents that the PI owes
  paid        bigint not null,
  due         date,
  issued_at   timestamptz
);

create index invoice_account on invoicing.invoice (account, month);
create index invoice_month on invoicing.invoice (month, account);

create table invoicing.line (
  invoice       text    not null references invoicing.invoice (id),
  place         int     not null,   -- from 1, as the invoice lists it
  account       text    not null,
  service_month text    not null,   -- of the usage; before the invoice's month for an adjustment
  charge_id     text    not null,
  landlord      text    not null,
  service       text    not null,
  cluster       text    not null,
  project       text    not null,
  project_name  text    not null,
  sku           text    not null,
  quantity      numeric not null,
  unit          text    not null,
  rate          numeric not null,
  cents         bigint  not null,
  funds         jsonb   not null,
  sheet         text    not null,
  adjusts       text,
  avoided       bigint,
  from_at       timestamptz not null,
  to_at         timestamptz not null,
  primary key (invoice, place)
);

create index line_service_month on invoicing.line (service_month, account);
create index line_charge on invoicing.line (charge_id);

create table invoicing.settlement (
  landlord text   not null,
  month    text   not null,
  gross    bigint not null,
  share    bigint not null,
  lines    int    not null,
  drawn_at timestamptz not null,
  primary key (month, landlord)
);

-- The general ledger: debits above zero, credits below; the cents of one position add up to nothing.
create table invoicing.posting (
  position  bigint not null,        -- of the entry in the journal
  account   text   not null,
  cents     bigint not null,
  reference text   not null,
  what      text   not null,
  at        timestamptz not null,
  primary key (position, account)
);

create index posting_account on invoicing.posting (account, at);
