-- Until when a delivery is left to whoever sends it now. A row that was locked instead held a connection for as long as
-- its receiver thought.
alter table exchange.webhook_outcome add column taken_until timestamptz;
create index webhook_outcome_of on exchange.webhook_outcome (webhook, next_at, position) where done_at is null;
