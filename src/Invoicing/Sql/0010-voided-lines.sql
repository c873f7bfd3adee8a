-- Lines of void invoices: the month that billed them still tells them, and the month in which they were taken back tells
-- them again with the opposite sign. The read models go back to the start: they are built again from the journal.
truncate invoicing.invoice, invoicing.line, invoicing.credit, invoicing.settlement, invoicing.posting;
delete from journal.checkpoint where projection = 'invoicing.invoice';

create table invoicing.voided_line (
  like invoicing.line,
  voided_in text not null,          -- the month in which the invoice was taken back
  primary key (invoice, place)
);

create index voided_line_month on invoicing.voided_line (voided_in);

-- What each month tells: what its invoices billed, and what was taken back in it.
create view invoicing.told_line as
select i.month as told_in, 1 as sign, l.* from invoicing.line l join invoicing.invoice i on i.id = l.invoice
union all
select i.month, 1, v.invoice, v.place, v.account, v.service_month, v.charge_id, v.landlord, v.service, v.cluster,
  v.project, v.project_name, v.sku, v.quantity, v.unit, v.rate, v.cents, v.funds, v.sheet, v.adjusts, v.avoided,
  v.from_at, v.to_at
from invoicing.voided_line v join invoicing.invoice i on i.id = v.invoice
union all
select v.voided_in, -1, v.invoice, v.place, v.account, v.service_month, v.charge_id, v.landlord, v.service, v.cluster,
  v.project, v.project_name, v.sku, v.quantity, v.unit, v.rate, v.cents, v.funds, v.sheet, v.adjusts, v.avoided,
  v.from_at, v.to_at
from invoicing.voided_line v;
