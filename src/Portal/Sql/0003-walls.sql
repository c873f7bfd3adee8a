-- The second wall: pages and the API read as 'exchange_viewer', and Postgres itself shows that role only the rows of
-- whoever is asking. Who that is stands in settings of the transaction: exchange.sees, .landlord, .pi, .payer.
-- A table without a grant here cannot be read by a page at all.
do $$
begin
  if not exists (select from pg_roles where rolname = 'exchange_viewer') then
    create role exchange_viewer nologin;
  end if;
  if not (select rolsuper from pg_roles where rolname = current_user) then
    grant exchange_viewer to current_user;
  end if;
exception
  when duplicate_object or unique_violation then
    null; -- Another database of this server was upgraded at the same time and made it.
  when insufficient_privilege then
    if not exists (select from pg_roles where rolname = 'exchange_viewer')
       or not pg_has_role(current_user, 'exchange_viewer', 'member') then
      raise insufficient_privilege using message = format(
        'user %s may not make the role that pages read with. Run as an administrator of the database: '
        'create role exchange_viewer nologin; grant exchange_viewer to %I', current_user, current_user);
    end if;
end $$;

grant usage on schema exchange to exchange_viewer;
grant select on exchange.charge, exchange.day, exchange.landlord_day, exchange.sold, exchange.rated, exchange.audit,
  exchange.api_key to exchange_viewer;

alter table exchange.charge enable row level security;
alter table exchange.day enable row level security;
alter table exchange.landlord_day enable row level security;
alter table exchange.sold enable row level security;
alter table exchange.audit enable row level security;
alter table exchange.api_key enable row level security;

-- Each setting is read in a sub-select, so that it is read once and not for every row.
create policy own on exchange.charge for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or pi = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on exchange.day for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or pi = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on exchange.landlord_day for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on exchange.sold for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on exchange.audit for select to exchange_viewer using (
  (select current_setting('exchange.sees', true)) in ('money', 'machines'));

create policy own on exchange.api_key for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or (select current_setting('exchange.sees', true)) = 'machines');
