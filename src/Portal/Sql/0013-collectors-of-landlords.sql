-- A landlord sees how far the collectors of its own services are.
grant usage on schema metering to exchange_viewer;
grant select on metering.collector to exchange_viewer;

alter table metering.collector enable row level security;

create policy own on metering.collector for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or (select current_setting('exchange.sees', true)) = 'machines');
