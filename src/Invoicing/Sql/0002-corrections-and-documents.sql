-- What happened to invoices after they were issued, the month of each posting, and drawn documents.
-- The read models are emptied and their checkpoint goes back to the start: they are built again from the journal.
truncate invoicing.invoice, invoicing.line, invoicing.settlement, invoicing.posting;
delete from journal.checkpoint where projection = 'invoicing.invoice';

alter table invoicing.invoice add column credited bigint not null default 0;   -- cents, by credit notes
alter table invoicing.invoice add column document text;                        -- the hash of the PDF, once drawn

create table invoicing.credit (
  number  text   primary key,       -- 'CN-2026-0001'
  invoice text   not null references invoicing.invoice (id),
  cents   bigint not null,
  reason  text   not null,
  at      timestamptz not null
);

alter table invoicing.posting add column month text not null;   -- of the close, or of the day of a payment
create index posting_month on invoicing.posting (month, position);

-- Bytes of issued documents under their SHA-256, which stands in the journal. No read model: never dropped.
create table invoicing.document (
  sha256   text  primary key,
  number   text  not null,
  pdf      bytea not null,
  drawn_at timestamptz not null
);
