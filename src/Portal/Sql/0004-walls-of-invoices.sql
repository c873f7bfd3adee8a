-- The second wall for what was billed: a PI reads their own invoices, a landlord their own settlements, finance all.
grant usage on schema invoicing to exchange_viewer;
grant select on invoicing.invoice, invoicing.line, invoicing.settlement, invoicing.posting to exchange_viewer;

alter table invoicing.invoice enable row level security;
alter table invoicing.line enable row level security;
alter table invoicing.settlement enable row level security;
alter table invoicing.posting enable row level security;

create policy own on invoicing.invoice for select to exchange_viewer using (
  account = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on invoicing.line for select to exchange_viewer using (
  account = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on invoicing.settlement for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on invoicing.posting for select to exchange_viewer using (
  (select current_setting('exchange.sees', true)) = 'money');
