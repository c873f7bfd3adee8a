-- Which firing of the schedule a run belongs to, so that a firing that is fetched again finds its own run, and which
-- server ran it. The schedule itself is in the schema 'hangfire'; what Quartz kept of it is no longer read.
alter table exchange.job_run
  add column firing bigint,                     -- null when it was run by 'exchange jobs run'
  add column ran_on text not null default '';   -- the machine and the process
create unique index job_run_firing on exchange.job_run (job, firing);

do $$
declare of_quartz text;
begin
  for of_quartz in
    select quote_ident(table_name) from information_schema.tables
    where table_schema = 'public' and table_name like 'qrtz\_%'
  loop
    execute 'drop table public.' || of_quartz || ' cascade';
  end loop;
end $$;
