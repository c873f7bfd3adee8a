-- The second wall for orders: the PI, the payer of a subsidy, the landlord and finance see them.
grant select on market.customer_order to exchange_viewer;

alter table market.customer_order enable row level security;

create policy own on market.customer_order for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or pi = (select nullif(current_setting('exchange.pi', true), ''))
  or payer = (select nullif(current_setting('exchange.payer', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');
