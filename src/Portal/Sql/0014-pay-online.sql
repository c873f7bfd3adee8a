-- Whoever sees an invoice sees where it can be paid: the inner select goes through the policy of invoices.
grant select on exchange.stripe_invoice to exchange_viewer;
alter table exchange.stripe_invoice enable row level security;
create policy own on exchange.stripe_invoice for select to exchange_viewer using (
  number in (select number from invoicing.invoice));
