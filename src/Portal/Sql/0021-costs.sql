-- What the explorer of costs adds up; written with the charges of a month, and as disposable as they are.

-- How each charge lies over the days of its month, by use: shares of any scale, one a day.
create table exchange.charge_day (
  month    text  not null,
  id       text  not null,
  pi       text  not null,
  landlord text  not null,
  weights  int[] not null,
  primary key (month, id, pi)
);

-- What each fund pays of each charge: of a closed month as billed, of an open one as its close would reckon it now.
create table exchange.credit (
  month        text   not null,
  id           text   not null,  -- of the charge
  pi           text   not null,
  fund         text   not null,
  payer        text   not null,
  landlord     text   not null,
  service      text   not null,
  cluster      text   not null,
  project      text   not null,
  project_name text   not null,
  institution  text   not null,
  sku          text   not null,
  cents        bigint not null,  -- above zero: it takes so much from what the PI owes
  weights      int[]  not null,
  primary key (month, id, pi, fund, payer)
);

create index credit_pi on exchange.credit (month, pi);
create index credit_payer on exchange.credit (month, payer);

-- The same money without projects and PIs: few rows a month, however many charges there are.
create table exchange.cost_sum (
  month        text      not null,
  usage_month  text      not null,
  class        text      not null,  -- usage, correction, credit
  landlord     text      not null,
  service      text      not null,
  cluster      text      not null,
  institution  text      not null,
  sku          text      not null,
  fund         text      not null,  -- '' of a charge
  payer        text      not null,
  unit         text      not null,  -- '' of a credit
  quantity     numeric   not null,
  cents        bigint    not null,  -- a credit is below zero
  day_cents    bigint[]  not null,
  day_quantity numeric[] not null,
  primary key (month, landlord, service, cluster, institution, sku, unit, fund, payer, usage_month, class)
);

-- From what the credits of a month were reckoned: the same basis gives the same credits.
create table exchange.credited (
  month text primary key,
  basis text not null
);

grant select on exchange.charge_day, exchange.credit, exchange.cost_sum to exchange_viewer;
alter table exchange.charge_day enable row level security;
alter table exchange.credit enable row level security;
alter table exchange.cost_sum enable row level security;

create policy own on exchange.charge_day for select to exchange_viewer using (
  landlord = (select nullif(current_setting('exchange.landlord', true), ''))
  or pi = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

-- Who pays for a customer is no landlord's business.
create policy own on exchange.credit for select to exchange_viewer using (
  pi = (select nullif(current_setting('exchange.pi', true), ''))
  or payer = (select nullif(current_setting('exchange.payer', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on exchange.cost_sum for select to exchange_viewer using (
  (landlord = (select nullif(current_setting('exchange.landlord', true), '')) and fund = '')
  or payer = (select nullif(current_setting('exchange.payer', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

-- What was written of months before lacks these: an unknown basis has it written again.
update exchange.rated set basis = '-';
