-- A key of an institution reads what its people are charged, at every landlord, and nothing of anybody else.
alter table exchange.api_key add column institution text;

drop policy own on exchange.charge;

create policy own on exchange.charge for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or pi = (select nullif(current_setting('exchange.pi', true), ''))
  or institution = (select nullif(current_setting('exchange.institution', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');
