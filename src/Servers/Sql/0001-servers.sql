-- additive
-- Which servers there are. Orleans keeps that here by the statements that it finds in orleansquery: it names what it
-- gives them and what it reads, and no more. All servers of an exchange are of one deployment.
create table servers.version (
  deployment text primary key,
  number     int not null default 0,
  at         timestamptz not null default now()
);

create table servers.server (
  deployment    text not null references servers.version,
  address       text not null,
  port          int not null,
  generation    int not null,
  name          text not null,
  host          text not null,
  status        int not null,
  proxy_port    int,
  suspect_times text,
  started_at    timestamptz not null,
  alive_at      timestamptz not null,
  primary key (deployment, address, port, generation)
);

-- Which server says that it owns a lane, for people to see: nothing is decided by it.
create table servers.owner (
  lane   int primary key,
  server text not null,
  since  timestamptz not null default now()
);

create table servers.orleansquery (querykey text primary key, querytext text not null);

insert into servers.orleansquery (querykey, querytext) values
('InsertMembershipVersionKey', $sql$
with added as (
  insert into servers.version (deployment) values (@DeploymentId) on conflict do nothing returning 1)
select count(*)::int from added
$sql$),
-- Who changes something says which version of all of it that rests on, and makes the next; who is late changes nothing.
('InsertMembershipKey', $sql$
with later as (
  update servers.version set number = number + 1, at = now()
  where deployment = @DeploymentId and number = @Version
    and not exists (
      select from servers.server
      where deployment = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
  returning deployment),
added as (
  insert into servers.server
    (deployment, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
  select deployment, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
  from later
  returning 1)
select count(*)::int from added
$sql$),
('UpdateMembershipKey', $sql$
with later as (
  update servers.version set number = number + 1, at = now()
  where deployment = @DeploymentId and number = @Version
    and exists (
      select from servers.server
      where deployment = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
  returning deployment),
changed as (
  update servers.server as one set status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
  from later
  where one.deployment = later.deployment and address = @Address and port = @Port and generation = @Generation
  returning 1)
select count(*)::int from changed
$sql$),
('UpdateIAmAlivetimeKey', $sql$
update servers.server set alive_at = @IAmAliveTime
where deployment = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$sql$),
-- The version is told also where there is no such server.
('MembershipReadRowKey', $sql$
select v.deployment as DeploymentId, address as Address, port as Port, generation as Generation, name as SiloName,
  host as HostName, status as Status, proxy_port as ProxyPort, suspect_times as SuspectTimes,
  started_at as StartTime, alive_at as IAmAliveTime, number as Version
from servers.version as v
left join servers.server as one
  on one.deployment = v.deployment and address = @Address and port = @Port and generation = @Generation
where v.deployment = @DeploymentId
$sql$),
('MembershipReadAllKey', $sql$
select v.deployment as DeploymentId, address as Address, port as Port, generation as Generation, name as SiloName,
  host as HostName, status as Status, proxy_port as ProxyPort, suspect_times as SuspectTimes,
  started_at as StartTime, alive_at as IAmAliveTime, number as Version
from servers.version as v
left join servers.server as one on one.deployment = v.deployment
where v.deployment = @DeploymentId
$sql$),
('DeleteMembershipTableEntriesKey', $sql$
with gone as (delete from servers.server where deployment = @DeploymentId)
delete from servers.version where deployment = @DeploymentId
$sql$),
-- Servers that are active (3) stay, however long ago they said so: others decide whether they died.
('CleanupDefunctSiloEntriesKey', $sql$
delete from servers.server where deployment = @DeploymentId and alive_at < @IAmAliveTime and status <> 3
$sql$),
('GatewaysQueryKey', $sql$
select address as Address, proxy_port as ProxyPort, generation as Generation
from servers.server
where deployment = @DeploymentId and status = @Status and proxy_port > 0
$sql$);
