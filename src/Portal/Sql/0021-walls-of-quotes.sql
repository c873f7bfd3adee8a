-- The second wall for quotes and agreements: their two parties and finance see them, and nobody else.
grant usage on schema market to exchange_viewer;
grant select on market.quote to exchange_viewer;

alter table market.quote enable row level security;

create policy own on market.quote for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or pi = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');
