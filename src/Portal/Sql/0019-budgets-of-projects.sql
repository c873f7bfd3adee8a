-- A budget may be of one project: 'cluster/project', empty for everything.
alter table exchange.budget add column project text not null default '';
alter table exchange.budget drop constraint budget_pkey;
alter table exchange.budget add primary key (pi, project);
