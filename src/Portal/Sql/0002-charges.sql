-- Charges as pages and the API show them: of an open month as last rated, of a closed one as billed.
-- Disposable: the job that rates the open months writes them again.
create table exchange.charge (
  month        text    not null,  -- '2026-10'
  id           text    not null,  -- as Rating names it
  landlord     text    not null,
  service      text    not null,
  cluster      text    not null,
  project      text    not null,
  project_name text    not null,
  pi           text    not null,  -- '' while nobody answers for the project
  institution  text    not null,  -- '' while unknown
  sku          text    not null,
  quantity     numeric not null,
  unit         text    not null,
  rate         numeric not null,
  cents        bigint  not null,
  avoided      bigint,            -- egress: what public list prices would have taken, in cents
  sheet        text    not null,
  from_at      timestamptz not null,
  to_at        timestamptz not null,
  primary key (month, id)
);

create index charge_pi on exchange.charge (month, pi, id);
create index charge_landlord on exchange.charge (month, landlord, id);
create index charge_project on exchange.charge (month, project, id);

-- The same money by day, for charts: a charge is spread over its days in proportion to its use, to the cent.
create table exchange.day (
  month    text   not null,
  day      date   not null,
  landlord text   not null,
  service  text   not null,
  pi       text   not null,
  cents    bigint not null,
  primary key (month, pi, landlord, service, day)
);

-- Sums over many charges that first pages show, so that no first page adds up a month.
create table exchange.sold (
  month    text   not null,
  landlord text   not null,
  service  text   not null,
  sku      text   not null,
  quantity numeric not null,
  unit     text   not null,
  cents    bigint not null,
  avoided  bigint not null,
  charges  bigint not null,
  projects bigint not null,
  primary key (month, landlord, service, sku, unit)
);

-- When each month was last written, and whether for good.
create table exchange.rated (
  month    text primary key,
  rated_at timestamptz not null,
  closed   boolean not null,
  charges  bigint not null,
  cents    bigint not null,
  unpriced bigint not null,
  basis    text   not null   -- how far the meter and the journal were read; '' once closed
);

create table exchange.landlord_day (
  month    text   not null,
  landlord text   not null,
  service  text   not null,
  day      date   not null,
  cents    bigint not null,
  primary key (month, landlord, service, day)
);
