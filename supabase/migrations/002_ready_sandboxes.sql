-- Which engine sandboxes were ever ready, asked before any of them is killed.
create index sandbox_events_ready on sandbox_events (sandbox_id) where to_status = 'ready';

-- Databases that were made in the first hours of 001 lack these.
alter table sandboxes add column if not exists healed_at timestamptz;
create table if not exists rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
alter table rate_limits enable row level security;
