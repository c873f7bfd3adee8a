-- Whose answers are kept: the landlord of a key, else the person or key. What was kept before this lasts for a day.
alter table exchange.answered add column owner text not null default '';

create index answered_owner on exchange.answered (owner);
