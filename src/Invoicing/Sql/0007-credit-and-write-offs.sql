-- Credit of one invoice that was used for another, and what the exchange bears of what will not be paid.
alter table invoicing.invoice add column offsets bigint not null default 0;          -- cents; below zero where credit left
alter table invoicing.invoice add column written_off bigint not null default 0;      -- cents
alter table invoicing.party_invoice add column offsets bigint not null default 0;
alter table invoicing.party_invoice add column written_off bigint not null default 0;
