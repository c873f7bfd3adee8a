-- Invoices to institutions, payers and prepaid groups; disposable, built from the journal.
create table invoicing.party_invoice (
  number    text   primary key,    -- 'IN-2026-0001', 'PY-…' to payers, 'PG-…' to prepaid groups
  month     text   not null,
  kind      text   not null,       -- institution, payer, group
  party     text   not null,
  status    text   not null,       -- issued, paid, void
  lines     int    not null,
  total     bigint not null,       -- cents
  owed      bigint not null,       -- cents that the party owes; nothing of a group, which paid before
  paid      bigint not null,
  due       date   not null,
  issued_at timestamptz not null
);

create index party_invoice_month on invoicing.party_invoice (month, number);

create table invoicing.party_line (
  invoice       text   not null references invoicing.party_invoice (number),
  place         int    not null,
  pi            text   not null,
  what          text   not null,   -- the project, or the fund
  code          text,              -- the institution's customer code
  service_month text   not null,
  cents         bigint not null,
  primary key (invoice, place)
);
