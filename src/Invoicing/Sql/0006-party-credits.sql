-- What the exchange bears of what parties owe, by credit notes.
-- The read models are emptied and their checkpoint goes back to the start: they are built again from the journal.
truncate invoicing.party_invoice, invoicing.party_line;
delete from journal.checkpoint where projection = 'invoicing.party_invoice';

alter table invoicing.party_invoice add column credited bigint not null default 0;   -- cents, by credit notes

create table invoicing.party_credit (
  number  text   primary key,       -- 'CN-2026-0001'
  invoice text   not null references invoicing.party_invoice (number),
  cents   bigint not null,
  reason  text   not null,
  at      timestamptz not null
);
