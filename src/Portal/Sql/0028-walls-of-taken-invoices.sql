-- The second wall for which invoices an institution took: who sees money sees them, to say how old what is open is.
grant select on invoicing.taken to exchange_viewer;

alter table invoicing.taken enable row level security;

create policy own on invoicing.taken for select to exchange_viewer using (
  (select current_setting('exchange.sees', true)) = 'money');
