-- The second wall for which addresses are one person's: that person and finance see them.
grant select on invoicing.alias to exchange_viewer;

alter table invoicing.alias enable row level security;

create policy own on invoicing.alias for select to exchange_viewer using (
  person = (select nullif(current_setting('exchange.pi', true), ''))
  or alias = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');
