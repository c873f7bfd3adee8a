-- What of a settlement goes to those whose hardware the landlord sells.
-- The read models are emptied and their checkpoint goes back to the start: they are built again from the journal.
truncate invoicing.invoice, invoicing.line, invoicing.credit, invoicing.settlement, invoicing.posting;
delete from journal.checkpoint where projection = 'invoicing.invoice';

alter table invoicing.settlement add column hardware bigint not null;   -- cents
