-- Model usage and budgets. Money is whole micro-dollars everywhere. Only servers read these tables (see 001).

-- One row per model call, written in batches. `id` is the id of the reservation: writing one twice changes nothing.
-- `at` is when the call began; it decides the day and the budget's period that the call belongs to. Kept when the user
-- is deleted, hence no foreign keys.
create table usage_events (
  id uuid primary key,
  user_id uuid not null,
  key_id uuid,
  -- Set in place of a key of the user's own when somebody used what the user shares.
  share_session text,
  provider text not null,
  model text not null,
  operation text not null,
  input_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  audio_input_tokens bigint not null default 0,
  audio_output_tokens bigint not null default 0,
  image_input_tokens bigint not null default 0,
  image_output_tokens bigint not null default 0,
  cost_micros bigint not null check (cost_micros >= 0),
  -- True when the provider's own count never reached us and the reservation stands in its place.
  estimated boolean not null,
  priced_by text not null check (priced_by in ('table', 'override', 'rule', 'free')),
  status integer,
  outcome text not null,
  latency_ms integer,
  first_byte_ms integer,
  request_id text,
  at timestamptz not null,
  written_at timestamptz not null default clock_timestamp()
);
create index usage_events_user on usage_events (user_id, at desc);
create index usage_events_at on usage_events (at desc);

-- Sums per day of the usage time zone, maintained in the transaction that writes the events.
create table usage_daily (
  day date not null,
  user_id uuid not null,
  provider text not null,
  model text not null,
  calls bigint not null default 0,
  failed_calls bigint not null default 0,
  estimated_calls bigint not null default 0,
  input_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cost_micros bigint not null default 0,
  primary key (day, user_id, provider, model)
);
create index usage_daily_user on usage_daily (user_id, day);

-- Without a user it is the team's. `default`: the limit of the settings.
create table budgets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references users (id) on delete cascade,
  period text not null check (period in ('daily', 'weekly', 'monthly')),
  mode text not null default 'default' check (mode in ('default', 'limited', 'unlimited')),
  limit_micros bigint check (limit_micros >= 0),
  warn_percent integer check (warn_percent between 1 and 100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (user_id, period),
  check ((mode = 'limited') = (limit_micros is not null))
);
create trigger budgets_updated_at before update on budgets for each row execute function set_updated_at();

