-- Jobs that somebody starts or stops by hand, and mail, on pages of operators and finance.
alter table exchange.job_run
  add column asked_by      text not null default '',  -- '': the schedule
  add column stop_asked_by text not null default '';  -- whoever wants it to end before it is done

grant select on exchange.job_run, exchange.outbox to exchange_viewer;
grant select on invoicing.party_invoice, invoicing.party_line to exchange_viewer;

alter table exchange.job_run enable row level security;
alter table exchange.outbox enable row level security;
alter table invoicing.party_invoice enable row level security;
alter table invoicing.party_line enable row level security;

create policy own on exchange.job_run for select to exchange_viewer using (
  (select current_setting('exchange.sees', true)) in ('money', 'machines'));

create policy own on exchange.outbox for select to exchange_viewer using (
  (select current_setting('exchange.sees', true)) in ('money', 'machines'));

create policy own on invoicing.party_invoice for select to exchange_viewer using (
  (kind = 'payer' and party = (select nullif(current_setting('exchange.payer', true), '')))
  or (select current_setting('exchange.sees', true)) = 'money');

-- Whoever sees an invoice sees its lines: the inner select goes through the policy above.
create policy own on invoicing.party_line for select to exchange_viewer using (
  invoice in (select number from invoicing.party_invoice));
