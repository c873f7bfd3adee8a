-- What PIs mean to spend a month at most; built from the journal.
create table exchange.budget (
  pi    text   primary key,
  cents bigint not null
);

grant select on exchange.budget to exchange_viewer;
alter table exchange.budget enable row level security;

create policy own on exchange.budget for select to exchange_viewer using (
  pi = (select nullif(current_setting('exchange.pi', true), ''))
  or (select current_setting('exchange.sees', true)) = 'money');
