-- What was written of a month, as a hash of each table: whoever changes a row is found.
alter table exchange.rated add column digests jsonb not null default '{}';

-- What was written before has none: an unknown basis has it written again.
update exchange.rated set basis = '-';
