-- Which invoices of PIs an invoice to an institution took, and in which month an invoice to a party was taken back: an
-- export of a month reads what is of that month. The read models go back to the start: they are built again from the
-- journal.
truncate invoicing.invoice, invoicing.line, invoicing.voided_line, invoicing.credit, invoicing.settlement,
  invoicing.posting, invoicing.party_invoice, invoicing.party_line, invoicing.party_credit;
delete from journal.checkpoint where projection in ('invoicing.invoice', 'invoicing.party_invoice');

create table invoicing.taken (
  number  text not null,            -- 'IN-2026-0001'
  invoice text not null,            -- '2026-10:ada@bu.edu'
  primary key (number, invoice)
);

alter table invoicing.party_invoice add column voided_in text;
create index party_invoice_voided on invoicing.party_invoice (voided_in) where voided_in is not null;
