-- The resources of each PI that cost most in a month, and GPUs that were held, for first pages: written with the
-- charges of the month, and as disposable as they are.
create table exchange.costly (
  month        text   not null,
  pi           text   not null,
  place        int    not null,  -- 1 costs most
  landlord     text   not null,
  cluster      text   not null,
  kind         text   not null,
  subject      text   not null,
  project_name text   not null,
  charge       text   not null,  -- the charge that it has this share of
  cents        bigint not null,
  primary key (month, pi, place)
);

create table exchange.gpu_held (
  month        text    not null,
  pi           text    not null,
  landlord     text    not null,
  cluster      text    not null,
  project      text    not null,
  project_name text    not null,
  held         numeric not null,  -- hours, of each GPU
  busy         numeric,           -- hours; null where nobody measures it
  cents        bigint  not null,
  primary key (month, pi, landlord, cluster, project)
);

grant select on exchange.costly, exchange.gpu_held to exchange_viewer;

alter table exchange.costly enable row level security;
alter table exchange.gpu_held enable row level security;

create policy own on exchange.costly for select to exchange_viewer using (
  pi = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

create policy own on exchange.gpu_held for select to exchange_viewer using (
  pi = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');

-- What was written of months before lacks these: an unknown basis has it written again.
update exchange.rated set basis = '-';
