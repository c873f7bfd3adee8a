-- The second wall for what all invoices of a month come to: finance alone sees it.
grant select on invoicing.billed_month to exchange_viewer;

alter table invoicing.billed_month enable row level security;

create policy own on invoicing.billed_month for select to exchange_viewer using (
  (select current_setting('exchange.sees', true)) = 'money');