create table budget_raises (
  id uuid primary key default gen_random_uuid(),
  budget uuid not null references budgets (id) on delete cascade,
  amount_micros bigint not null check (amount_micros > 0),
  reason text not null default '',
  created_by uuid,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
create index budget_raises_live on budget_raises (budget, expires_at) where revoked_at is null;

-- What is spent in a period, and what instances hold of it: `leased_micros` is the sum of its leases. Spending within a
-- lease moves from one to the other when the events are written.
create table budget_periods (
  budget uuid not null references budgets (id) on delete cascade,
  period_start timestamptz not null,
  period_end timestamptz not null check (period_end > period_start),
  spent_micros bigint not null default 0 check (spent_micros >= 0),
  leased_micros bigint not null default 0 check (leased_micros >= 0),
  primary key (budget, period_start)
);

-- Processes that hold leases. One that is not renewed in time is dead: its leases come back. `disk`: its open calls are
-- in a journal on its own disk, which is read before its leases come back.
create table usage_instances (
  instance text primary key,
  journal text not null check (journal in ('disk', 'database')),
  expires_at timestamptz not null
);

create table budget_leases (
  budget uuid not null,
  period_start timestamptz not null,
  instance text not null references usage_instances (instance) on delete cascade,
  granted_micros bigint not null default 0 check (granted_micros >= 0),
  primary key (budget, period_start, instance),
  foreign key (budget, period_start) references budget_periods (budget, period_start) on delete cascade
);
create index budget_leases_instance on budget_leases (instance);

-- The journal of instances without a disk: calls that have begun and are not written yet.
create table usage_reservations (
  id uuid primary key,
  instance text not null references usage_instances (instance) on delete cascade,
  call jsonb not null
);
create index usage_reservations_instance on usage_reservations (instance);

-- Limits that are not money. A limit that is null is that of the settings; 0 means none at all.
create table usage_limits (
  user_id uuid primary key references users (id) on delete cascade,
  requests_per_minute integer check (requests_per_minute >= 0),
  tokens_per_minute integer check (tokens_per_minute >= 0),
  parallel_requests integer check (parallel_requests >= 0),
  -- Patterns such as `anthropic/claude-*`; null: those of the role.
  models text[] check (cardinality(models) <= 100),
  updated_at timestamptz not null default now()
);
create trigger usage_limits_updated_at before update on usage_limits for each row execute function set_updated_at();

-- Model allow-lists of a role. A role without a row has those of the settings.
create table role_models (
  role text primary key check (role in ('member', 'admin')),
  models text[] not null check (cardinality(models) <= 100)
);

-- The payload is the user's id, or `*` when it concerns everybody.
create function notify_budget_changed() returns trigger language plpgsql as $$
declare
  changed record;
  owner uuid;
begin
  if tg_op = 'DELETE' then changed := old; else changed := new; end if;
  if tg_table_name = 'budget_raises' then
    select user_id into owner from budgets where id = (to_jsonb(changed) ->> 'budget')::uuid;
  else
    owner := (to_jsonb(changed) ->> 'user_id')::uuid;
  end if;
  perform pg_notify('usage_changed', coalesce(owner::text, '*'));
  return null;
end $$;
create trigger budgets_changed after update or delete on budgets for each row execute function notify_budget_changed();
-- Rows of mode `default` are made by the ledger itself and change nothing.
create trigger budgets_inserted after insert on budgets for each row
  when (new.mode <> 'default' or new.warn_percent is not null) execute function notify_budget_changed();
create trigger budget_raises_changed after insert or update or delete on budget_raises
  for each row execute function notify_budget_changed();
create trigger usage_limits_changed after insert or update or delete on usage_limits
  for each row execute function notify_budget_changed();
create trigger role_models_changed after insert or update or delete on role_models
  for each row execute function notify_budget_changed();

alter table usage_events enable row level security;
alter table usage_daily enable row level security;
alter table budgets enable row level security;
alter table budget_raises enable row level security;
alter table budget_periods enable row level security;
alter table usage_instances enable row level security;
alter table budget_leases enable row level security;
alter table usage_reservations enable row level security;
alter table usage_limits enable row level security;
alter table role_models enable row level security;

-- Grants an instance a piece of what is left of a budget. It gets nothing when less than `least` is left; else what it
-- needs now, with some more ahead while there is much: an eighth of what is left, at most `ahead`. Everybody who changes a
-- period's row or its leases holds the row's lock.
create function lease_budget(
  for_budget uuid, for_start timestamptz, for_instance text, default_limit bigint, at timestamptz,
  least_needed bigint, needed bigint, ahead bigint
) returns table (granted bigint, room bigint, spent bigint, limit_now bigint, raise_ends timestamptz)
language plpgsql as $$
declare
  period budget_periods;
  own budgets;
begin
  select * into own from budgets where id = for_budget;
  select * into period from budget_periods where budget = for_budget and period_start = for_start for update;
  if own.id is null or period.budget is null then
    raise exception 'no such budget or period' using errcode = 'no_data_found';
  end if;
  select coalesce(sum(amount_micros), 0), min(expires_at) into limit_now, raise_ends
    from budget_raises where budget = for_budget and revoked_at is null and expires_at > at;
  limit_now := case own.mode when 'limited' then own.limit_micros + limit_now
    when 'default' then default_limit + limit_now end;
  spent := period.spent_micros;
  -- Nobody limits it (any more): what is asked for.
  room := case when limit_now is null then greatest(needed, 0) else limit_now - spent - period.leased_micros end;
  granted := case when room < least_needed then 0 else least(room, greatest(needed, least(ahead, room / 8))) end;
  if granted > 0 then
    update budget_periods set leased_micros = leased_micros + granted
      where budget = for_budget and period_start = for_start;
    insert into budget_leases as held (budget, period_start, instance, granted_micros)
      values (for_budget, for_start, for_instance, granted)
      on conflict (budget, period_start, instance)
      do update set granted_micros = held.granted_micros + excluded.granted_micros;
  end if;
  return next;
end $$;

-- Takes back up to `amount` of an instance's lease; returns how much that was.
create function return_budget(for_budget uuid, for_start timestamptz, for_instance text, amount bigint) returns bigint
language plpgsql as $$
declare
  returned bigint;
begin
  perform 1 from budget_periods where budget = for_budget and period_start = for_start for update;
  select least(granted_micros, amount) into returned from budget_leases
    where budget = for_budget and period_start = for_start and instance = for_instance;
  if coalesce(returned, 0) <= 0 then return 0; end if;
  update budget_leases set granted_micros = granted_micros - returned
    where budget = for_budget and period_start = for_start and instance = for_instance;
  update budget_periods set leased_micros = leased_micros - returned
    where budget = for_budget and period_start = for_start;
  return returned;
end $$;
