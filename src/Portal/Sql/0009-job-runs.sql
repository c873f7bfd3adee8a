-- Each run of a job: when it was due, how far it is or what came of it. The schedule itself is in the tables of Quartz.
create table exchange.job_run (
  job        text        not null,
  due        timestamptz not null,         -- of the schedule, or when somebody asked for it
  started_at timestamptz not null,
  ended_at   timestamptz,                  -- null while it runs, or when it died
  is_done    boolean,                      -- false when it failed or was refused
  said       text        not null,         -- its progress, then its result
  attempts   int         not null,
  primary key (job, due)
);
