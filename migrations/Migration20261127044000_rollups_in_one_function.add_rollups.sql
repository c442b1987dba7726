-- Adds to the rollups and the endpoints of a node: for `add_totals`, of rows that were committed before, and for
-- `record_batch`, of refusals, which may stand for many attempts and are added up with their rows. Rollups are null where there
-- are no rounds of them, and endpoints where none is new.
create function add_rollups(node_id smallint, rollup_rounds int, rollups json, endpoints json)
returns void language plpgsql as $function$
begin
  -- A statement may touch a row once: buckets of one rollup row beyond its first come in later rounds.
  for round_number in 0 .. rollup_rounds - 1 loop
    insert into activity_rollups as r
        (agent_user_id, hour, node, activity_type, requests, successes, duration_ms, latency)
      select u.agent_user_id, u.hour, node_id, u.activity_type, u.requests, u.successes, u.duration_ms,
        format('[%s:%s]={%s}', u.bucket, u.bucket, u.requests)::int[]
      from json_to_recordset(rollups) as u(
        round int, agent_user_id uuid, hour timestamptz, activity_type text, requests int, successes int,
        duration_ms bigint, bucket int)
      where u.round = round_number
      order by u.agent_user_id, u.hour, u.activity_type
      on conflict (agent_user_id, hour, node, activity_type) do update set
        requests = r.requests + excluded.requests,
        successes = r.successes + excluded.successes,
        duration_ms = r.duration_ms + excluded.duration_ms,
        latency[array_lower(excluded.latency, 1)] =
          coalesce(r.latency[array_lower(excluded.latency, 1)], 0) + excluded.requests;
  end loop;

  if endpoints is not null then
    insert into activity_endpoints (agent_user_id, grain, period_start, activity_type, hash)
      select n.agent_user_id, n.grain, n.period_start, n.activity_type, n.hash
      from json_to_recordset(endpoints) as n(
        agent_user_id uuid, grain text, period_start timestamptz, activity_type text, hash bigint)
      order by 1, 2, 3, 4, 5
      on conflict do nothing;
  end if;
end
$function$
