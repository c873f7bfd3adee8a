-- What of an invoice is still open is one sum, written once; and what the invoices of a month come to is kept, so that a
-- page need not add up the months of years.
alter table invoicing.invoice add column open bigint not null
  generated always as (owed - paid - credited - offsets - written_off) stored;  -- cents; below zero where too much came
alter table invoicing.party_invoice add column open bigint not null
  generated always as (owed - paid - credited - offsets - written_off) stored;

create index invoice_open on invoicing.invoice (due) include (open) where status = 'issued' and open > 0;
create index party_invoice_open on invoicing.party_invoice (due) include (open) where status = 'issued' and open > 0;

create table invoicing.billed_month (
  month   text   primary key,
  issued  int    not null,          -- invoices of PIs that count
  drafts  int    not null,
  void    int    not null,
  total   bigint not null,          -- cents, before any fund
  balance bigint not null,          -- cents that the exchange is owed by PIs and subsidies
  owed    bigint not null,          -- cents that PIs owe
  open    bigint not null           -- cents that PIs have still to pay
);

insert into invoicing.billed_month
select month,
       count(*) filter (where status in ('issued', 'taken', 'paid')),
       count(*) filter (where status = 'draft'),
       count(*) filter (where status = 'void'),
       coalesce(sum(total) filter (where status <> 'void'), 0),
       coalesce(sum(balance) filter (where status <> 'void'), 0),
       coalesce(sum(owed) filter (where status in ('issued', 'taken', 'paid')), 0),
       coalesce(sum(open) filter (where status = 'issued' and open > 0), 0)
from invoicing.invoice
group by month;
