-- The group commit as one function: its statements are planned once a connection, and it is one statement to the client,
-- so that all of a batch is written or nothing.
--
-- The sections are those that `record/record-batch.ts` makes, each a parameter of its own so that it is parsed once, and
-- null when there is nothing in it. Returns null when everything was written, or the positions of the checks that did
-- not hold, or {-1} where the node's number has been taken over, with nothing written.
--
-- Every row but that of a refusal has the node and the number of its batch: what is added up of it comes later, by
-- `add_totals`, and from the rows behind the node's mark where the node is killed in between. Of refusals, which may stand
-- for many attempts, it is added up here.
create or replace function record_batch(
  node_id smallint, holder_id uuid, batch_number bigint, checks json, tokens_ended json, events json,
  rollup_rounds int, rollups json, endpoints json, refusals json
) returns int[] language plpgsql as $function$
declare
  stale int[];
  refusal record;
  attempts_before int;
  rows_left int;
  surplus int;
  summary record;
begin
  -- Who takes a node's number over waits for its commits under way (`node-lease.ts`), and none comes after that.
  perform pg_advisory_xact_lock_shared(7265016, node_id);
  if not exists (select from nodes n where n.id = node_id and n.holder = holder_id) then
    return array[-1];
  end if;

  if checks is not null then
    -- The lock makes a change of the pass wait for this commit, or this commit see the change: nothing is granted after
    -- the change has answered. Ordered, so that two nodes never wait for each other; and whoever ends a token takes the
    -- stronger lock at once, for the same reason. The row that is locked is the newest one, whatever the statement's
    -- snapshot has.
    if tokens_ended is null then
      with held as materialized (
        select p.id, p.version from passes p
          where p.id = any(array(select c.pass_id from json_to_recordset(checks) as c(pass_id uuid)))
          order by p.id for share)
      select array_agg(c.position) into stale
        from json_to_recordset(checks) as c(position int, pass_id uuid, version int)
        left join held h on h.id = c.pass_id and h.version = c.version
        where h.id is null;
    else
      with held as materialized (
        select p.id, p.version from passes p
          where p.id = any(array(select c.pass_id from json_to_recordset(checks) as c(pass_id uuid)))
          order by p.id for no key update)
      select array_agg(c.position) into stale
        from json_to_recordset(checks) as c(position int, pass_id uuid, version int)
        left join held h on h.id = c.pass_id and h.version = c.version
        where h.id is null;
    end if;
    -- A statement of its own, whose snapshot is younger than the locks: who ends a token holds its pass.
    if stale is null then
      select array_agg(c.position) into stale
        from json_to_recordset(checks) as c(position int, token_id uuid)
        join ended_tokens e on e.id = c.token_id;
    end if;
    if stale is not null then
      return stale;
    end if;
  end if;

  if tokens_ended is not null then
    insert into ended_tokens (id, expires_at)
      select distinct on (1) r.id, r.expires_at
      from json_to_recordset(tokens_ended) as r(id uuid, expires_at timestamptz) order by 1, 2 desc
      on conflict do nothing;
  end if;

  insert into activity (
      agent_user_id, started_at, id, project_id, activity_type, endpoint, http_method, status_code, success,
      client_ip, user_agent, completed_at, duration_ms, error_message, metadata, token_epoch, token_expires_at,
      node, batch)
    select e.*, node_id, batch_number from json_to_recordset(events) as e(
      agent_user_id uuid, started_at timestamptz, id uuid, project_id uuid, activity_type text, endpoint text,
      http_method text, status_code smallint, success boolean, client_ip text, user_agent text,
      completed_at timestamptz, duration_ms int, error_message text, metadata jsonb, token_epoch int,
      token_expires_at timestamptz);

  if rollup_rounds > 0 or endpoints is not null then
    perform add_rollups(node_id, rollup_rounds, rollups, endpoints);
  end if;

  if refusals is null then
    return null;
  end if;
  for refusal in
    select * from json_to_recordset(refusals) as f(
      agent_user_id uuid, client_ip text, minute timestamptz, attempts int, rows_per_window int, events json)
    order by f.agent_user_id, f.client_ip, f.minute
  loop
    insert into refusal_windows as w (agent_user_id, client_ip, minute, attempts)
      values (refusal.agent_user_id, refusal.client_ip, refusal.minute, refusal.attempts)
      on conflict (agent_user_id, client_ip, minute) do update set attempts = w.attempts + excluded.attempts
      returning w.attempts - refusal.attempts into attempts_before;
    rows_left := greatest(0, refusal.rows_per_window - attempts_before);
    surplus := refusal.attempts - rows_left;

    insert into activity (
        agent_user_id, started_at, id, project_id, activity_type, endpoint, http_method, status_code, success,
        client_ip, user_agent, completed_at, duration_ms, error_message, metadata)
      select e.* from json_to_recordset(refusal.events) as e(
        agent_user_id uuid, started_at timestamptz, id uuid, project_id uuid, activity_type text, endpoint text,
        http_method text, status_code smallint, success boolean, client_ip text, user_agent text,
        completed_at timestamptz, duration_ms int, error_message text, metadata jsonb)
      limit rows_left;

    if surplus > 0 then
      update activity a
        set metadata = jsonb_set(a.metadata, '{attempts}', to_jsonb((a.metadata->>'attempts')::int + surplus))
        from refusal_windows w
        where w.agent_user_id = refusal.agent_user_id and w.client_ip = refusal.client_ip
          and w.minute = refusal.minute and a.agent_user_id = w.agent_user_id
          and a.started_at = w.summary_started_at and a.id = w.summary_id;
      if not found then
        insert into activity (
            agent_user_id, started_at, id, project_id, activity_type, endpoint, http_method, status_code, success,
            client_ip, user_agent, completed_at, duration_ms, error_message, metadata)
          select e.agent_user_id, e.started_at, e.id, e.project_id, e.activity_type, e.endpoint, e.http_method,
            e.status_code, e.success, e.client_ip, e.user_agent, e.completed_at, e.duration_ms, e.error_message,
            e.metadata || jsonb_build_object('attempts', surplus)
          from json_to_recordset(refusal.events) as e(
            agent_user_id uuid, started_at timestamptz, id uuid, project_id uuid, activity_type text,
            endpoint text, http_method text, status_code smallint, success boolean, client_ip text,
            user_agent text, completed_at timestamptz, duration_ms int, error_message text, metadata jsonb)
          offset rows_left limit 1
          returning id, started_at into summary;
        update refusal_windows w set summary_id = summary.id, summary_started_at = summary.started_at
          where w.agent_user_id = refusal.agent_user_id and w.client_ip = refusal.client_ip
            and w.minute = refusal.minute;
      end if;
    end if;

    delete from refusal_windows w
      where w.agent_user_id = refusal.agent_user_id and w.minute < refusal.minute - interval '5 minutes';
  end loop;

  return null;
end
$function$
